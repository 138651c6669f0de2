import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { wrapDataKey } from './age-identity.ts';
import { readScope, type Scope } from './scope.ts';
import { closeSops, type OpenedFile, openSops } from './sops-file.ts';
import { readTree, treeText } from './sops-tree.ts';
import { otherIdentity, testIdentity } from './test-identity.fixture.ts';

const mine = [{ ...testIdentity, from: 'the test' }];
const fixture = (name: string): string => readFileSync(`test/fixtures/secrets/${name}`, 'utf8');

async function opened(file: string, text: string): Promise<OpenedFile> {
  const result = await openSops(file, text, mine);
  return result.kind === 'opened' ? result : assert.fail(result.message);
}

async function refusal(text: string, file = 'a.sops.yaml'): Promise<string> {
  const result = await openSops(file, text, mine);
  return result.kind === 'refused' ? `${result.code}: ${result.message}` : assert.fail('it was opened');
}

async function encrypted(text: string, scope: Scope = {}, file = 'a.sops.yaml'): Promise<string> {
  const read = readTree(text, file.endsWith('.json') ? 'json' : 'yaml');
  if (read.kind === 'invalid') assert.fail(read.why);
  const dataKey = randomBytes(32);
  const wrapped = await wrapDataKey(dataKey, [testIdentity.recipient]);
  const covering = readScope(scope);
  if (wrapped.kind === 'refused' || covering.kind === 'invalid') assert.fail();
  const { covers } = covering;
  const closed = closeSops(file, { tree: read.tree, dataKey, entries: wrapped.entries, scope, covers, now: 0 });
  return closed.kind === 'closed' ? treeText(closed.tree) : assert.fail(closed.message);
}

/** As an editor of text would do it. */
function swapped(text: string, one: string, other: string): string {
  const sealedOf = (key: string): string => new RegExp(`^${key}: (ENC\\S+)`, 'm').exec(text)?.[1] ?? assert.fail(key);
  const [first, second] = [sealedOf(one), sealedOf(other)];
  return text.replace(first, '\0').replace(second, first).replace('\0', second);
}

test('what sops wrote is opened, with every type, comment and empty value', async () => {
  const { tree, values } = await opened('values.sops.yaml', fixture('values.sops.yaml'));
  assert.equal(
    treeText(tree),
    `# a comment at the top
token: a token of nobody # beside it
plain_unencrypted: seen by all
port: 42
ratio: 1.5
huge: 1000000000000000000000.0
on_since: 2026-01-02T00:00:00Z
is_on: true
nothing: null
empty: ""
looks_like_a_number: "0777"
lines: |
    first
    second
nested:
    # in it
    list:
        # the first
        - one
        - 2
        - key: value
    # the last
`,
  );
  assert.equal(values.find(({ place }) => place === '/nested/list[2]/key')?.text, 'value');
  assert.equal(values.find(({ place }) => place === '/plain_unencrypted')?.isSecret, false);
});

test('a manifest of which only the data is encrypted, summed up over that alone', async () => {
  const { tree } = await opened('secret.sops.yaml', fixture('secret.sops.yaml'));
  assert.match(
    treeText(tree),
    /name: database # not a secret[\s\S]*# nor is this told\n {4}password: a password of nobody/,
  );
});

test('JSON keeps its order, its large numbers and its form', async () => {
  const { tree } = await opened('values.sops.json', fixture('values.sops.json'));
  assert.equal(
    treeText(tree),
    '{\n\t"token": "a token of nobody",\n\t"1": [\n\t\ttrue,\n\t\tnull,\n\t\t12345678901234567,\n\t\t{\n\t\t\t"a": "x\\ny"\n\t\t}\n\t]\n}\n',
  );
  const again = await encrypted(treeText(tree), {}, 'a.sops.json');
  assert.equal(treeText((await opened('a.sops.json', again)).tree), treeText(tree));
});

test('a file that is closed again without a change differs in its time and sum alone', async () => {
  const text = fixture('values.sops.yaml');
  const file = await opened('values.sops.yaml', text);
  const { tree, dataKey, metadata, sealed, stamp } = file;
  const { entries, scope, covers } = metadata;
  const closed = closeSops('a', { tree, dataKey, entries, scope, covers, sealed, stamp, now: 0 });
  if (closed.kind === 'refused') assert.fail(closed.message);
  const values = (each: string): readonly string[] =>
    [...each.matchAll(/^ *(?:- |\w+: )+(ENC\[.*?type:(?!comment)\w+\])/gm)].map(([, value = '']) => value).slice(0, -1);
  assert.ok(values(text).length >= 10);
  assert.deepEqual(values(treeText(closed.tree)), values(text));
});

test('anything that can be written is read again as it was, and no value of it is seen', async () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('yes', '42', '~', '# no', ' a ', 'a: b', '- x', '\u2028', 'two\nlines\n', '\ttab', 'ENC[x]'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const key = fc
    .stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
    .filter((each) => !['sops', 'y', 'n', 'null', 'true', 'false'].includes(each));
  const { tree } = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, leaf, tie('list'), tie('map')),
    list: fc.array(tie('node'), { maxLength: 3 }),
    map: fc.dictionary(key, tie('node'), { maxKeys: 3, noNullPrototype: true }),
    tree: fc.dictionary(key, tie('node'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  }));
  const check = fc.asyncProperty(tree, async (value) => {
    const plain = stringify({ marker: 'a-value-nobody-sees', rest: value }, { version: '1.1' });
    const text = await encrypted(plain);
    assert.ok(!text.includes('a-value-nobody-sees'));
    const first = await opened('a.sops.yaml', text);
    const again = await opened('a.sops.yaml', await encrypted(treeText(first.tree)));
    assert.deepEqual(again.values, first.values);
    const texts = (each: unknown): readonly string[] =>
      typeof each === 'string' ? [each] : each && typeof each === 'object' ? Object.values(each).flatMap(texts) : [];
    assert.deepEqual(
      first.values.filter(({ type, place }) => type === 'str' && place !== '/marker').map(({ text: each }) => each),
      texts(value),
    );
  });
  await fc.assert(check, { numRuns: 60 });
});

test('what was changed by hand is not used: each way has its own words', async (t) => {
  const text = await encrypted('one: first\ntwo: second\nlist: [a, b]\nflag: true\nopen_unencrypted: seen\n');
  await t.test('a value that was changed', async () => {
    const value = /^one: ENC\[AES256_GCM,data:(.)/m.exec(text)?.[1] ?? '';
    const said = await refusal(
      text.replace(`one: ENC[AES256_GCM,data:${value}`, `one: ENC[AES256_GCM,data:${value === 'A' ? 'B' : 'A'}`),
    );
    assert.match(said, /^LARDER_SECRET_EDITED: a\.sops\.yaml .*\/one was changed/);
  });
  await t.test('two values that changed places', async () => {
    assert.match(await refusal(swapped(text, 'one', 'two')), /^LARDER_SECRET_EDITED: .*\/one was changed.*\/two was/);
  });
  await t.test('a value in plain text, which is not repeated', async () => {
    const said = await refusal(text.replace(/^two: .*$/m, 'two: hunter2-in-plain'));
    assert.match(said, /^LARDER_SECRET_EDITED: .*\/two stands there in plain text/);
    assert.ok(!said.includes('hunter2'));
  });
  await t.test('a value that was taken away, doubled or put in another order', async () => {
    for (const each of [
      text.replace(/^two: .*\n/m, ''),
      text.replace('open_unencrypted: seen', 'open_unencrypted: other'),
      text.replace(/^(list: \[ )(\S+), (\S+)( \])/m, '$1$3, $2$4'),
      text.replace(/lastmodified: "1970-01-01T00:00:00Z"/, 'lastmodified: "1970-01-01T00:00:01Z"'),
    ]) {
      assert.notEqual(each, text);
      assert.match(await refusal(each), /^LARDER_SECRET_MAC: a\.sops\.yaml was changed by hand/);
    }
  });
});

test('what cannot be opened says why, and what to do', async () => {
  const text = await encrypted('a: b\n');
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['a: b\n', /^LARDER_SECRET_NOT_ENCRYPTED: a\.sops\.yaml is not encrypted/],
    [
      text.replace(/^ {4}age:\n[\s\S]*?(?= {4}lastmodified)/m, '    pgp:\n        - {fp: A, enc: B}\n'),
      /^LARDER_SECRET_OTHER_KEYS: .* pgp only/,
    ],
    [text.replace('lastmodified', 'key_groups: [{}]\n    lastmodified'), /^LARDER_SECRET_FORMAT: .*key_groups/],
    [
      text.replace('unencrypted_suffix: _unencrypted', "encrypted_regex: '[[:alpha:]]'"),
      /^LARDER_SECRET_FORMAT: .*\[\[:alpha:\]\]/,
    ],
    ['a: &x b\nc: *x\nsops: {}\n', /^LARDER_SECRET_FORMAT: .*anchor/],
    ['a: b\na: c\n', /^LARDER_SECRET_FORMAT: /],
    ['a: b\n---\nc: d\n', /^LARDER_SECRET_FORMAT: .*document/],
    ['- a\n', /^LARDER_SECRET_FORMAT: /],
    ['a: !!binary x\n', /^LARDER_SECRET_FORMAT: .*tags/],
  ];
  for (const [each, expected] of wrong) assert.match(await refusal(each), expected);
  const foreign = await openSops('a.sops.yaml', text, [{ ...otherIdentity, from: 'x' }]);
  assert.match(
    foreign.kind === 'refused' ? `${foreign.code} ${foreign.message}` : '',
    /^LARDER_SECRET_NOT_RECIPIENT .*age1.*Somebody who can read it must add yours/,
  );
});

test('a mistake in a file does not show the lines around it', async () => {
  assert.ok(!(await refusal('token: hunter2\n  bad: [\n')).includes('hunter2'));
});
