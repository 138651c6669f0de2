/** `larder import`: the examples of the guides, in and out; and what comes out of a live cluster goes into it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { peers } from '../../src/expand/import/conversion.ts';
import { kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { runLarder, startLarder, temporaryFolder } from './larder.ts';

/** The first two blocks of YAML: what goes in, what comes out. */
function exampleIn(peer: string): { readonly before: string; readonly after: string } {
  const path = resolve(import.meta.dirname, `../../docs/guides/coming-from-${peer}.md`);
  const [before = '', after = ''] = [...readFileSync(path, 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text]) => text,
  );
  return { before, after };
}

for (const peer of peers) {
  test(`${peer}: the example of its guide`, async (t) => {
    const file = join(
      temporaryFolder((remove) => t.after(remove)),
      'before.yaml',
    );
    const { before, after } = exampleIn(peer);
    writeFileSync(file, before);
    const { code, stdout, stderr } = await runLarder(['import', peer, '-f', file]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, after);
    assert.match(stderr, /^1 object, \d differences in meaning; apply them with kubectl apply --server-side -f -\n$/);
    const data = JSON.parse((await runLarder(['import', peer, '-f', file, '-o', 'json'])).stdout);
    const [document] = parseAllDocuments(after).filter((each) => each.toJS() !== null);
    assert.deepEqual(data.manifests, [document?.toJS()]);
  });
}

test('a file without an object is refused, and not taken for one that has nothing to convert', async (t) => {
  const file = join(
    temporaryFolder((remove) => t.after(remove)),
    'wrong.yaml',
  );
  for (const text of ['', 'nonsense', '\u0000\u0001', 'claims: []']) {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await runLarder(['import', 'autoresizer', '-f', file]);
    assert.equal(code, 2, stdout);
    assert.equal(
      stderr,
      `larder: ${file} has no Kubernetes object in it: give manifests, as kubectl get -o yaml prints\n`,
    );
  }
});

test('what a live cluster has is converted, and applied to the claims that are there', async (t) => {
  const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  const run = (line: string) => runLarder(line.split(' '), { KUBECONFIG: larder.kubeconfig });
  const annotations = { 'resize.topolvm.io/storage_limit': '3Gi', 'resize.topolvm.io/threshold': '25%' };
  await applyClaim(client, { name: 'mysql', size: '1Gi', storageClass: 'larder', annotations });
  await bound(client, 'default', 'mysql');
  const enabled = { metadata: { annotations: { 'resize.topolvm.io/enabled': 'true' } } };
  await client.patch(kinds.StorageClass, { name: 'larder' }, { kind: 'merge', value: enabled });

  const { stdout } = await run('import autoresizer --cluster -o json');
  const { manifests } = JSON.parse(stdout);
  assert.equal(manifests.length, 1);
  const patch = { kind: 'apply', value: manifests[0] } as const;
  await client.patch(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'mysql' }, patch);
  const { claim } = await bound(client, 'default', 'mysql');
  assert.equal(claim.metadata.annotations?.['resize.topolvm.io/storage_limit'], '3Gi', 'the way back is open');
  const explained = await run('explain pvc/mysql -n default');
  assert.match(explained.stdout, / threshold +75 % +annotation/);
  assert.match(explained.stdout, /max-size +3Gi +annotation/);

  const none = await run('import gardener --cluster');
  assert.match(none.stderr, /^0 objects/, 'a cluster without its kind has no objects of it');
  assert.match((await run('import autoresizer')).stderr, /say where the settings are: -f FILE, or --cluster/);
  assert.equal((await run('import autoresizer -f /nowhere.yaml')).code, 2);
});
