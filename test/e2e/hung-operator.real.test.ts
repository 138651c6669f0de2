/** The whole operator on a mount that hangs and heals. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, eventsOf } from './claims.ts';
import { mountOf } from './fuse.ts';
import { eventually, runLarder, startOperator } from './larder.ts';
import { onReal } from './real.ts';
import { addressOf, embedded, figuresOf, type Journey, type Place } from './site.ts';

const CLAIMS = 20;

const hang = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name}, claims wait for an export that hangs, with its name in their event, and get their volumes when it heals`,
    run: (t) => waits(t, place),
  },
];

async function waits(t: TestContext, place: Place): Promise<void> {
  const mount = await mountOf(t);
  if (typeof mount === 'string') return t.skip(mount);
  const { client, kubeconfig } = await place.cluster(t);
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'hung' },
    provisioner: 'example.com/dirs',
    parameters: { pathPattern: 'x-${.PVC.name}' },
  });
  const operator = await startOperator([
    ...['--kubeconfig', kubeconfig, '--export', `nas:/v=${mount.root}`, '--allow-local'],
    ...['--provisioner-name', 'example.com/dirs'],
  ]);
  t.after(() => operator.kill('SIGKILL'));
  const figure = figuresOf(operator);
  await applyClaim(client, { name: 'before', storageClass: 'hung', size: '1Mi' });
  await bound(client, 'default', 'before');

  mount.daemon.kill('SIGSTOP');
  const names = Array.from({ length: CLAIMS }, (_, index) => `during-${index}`);
  for (const name of names) await applyClaim(client, { name, storageClass: 'hung', size: '1Mi' });
  for (const name of names) {
    const [event] = await eventually(`the event of ${name}`, async () => {
      const found = await eventsOf(client, 'default', name);
      const failures = found.filter(({ reason }) => reason === 'ProvisioningFailed');
      return failures.length > 0 ? failures : undefined;
    });
    assert.match(event?.message ?? '', /nas:\/v/);
  }
  assert.equal((await fetch(new URL('/healthz', operator.console))).status, 200);
  assert.equal(await figure(/^larder_leader (\d)$/m), 1, 'a hung export must not cost the lease');
  const doctor = await runLarder(['doctor'], addressOf(operator));
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /^error {4}export nas:\/v: did not answer within 5s$/m);

  mount.daemon.kill('SIGCONT');
  for (const name of names) await bound(client, 'default', name);
  const { items } = await client.list(kinds.PersistentVolume);
  assert.equal(items.length, 1 + CLAIMS);
  const directories = readdirSync(mount.source).filter((name) => name !== '.larder');
  assert.deepEqual(directories.sort(), ['before', ...names].map((name) => `x-${name}`).sort());
}

for (const { name, run } of hang(embedded)) {
  test(name, run);
}
for (const { name, run, skip } of await onReal(hang)) {
  test(name, { skip }, run);
}
