/** The operator with the roles of nfs-subdir-external-provisioner: it does what they allow, and says what they do not. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { featureNames } from '../../src/operator/features.ts';
import { auditOf } from './audit.ts';
import { applyClaim, bound, clientOf, eventsOf } from './claims.ts';
import { eventually, type RunningOperator, runLarder, startOperator, temporaryFolder } from './larder.ts';
import { PEER_USER, peerAccount } from './peer-role.ts';
import { onReal } from './real.ts';
import { addressOf, planeFor } from './site.ts';

const PROVISIONER = 'k8s-sigs.io/nfs-subdir-external-provisioner';
/** Everything but these two needs more than the peer's roles give. */
const ALLOWED: readonly string[] = ['provisioning', 'events'];

const journeys = () => [
  {
    name: "on a real control plane, with the peer's own roles, claims are provisioned and archived, nothing is asked that is refused, and each feature that is off is said once",
    run: works,
  },
];

for (const { name, run, skip } of await onReal(journeys)) {
  test(name, { skip }, run);
}

async function works(t: TestContext): Promise<void> {
  const plane = await planeFor(t, { audit: true, users: { [PEER_USER]: [] } });
  const client = await clientOf(plane);
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'nfs-client' },
    provisioner: PROVISIONER,
    parameters: { archiveOnDelete: 'true', pathPattern: '${.PVC.namespace}-${.PVC.name}' },
    reclaimPolicy: 'Delete',
    allowVolumeExpansion: true,
  });
  const kubeconfig = await peerAccount(plane, client);
  const folder = temporaryFolder((remove) => t.after(remove));
  const args = ['--kubeconfig', kubeconfig, '--allow-local', '--export', `127.0.0.1:/storage/v=${folder}`];
  const env = { PROVISIONER_NAME: PROVISIONER };

  const refused = await runLarder(['operator', '--port', '0', ...args], env);
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /may not (get|update|create) leases.*--leader-election false.*\(LARDER_PERMISSIONS\)/s);

  const operator = await startOperator([...args, '--leader-election', 'false'], env);
  t.after(() => operator.kill('SIGKILL'));
  const told = operator
    .stderr()
    .split('\n')
    .filter((line) => line.includes('feature is off'));
  const expected = featureNames.filter((name) => !ALLOWED.includes(name));
  assert.deepEqual(
    told.map((line) => JSON.parse(line).feature),
    expected,
  );
  assert.ok(
    operator.lines.includes(`Off  ${expected.join(', ')}: \`larder doctor\` says why`),
    operator.lines.join('\n'),
  );

  await provisionsAndArchives(client, folder);
  await speaks(operator);
  const refusals = (await auditOf(plane, client)).filter(({ user, code }) => user === PEER_USER && code === 403);
  // The first process stands for nothing: it asks what it may do, and asking is not refused.
  assert.deepEqual(refusals, []);
}

async function provisionsAndArchives(client: Client, folder: string): Promise<void> {
  const names = Array.from({ length: 20 }, (_, index) => `claim-${index}`);
  await Promise.all(names.map((name) => applyClaim(client, { name, storageClass: 'nfs-client', size: '1Mi' })));
  for (const name of names) await bound(client, 'default', name);
  const { volume } = await bound(client, 'default', 'claim-0');
  assert.deepEqual(
    volume.metadata.finalizers,
    ['kubernetes.io/pv-protection'],
    'no finalizer that nobody can take off',
  );
  writeFileSync(join(folder, 'default-claim-0', 'letter'), 'dear');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'claim-0' });
  await eventually('the volume to go', async () => {
    const { items } = await client.list(kinds.PersistentVolume);
    return items.some(({ metadata }) => metadata.name === volume.metadata.name) ? undefined : true;
  });
  assert.equal(readFileSync(join(folder, 'archived-default-claim-0', 'letter'), 'utf8'), 'dear');
  assert.equal(existsSync(join(folder, 'default-claim-0')), false);
  assert.equal(readdirSync(folder).filter((name) => name.startsWith('default-')).length, names.length - 1);
  const events = await eventsOf(client, 'default', 'claim-1');
  assert.ok(events.some(({ reason }) => reason === 'ProvisioningSucceeded'));
}

/** The command line says the same as the log, and what cannot be known is not made up. */
async function speaks(operator: RunningOperator): Promise<void> {
  const doctor = await runLarder(['doctor', '-o', 'json'], addressOf(operator));
  const checks: readonly { check: string; level: string }[] = JSON.parse(doctor.stdout);
  const off = checks.filter(({ check }) => check.startsWith('permissions for '));
  assert.deepEqual(
    off.map(({ check, level }) => [check.slice('permissions for '.length), level]),
    featureNames.filter((name) => !ALLOWED.includes(name)).map((name) => [name, 'warning']),
  );
  const explain = await runLarder(['explain', 'default/claim-1'], addressOf(operator));
  assert.equal(explain.code, 1);
  assert.match(explain.stderr, /growth is off: this account may not patch persistentvolumeclaims/);
}
