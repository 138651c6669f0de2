/** What whoever writes claims, manifests or scenarios tries on the commands that a person types about growth. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isMap, parseAllDocuments } from 'yaml';
import { kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, clientOf } from '../e2e/claims.ts';
import { eventually, runLarder, startLarder, temporaryFolder } from '../e2e/larder.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const STEERING = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]/;
const TITLE = '\x1b]0;owned\x07\x9b2J\u202e';
/** What ends a line for some readers of YAML only. */
const SMUGGLED = ['\r', '\x85', '\u2028'].map((end) => `${end}---${end}kind: ClusterRoleBinding${end}`);

const manifest = (size: string): string =>
  `kind: PersistentVolumeClaim\nmetadata: {name: data, namespace: default}\nspec: {resources: {requests: {storage: ${size}}}} # ours\n`;

test('words of others steer no terminal, become no manifest, and lead no file out of its folder', async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove));
  const larder = await startLarder(join(folder, 'data'));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  const run = (...words: readonly string[]) => runLarder(words, { KUBECONFIG: larder.kubeconfig });
  await applyClaim(client, {
    name: 'data',
    size: '20Mi',
    annotations: {
      'pvc-chonker.io/enabled': 'true',
      'pvc-chonker.io/cooldown': TITLE,
      'resize.topolvm.io/storage_limit': '1Ti',
      'resize.topolvm.io/threshold': `x${SMUGGLED.join('')}`,
      'resize.topolvm.io/increase': `10%${SMUGGLED.join('')}`,
      'volume-name': 'data',
    },
  });
  await bound(client, 'default', 'data');

  await t.test('explain shows them as they are written in JSON', async () => {
    const said = await eventually('the claim to be explained', async () => {
      const { stdout } = await run('explain', 'pvc/data');
      return stdout.includes('cooldown') ? stdout : undefined;
    });
    assert.doesNotMatch(said, STEERING);
    assert.ok(said.includes('\\u001b]0;owned\\u0007'), said);
  });

  await t.test('import prints the manifests of its claims and no others', async () => {
    const value = { metadata: { annotations: { 'resize.topolvm.io/enabled': 'true' } } };
    await client.patch(kinds.StorageClass, { name: 'larder' }, { kind: 'merge', value });
    const { stdout } = await run('import', 'autoresizer', '--cluster');
    assert.doesNotMatch(stdout, STEERING);
    const documents = parseAllDocuments(stdout).filter(({ contents }) => isMap(contents));
    assert.deepEqual(
      documents.map((document) => document.get('kind')),
      ['PersistentVolumeClaim'],
    );
    assert.equal(
      documents[0]?.getIn(['metadata', 'annotations', 'pvc-chonker.io/increase']),
      `10%${SMUGGLED.join('')}`,
      'what was written stays what it is, for Larder to refuse',
    );
  });

  await t.test(
    'gitops follows no link of a repository, waits for no pipe and writes through no guessed name',
    async () => {
      const [repository, outside] = [join(folder, 'repository'), join(folder, 'outside')];
      for (const each of [repository, outside]) mkdirSync(each);
      writeFileSync(join(repository, 'claim.yaml'), manifest('1Mi'));
      for (const name of ['claim.yaml', 'victim']) writeFileSync(join(outside, name), manifest('1Mi'));
      symlinkSync(join(outside, 'claim.yaml'), join(repository, 'link.yaml'));
      symlinkSync(outside, join(repository, 'folder'));
      symlinkSync(join(outside, 'victim'), join(repository, 'claim.yaml.larder-new'));
      symlinkSync('/dev/zero', join(repository, 'endless.yaml'));
      execFileSync('mkfifo', [join(repository, 'pipe.yaml')]);
      const before = readdirSync(repository);
      const { code, stderr } = await run('gitops', repository, '--write');
      assert.equal(code, 0, stderr);
      assert.equal(readFileSync(join(repository, 'claim.yaml'), 'utf8'), manifest('20Mi'));
      for (const name of ['claim.yaml', 'victim']) {
        assert.equal(readFileSync(join(outside, name), 'utf8'), manifest('1Mi'), name);
      }
      assert.deepEqual(readdirSync(repository), before, 'nothing is left over');
      const endless = await run('gitops', join(repository, 'endless.yaml'));
      assert.equal(endless.code, 2);
      assert.match(endless.stderr, /endless\.yaml is larger than 64 MiB/);
    },
  );
});

test('a file that would multiply, or never end, is refused by name', async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove));
  const file = join(folder, 'bomb.yaml');
  const rows = Array.from(
    { length: 12 },
    (_, index) => `x${index}: &x${index} [${`*x${index - 1}, `.repeat(index && 9)}1]`,
  );
  writeFileSync(file, `${rows.join('\n')}\nclaims: *x11\n`);
  for (const words of [
    ['simulate', file],
    ['import', 'autoresizer', '-f', file],
    ['simulate', '/dev/zero'],
  ]) {
    const { code, stdout, stderr } = await runLarder(words);
    assert.equal(code, 2, `${words.join(' ')}: ${stderr}`);
    assert.equal(stdout, '');
    assert.match(stderr, /bomb\.yaml: .*alias|\/dev\/zero/i);
  }
});
