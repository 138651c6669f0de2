/** A running expander on an API in memory that is held back: by limits, budgets, snapshots, drivers and other writers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { MINUTE, NOW } from '../decide.fixture.ts';
import { answer, KEY, makeClaim, setStatus, startWorld, type World } from '../world.fixture.ts';
import { guardKinds } from './guard-kinds.ts';

const HOUR = 60 * MINUTE;
const requestOf = async (world: World, name = 'data'): Promise<string | undefined> =>
  (await world.claim(name)).spec.resources.requests['storage'];
const patchesOf = (world: World): number => world.writes.filter((write) => write.startsWith('PATCH')).length;
const verdictOf = (world: World, key = KEY) => world.expander.decision(key)?.verdict;
const annotate = (world: World, annotations: Readonly<Record<string, string>>, name = 'data') =>
  world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name },
    { kind: 'merge', value: { metadata: { annotations } } },
  );

test('a LimitRange is not run into: the last step that it takes, then one event and no refused write', async (t) => {
  const world = await startWorld(t);
  await world.client.create(guardKinds.LimitRange, {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { namespace: 'default', name: 'small' },
    spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '12Gi' } }] },
  });
  await makeClaim(world, { annotations: { increase: '5Gi', cooldown: '0' } });
  world.used.set(KEY, 0.9);
  await world.pass(2);
  assert.equal(await requestOf(world), '12Gi');
  await world.grant();
  await world.pass(4);
  assert.deepEqual(verdictOf(world), {
    kind: 'Blocked',
    gate: 'limit-range',
    reason: 'LimitRange small, max: no room for one more step',
  });
  assert.equal(patchesOf(world), 1);
  assert.match((await world.events()).at(-1) ?? '', /^MaxSizeReached LimitRange small, max/);
});

test('what is left of a budget is spent once, a restart knows what was spent, and explain when it is free', async (t) => {
  const configuration = { flags: { bytesPerNamespaceDay: '1Gi', watchInterval: '10m' } };
  const world = await startWorld(t, { configuration });
  await makeClaim(world);
  await makeClaim(world, { name: 'other' });
  world.used.set(KEY, 0.98).set('default/other', 0.98);
  await world.pass(2);
  assert.equal(patchesOf(world), 1, 'both want to grow, and there is room for one');
  const [grown, waiting] = (await requestOf(world)) === '11Gi' ? ['data', 'other'] : ['other', 'data'];
  await world.grant(grown);
  assert.match((await world.events(waiting)).join(), /^BudgetExceeded the namespace grew by 1Gi of 1Gi within 24 h/);
  world.used.set(`default/${grown}`, 0.5);
  await world.stop();
  const again = await world.another({ configuration });
  await again.pass(3);
  assert.equal(patchesOf(again), 0);
  assert.equal(again.expander.decision(`default/${waiting}`)?.verdict.kind, 'Blocked');
  const explained = await again.expander.explain(`default/${waiting}`);
  const at = explained?.decision.next.at ?? 0;
  const sinceMs = world.clock.now() - NOW;
  assert.ok(at > NOW + 24 * HOUR && at <= NOW + 24 * HOUR + sinceMs, 'a day after it was spent');
});

test('a claim grows after its snapshot, and a snapshot that is asked for is waited for', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { 'snapshot-above': '20%', increase: '50%' } });
  world.used.set(KEY, 0.9);
  await world.pass(3);
  assert.match((await world.events()).join(), /SnapshotRequired .* but the cluster has no VolumeSnapshot/);
  await defineSnapshots(world);
  await world.clock.advance(2 * MINUTE); // an absent kind is looked for again
  const snapshots = guardKinds.VolumeSnapshot;
  await world.client.create(snapshots, {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { namespace: 'default', name: 'nightly' },
    spec: { source: { persistentVolumeClaimName: 'data' } },
  });
  await world.pass(2);
  assert.equal(verdictOf(world)?.kind, 'Blocked');
  const explained = await world.expander.explain(KEY);
  const gates = explained?.decision.gates.filter(({ name }) => name === 'snapshot' || name === 'backup');
  assert.deepEqual(
    gates?.map(({ outcome }) => outcome),
    ['fail', 'fail'],
    'there is one, and it is not ready',
  );
  const status = { readyToUse: true, creationTime: new Date(world.clock.now()).toISOString().replace(/\.\d+/, '') };
  const nightly = { namespace: 'default', name: 'nightly' };
  await world.client.patch(snapshots, nightly, { kind: 'merge', value: { status } });
  await world.pass(2);
  assert.equal(await requestOf(world), '15Gi');
});

async function defineSnapshots({ client, clock }: World): Promise<void> {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: 'volumesnapshots.snapshot.storage.k8s.io',
      annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in of a test' },
    },
    spec: {
      group: 'snapshot.storage.k8s.io',
      scope: 'Namespaced',
      names: {
        plural: 'volumesnapshots',
        singular: 'volumesnapshot',
        kind: 'VolumeSnapshot',
        listKind: 'VolumeSnapshotList',
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const headers = { 'content-type': 'application/json' };
  const response = await client.request({ method: 'POST', path, headers, body: JSON.stringify(definition) });
  assert.equal(response.status, 201, await response.text());
  await clock.advance(0);
}

test('beyond a size a person must approve, and approval lets it grow that far', async (t) => {
  const world = await startWorld(t, { configuration: { flags: { approvalAbove: '10Gi' } } });
  await makeClaim(world, { annotations: { increase: '5Gi' } });
  world.used.set(KEY, 0.9);
  await world.pass(3);
  assert.deepEqual(await world.events(), [
    'ApprovalRequired 15Gi must be approved: set annotation larder.dev/approved-up-to: "15Gi"',
  ]);
  await annotate(world, { 'larder.dev/approved-up-to': '13Gi' });
  await world.pass(2);
  assert.equal(await requestOf(world), '13Gi');
});

test('a driver that fails for several claims is left alone, also after a restart, and probed with one claim', async (t) => {
  const configuration = { flags: { breakerFailures: '2', breakerProbe: '3m' } };
  const world = await startWorld(t, { configuration });
  for (const name of ['data', 'b']) {
    await makeClaim(world, { name });
    world.used.set(`default/${name}`, 0.98);
  }
  await world.pass(2);
  assert.equal(patchesOf(world), 2);
  const error = { type: 'ControllerResizeError', status: 'True', message: 'no answer from the array' };
  for (const name of ['data', 'b']) await setStatus(world.client, name, { conditions: [error] });
  await makeClaim(world, { name: 'c' });
  await makeClaim(world, { name: 'd' });
  world.used.set('default/c', 0.98).set('default/d', 0.98);
  await world.clock.advance(5_000);
  const before = patchesOf(world);
  await world.stop();
  const again = await world.another({ configuration });
  await again.pass();
  assert.equal(patchesOf(again), 0);
  assert.equal(before, 2);
  assert.match((await again.events('c')).join(), /^DriverFailing driver topolvm\.io failed several times in a row/);
  assert.match(await again.metrics(), /pvc_chonker_circuit_state\{driver="topolvm\.io"\} 2\n/);
  await again.pass(3);
  assert.equal(patchesOf(again), 1, 'one claim tries');
  assert.match(await again.metrics(), /pvc_chonker_circuit_state\{driver="topolvm\.io"\} 1\n/);
  const probe = (await requestOf(again, 'c')) === '11Gi' ? 'c' : 'd';
  await again.grant(probe);
  await again.pass(2);
  assert.equal(patchesOf(again), 2, 'it works again');
  assert.match(await again.metrics(), /pvc_chonker_circuit_state\{driver="topolvm\.io"\} 0\n/);
});

/** The claim has asked for 20Gi, and the driver calls that impossible. */
async function refused(world: World): Promise<void> {
  await makeClaim(world, { annotations: { increase: '10Gi', cooldown: '0' } });
  world.used.set(KEY, 0.9);
  await world.pass(2);
  assert.equal(await requestOf(world), '20Gi');
  await infeasible(world, '20Gi');
}
const infeasible = (world: World, allocated: string): Promise<void> =>
  setStatus(world.client, 'data', {
    allocatedResources: { storage: allocated },
    allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
    conditions: [{ type: 'ControllerResizeError', status: 'True', message: 'the pool has 13Gi' }],
  });

test('what the driver calls impossible is halved until it works, and nothing is lowered twice for one answer', async (t) => {
  const world = await startWorld(t);
  await refused(world);
  await world.pass(3);
  assert.equal(await requestOf(world), '15Gi');
  assert.equal(verdictOf(world)?.kind, 'Stuck', 'the answer is still of the larger size');
  await infeasible(world, '15Gi');
  await world.pass(2);
  assert.equal(await requestOf(world), '12Gi');
  assert.equal(patchesOf(world), 3);
  await setStatus(world.client, 'data', {
    capacity: { storage: '12Gi' },
    allocatedResourceStatuses: null,
    conditions: null,
  });
  world.used.set(KEY, 0.5);
  await world.pass(3);
  assert.equal(verdictOf(world)?.kind, 'Hold');
  assert.equal(patchesOf(world), 3);
  const events = await world.events();
  assert.deepEqual(
    events.map((event) => event.split(' ')[0]),
    ['ExpansionRequested', 'ExpansionInfeasible', 'ExpansionInfeasible', 'ExpansionInfeasible', 'ExpansionRecovered'],
  );
  assert.match(events[1] ?? '', /the pool has 13Gi/);
  assert.match(
    events[2] ?? '',
    /lowered the request from 20Gi to 15Gi, because the driver calls the larger one impossible$/,
  );
  const history = JSON.parse((await world.claim()).metadata.annotations?.['pvc-chonker.io/history'] ?? '[]');
  assert.deepEqual(
    history.map(({ by }: { by: string }) => by),
    ['storage', 'recovery', 'recovery'],
  );
});

test('a request that a person also wrote is not lowered, and who it was is said', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { increase: '10Gi' } });
  world.used.set(KEY, 0.9);
  await world.pass(2);
  const value = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'default', name: 'data' },
    spec: { resources: { requests: { storage: '20Gi' } } },
  };
  const options = { fieldManager: 'ada', force: true };
  await world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name: 'data' },
    { kind: 'apply', value },
    options,
  );
  await infeasible(world, '20Gi');
  await world.pass(4);
  assert.equal(await requestOf(world), '20Gi');
  assert.equal(patchesOf(world), 1);
  assert.match(
    (await world.events()).at(-1) ?? '',
    /^ForeignWriter ada asked for 20Gi too, so Larder does not lower it$/,
  );
  const explained = await world.expander.explain(KEY);
  assert.match(explained?.decision.next.action ?? '', /^waits for you: ada asked for 20Gi too.*above 10Gi$/);
});

test('before Kubernetes 1.34 nothing is lowered, and explain says what to do instead', async (t) => {
  const world = await startWorld(t);
  world.intercept = async ({ path }) => {
    if (path !== '/version') return undefined;
    const old = answer(200, '', '');
    return { ...old, text: async () => JSON.stringify({ major: '1', minor: '33+' }) };
  };
  await refused(world);
  await world.pass(3);
  assert.equal(await requestOf(world), '20Gi');
  const explained = await world.expander.explain(KEY);
  assert.match(explained?.decision.next.action ?? '', /before 1\.34 Kubernetes lets nobody lower a request/);
});

test('what somebody lowers is left alone for an hour, then asked for again', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { increase: '2Gi', cooldown: '0' } });
  world.used.set(KEY, 0.9);
  await world.pass(2);
  const value = { spec: { resources: { requests: { storage: '10500Mi' } } } };
  await world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name: 'data' },
    { kind: 'merge', value },
  );
  await setStatus(world.client, 'data', { capacity: { storage: '10500Mi' } });
  await world.pass(3);
  assert.match((await world.events()).at(-1) ?? '', /^ForeignWriter /);
  await world.pass(47);
  assert.equal(await requestOf(world), '10500Mi');
  assert.equal(verdictOf(world)?.kind, 'Blocked');
  await world.pass(15);
  assert.notEqual(await requestOf(world), '10500Mi');
});

test('a filesystem that waits for a pod says so', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  const since = new Date(world.clock.now()).toISOString().replace(/\.\d+/, '');
  const pending = {
    type: 'FileSystemResizePending',
    status: 'True',
    message: 'waits for the node',
    lastTransitionTime: since,
  };
  await setStatus(world.client, 'data', { conditions: [pending] });
  await world.clock.advance(31 * MINUTE);
  await world.pass();
  assert.match(
    (await world.events()).at(-1) ?? '',
    /^ExpansionStuck FileSystemResizePending: waits for the node; no running pod mounts the claim: start one/,
  );
  assert.doesNotMatch(await world.metrics(), /pvc_chonker_circuit_state\{/, 'this is not the driver’s fault');
});

test('a permission that is missing, or a setting that cannot be read, is a condition on the claim until it is mended', async (t) => {
  const world = await startWorld(t, { configuration: { flags: { watchInterval: '10m' } } });
  const words =
    'persistentvolumeclaims "data" is forbidden: User "system:serviceaccount:larder-system:larder" cannot patch resource "persistentvolumeclaims" in API group "" in the namespace "default"';
  const blockedBy = async (name?: string) =>
    (await world.claim(name)).status?.conditions?.find(({ type }) => type === 'larder.dev/GrowthBlocked');
  await makeClaim(world);
  await makeClaim(world, { name: 'odd', annotations: { increase: 'lots' } });
  world.used.set(KEY, 0.98).set('default/odd', 0.98);
  let forbidden = true;
  world.intercept = async ({ method, path }) =>
    forbidden && method === 'PATCH' && /persistentvolumeclaims\/[a-z]+\?/.test(path)
      ? answer(403, 'Forbidden', words)
      : undefined;
  await world.pass(2);
  const found = await blockedBy();
  assert.deepEqual([found?.status, found?.reason], ['True', 'Forbidden']);
  assert.match(
    found?.message ?? '',
    /cannot patch resource "persistentvolumeclaims" in API group "" in the namespace "default"/,
  );
  const odd = await blockedBy('odd');
  assert.equal(odd?.reason, 'InvalidConfiguration');
  assert.match(odd?.message ?? '', /^increase is "lots": it must be a percentage or a quantity above zero/);
  const marks = (): number => world.writes.filter((write) => write.endsWith('/status')).length;
  assert.equal(marks(), 2);
  await world.pass(2);
  assert.equal(marks(), 2, 'it is written once');
  forbidden = false;
  await annotate(world, { 'pvc-chonker.io/increase': '10%' }, 'odd');
  await world.pass(4);
  assert.equal(await requestOf(world), '11Gi');
  assert.equal(await blockedBy(), undefined);
  assert.equal(await blockedBy('odd'), undefined);
  assert.equal(marks(), 4);
});

test('of many claims that want to grow at once no more is asked for than the budget has', async (t) => {
  const world = await startWorld(t, {
    configuration: { flags: { bytesPerClusterDay: '5Gi', maxParallel: '8', patchBurst: '50' } },
  });
  for (let index = 0; index < 12; index += 1) {
    await makeClaim(world, { name: `claim-${index}` });
    world.used.set(`default/claim-${index}`, 0.98);
  }
  await world.pass(4);
  assert.equal(patchesOf(world), 5);
  const told = await Promise.all(Array.from({ length: 12 }, (_, index) => world.events(`claim-${index}`)));
  assert.equal(
    told.flat().filter((event) => event.startsWith('BudgetExceeded the cluster grew by 5Gi of 5Gi')).length,
    7,
  );
});

test('an account that may read less grows claims all the same, and explain says what was not looked at', async (t) => {
  const world = await startWorld(t, { guards: {} });
  await makeClaim(world);
  world.used.set(KEY, 0.98);
  await world.pass(2);
  assert.equal(await requestOf(world), '11Gi');
  const gates = (await world.expander.explain(KEY))?.decision.gates ?? [];
  const reasonOf = (gate: string): string | undefined => gates.find(({ name }) => name === gate)?.reason;
  assert.equal(reasonOf('limit-range'), 'LimitRange: this account may not list limitranges');
  assert.equal(reasonOf('storage-capacity'), 'this account may not list csistoragecapacities');
  assert.equal(reasonOf('backup'), 'this account may not list volumesnapshots; this account may not list backups');
});
