/** The journeys of changes on a real control plane, and real `kubectl diff --server-side` as the oracle of our own. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { missingControlPlane, startControlPlane } from '../tools/control-plane.ts';
import { createKubectl, findKubectl } from '../tools/kubectl.ts';
import { changeJourneys } from './change.ts';
import { configMap, deployment, makeSpace } from './change-world.ts';
import { temporaryFolder } from './larder.ts';
import { operatorsFor, succeed } from './operators.ts';

const found = await findKubectl();
const missing = (await missingControlPlane()) ?? (found.kind === 'unavailable' ? found.reason : undefined);
const skip = missing ?? false;
const plane = missing === undefined ? await startControlPlane() : undefined;
after(() => plane?.close());
const reached = { kubeconfig: plane?.kubeconfig ?? '' };

for (const [index, { name, run }] of changeJourneys.entries()) {
  test(`${name}, on a real control plane`, { skip }, async (t) =>
    run(await operatorsFor(t, reached), `change-${index}`),
  );
}

/**
 * Lines that one side has and the other has not, without what only one of the two programs shows: kubectl the bookkeeping of
 * the server, and a `null` where a Secret is not there yet. Which quotes a text gets is a matter of taste.
 */
function changed(diff: string): readonly string[] {
  return diff
    .split('\n')
    .filter((line) => /^[+-](?![+-]{2} )/.test(line))
    .filter((line) => !/^[+-]\s+(?:generation|resourceVersion|uid|creationTimestamp): /.test(line))
    .filter((line) => line !== '-null')
    .map((line) => line.replaceAll(/['"]/g, ''));
}

test('the diff has the lines of kubectl diff --server-side, and its exit code', { skip }, async (t) => {
  const operators = await operatorsFor(t, reached);
  const { larder, write, client, root } = operators;
  const home = temporaryFolder((remove) => t.after(remove));
  const kubectl = createKubectl({
    path: found.kind === 'ready' ? found.path : '',
    kubeconfig: reached.kubeconfig,
    home,
  });
  const flags = ['--server-side', '--field-manager=larder-change', '-R', '-f', `${root}/cluster`];
  await makeSpace(client, 'oracle');
  const secret = (password: string): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db', namespace: 'oracle' },
    data: { password: Buffer.from(password).toString('base64'), user: 'YXBw' },
  });
  const text = 'first: 1\nlast: "yes"\n\n# a comment: with a colon\n';
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'oracle' },
    spec: { ports: [{ port: 80, targetPort: 'http' }], selector: { app: 'web' } },
  };
  write('cluster/deep/er/map.yaml', configMap('settings', 'oracle', { text, empty: '', number: '012', yes: 'yes' }));
  write('cluster/web.yaml', [deployment('web', 'oracle'), service, secret('one-password')]);
  await succeed(larder('change', 'new', 'oracle', '--manifests', 'cluster', '--runbook', 'docs/runbooks/web.md'));

  const compare = async (what: string, code: number): Promise<void> => {
    const theirs = await kubectl(['diff', ...flags]);
    const ours = await larder('change', 'diff', 'oracle');
    assert.deepEqual([ours.code, theirs.code], [code, code], `${what}: ${ours.stderr}${theirs.stderr}`);
    assert.deepEqual(changed(ours.stdout).toSorted(), changed(theirs.stdout).toSorted(), what);
  };
  await compare('nothing is there yet', 1);
  await succeed(larder('change', 'apply', 'oracle', '--yes'));
  await compare('everything is as it should be', 0);
  write('cluster/deep/er/map.yaml', configMap('settings', 'oracle', { text: text.replace('1', '2'), number: '13' }));
  write('cluster/web.yaml', [deployment('web', 'oracle', { image: 'web:2' }), service, secret('another-password')]);
  await compare('values change and go', 1);
  write('cluster/web.yaml', [deployment('web', 'oracle', { label: 'other' }), service, secret('one-password')]);
  const theirs = await kubectl(['diff', ...flags]);
  const ours = await larder('change', 'diff', 'oracle');
  assert.equal(ours.code, 2);
  assert.ok(Number(theirs.code) !== 0, 'kubectl does not call it clean either');
  assert.match(ours.stderr, /Deployment oracle\/web: unknown: .*selector/);
});
