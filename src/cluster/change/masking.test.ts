import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalText } from '../../ledger/canonical.ts';
import { scanText } from '../../ledger/secret/scan.ts';
import { diffText } from './diff-text.ts';
import type { JsonObject } from './manifest.ts';
import { manifestHash } from './manifest-hash.ts';
import { masked } from './masking.ts';
import { shieldOf } from './secret-shield.ts';

const secret = (data: unknown, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', ...more },
  data,
});
const nothing = (): boolean => false;
const id = { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 's' };

test('values of a Secret say only whether they changed', () => {
  const { before, after } = masked(
    {
      before: secret({ same: 'b25l', changed: 'b25l', gone: 'b25l' }),
      after: secret({ same: 'b25l', changed: 'dHdv', come: 'dHdv' }),
    },
    nothing,
  );
  assert.deepEqual(before?.['data'], { same: '***', changed: '*** (before)', gone: '***' });
  assert.deepEqual(after?.['data'], { same: '***', changed: '*** (after)', come: '***' });
});

test('a Secret in a list, in a template and in last-applied is masked, too', () => {
  const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"a":"kestrel-nest"}}' };
  const inner = secret({ a: 'a2VzdHJlbC1uZXN0' }, { annotations: { ...lastApplied, harmless: 'yes' } });
  const { after } = masked({ after: { kind: 'Thing', spec: { objects: [{ template: inner }] } } }, nothing);
  const text = JSON.stringify(after);
  assert.doesNotMatch(text, /kestrel|a2VzdHJl/);
  assert.match(text, /"harmless":"yes"/);
});

test('what a Secret holds is masked elsewhere, but the name of a user is not', () => {
  const shield = shieldOf([secret({ password: Buffer.from('osprey-nest-7').toString('base64'), user: 'YXBw' })]);
  const config = { kind: 'ConfigMap', data: { url: 'x://app:osprey-nest-7@db/app', name: 'app' } };
  const text = diffText({ ...id, kind: 'ConfigMap' }, { after: config }, shield);
  assert.doesNotMatch(text, /osprey/);
  assert.match(text, /^\+ {2}name: app$/m);
});

test('a password in the environment is masked by its name, whatever its place in the list', () => {
  const env = (...list: readonly object[]): JsonObject => ({ spec: { env: list } });
  const before = env({ name: 'A', value: '1' }, { name: 'DB_PASSWORD', value: 'old-harrier-1' });
  const after = env({ name: 'DB_PASSWORD', value: 'new-harrier-2' }, { name: 'A', value: '1' });
  const text = diffText(id, { before, after }, shieldOf([]));
  assert.doesNotMatch(text, /harrier/);
  assert.match(text, /\*\*\* \(before\)/);
  assert.match(text, /\*\*\* \(after\)/);
});

const word = fc.stringMatching(/^[A-Za-z0-9]{12,24}$/);

test('for every Secret: no value of either side is in the diff, and a change of one always shows', () => {
  const map = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), word, { maxKeys: 4 });
  fc.assert(
    fc.property(map, map, fc.boolean(), (one, other, plain) => {
      const sides = (values: Readonly<Record<string, string>>): JsonObject => {
        const encoded = Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
        return plain ? { ...secret({}), stringData: values } : secret(Object.fromEntries(encoded));
      };
      const [before, after] = [sides(one), sides(other)];
      const text = diffText(id, { before, after }, shieldOf([before, after]));
      for (const value of [...Object.values(one), ...Object.values(other)]) {
        assert.ok(!text.includes(value) && !text.includes(Buffer.from(value).toString('base64')), text);
      }
      assert.equal(text === '', JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      assert.deepEqual(scanText('change.diff', text), [], 'the ledger takes it');
    }),
  );
});

const sorted = (values: Readonly<Record<string, string>>): unknown => Object.entries(values).toSorted();

const config = (data: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c' },
  data,
});
const plainSecret = (fields: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'warehouse' },
  ...fields,
});

test('a value where a map belongs is not in what the API server says of it', () => {
  for (const fields of [
    { data: 'BareHeron33xyz' },
    { stringData: ['BareHeron33xyz'] },
    { stringData: { a: { b: 'BareHeron33xyz' } } },
    { data: { a: 'BareHeron33xyz' } },
  ]) {
    const shield = shieldOf([plainSecret(fields)]);
    const told = shield.mask('.data: expected map, got &value.valueUnstructured{Value:"BareHeron33xyz"}');
    assert.equal(told, '.data: expected map, got &value.valueUnstructured{Value:"***"}');
  }
  const number = shieldOf([plainSecret({ stringData: { pin: 8_412_907_731 } })]);
  assert.equal(number.mask('got 8412907731'), 'got ***');
});

test('a field of a Secret that is spelt wrongly is masked, what a Secret says of itself is not', () => {
  const object = plainSecret({ stringdata: { a: 'tern' }, Data: 'wren', type: 'Opaque', immutable: true });
  const { after } = masked({ after: object }, nothing);
  assert.deepEqual(after, { ...object, stringdata: { a: '***' }, Data: '***' });
  const { before, after: changed } = masked({ before: object, after: { ...object, Data: 'lark' } }, nothing);
  assert.deepEqual([before?.['Data'], changed?.['Data']], ['*** (before)', '*** (after)']);
});

test('a reference to a Secret is shown', () => {
  const reference = { apiVersion: 'v1', kind: 'Secret', name: 'db-credentials', key: 'password' };
  const object = { kind: 'Thing', spec: { from: reference } };
  assert.deepEqual(masked({ after: object }, shieldOf([object]).givesAway).after, object);
});

test('a value under a neutral key is masked wherever it stands', () => {
  const encoded = Buffer.from('kingfisher').toString('base64');
  const shield = shieldOf([
    plainSecret({ stringData: { t: 'TypoLeak47', 'my.key': 'correct horse battery staple' }, data: { x: encoded } }),
    { kind: 'Thing', spec: { template: plainSecret({ stringdata: { y: 'nightjar' } }) } },
  ]);
  const leaks = ['TypoLeak47', 'correct horse battery staple', 'kingfisher', 'nightjar', encoded];
  for (const leak of leaks) {
    const env = { spec: { env: [{ name: 'MODE', value: leak }] }, metadata: { annotations: { note: `is ${leak}` } } };
    const text = diffText(id, { before: config({ a: 'b' }), after: { ...config({ a: `x ${leak}` }), ...env } }, shield);
    assert.ok(!text.includes(leak), text);
    assert.equal(shield.mask(`Invalid value: "${leak}": no`), 'Invalid value: "***": no');
    assert.ok(!shield.mask(Buffer.from(`a=${leak};b`).toString('base64')).includes(leak));
  }
});

test('names of users, databases, hosts, objects and images stay readable elsewhere', () => {
  const values = {
    POSTGRES_USER: 'storekeeper',
    tier: 'inventory-main',
    dbName: 'inventory',
    host: 'postgres.warehouse.svc',
    space: 'warehouse',
    app: 'frontend',
    picture: 'shop/frontend:1.27',
    what: 'ConfigMap',
  };
  const pod = {
    kind: 'Pod',
    metadata: { name: 'frontend' },
    spec: { containers: [{ name: 'a', image: 'shop/frontend:1.27' }] },
  };
  const shield = shieldOf([plainSecret({ stringData: values }), pod, config({ a: 'b' })]);
  const { tier: masks, ...stay } = values;
  for (const value of Object.values(stay)) assert.equal(shield.mask(`it is ${value}`), `it is ${value}`);
  assert.equal(shield.mask(`it is ${masks}`), 'it is ***');
  const odd = shieldOf([plainSecret({ stringData: { user: 'sparrow hawk 7!', password: 'frontend' } }), pod]);
  assert.equal(odd.mask('sparrow hawk 7!, frontend'), '***, ***');
});

test('no value of a Secret enters the hash of manifests as it is, also not from a wrong place', () => {
  const ofObject = (object: JsonObject): string =>
    manifestHash(
      [{ apiVersion: 'v1', kind: 'Secret', namespace: 'warehouse', name: 's', object, from: 'a.yaml:1' }],
      'x',
    );
  for (const fields of [
    { data: 'tern' },
    { stringdata: { a: 'tern' } },
    { stringData: { a: ['tern'] } },
    { Data: 1234 },
  ]) {
    const object = plainSecret(fields);
    const plain = createHash('sha256').update(
      canonicalText(JSON.parse(JSON.stringify({ namespace: 'x', objects: [object] }))),
    );
    assert.notEqual(ofObject(object), plain.digest('hex'));
    const other = JSON.parse(JSON.stringify(object).replace('tern', 'wren').replace('1234', '1235'));
    assert.notEqual(ofObject(object), ofObject(other));
  }
});
