/** PVCGroup objects in the running expander. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { pvcGroups } from '../api/pvc-group.ts';
import { explain } from '../explain.ts';
import { defineKinds } from '../policy/policies.fixture.ts';
import { makeClaim, setStatus, startWorld, type World } from '../world.fixture.ts';
import { putGroup } from './group.fixture.ts';

async function worldWithKinds(t: TestContext): Promise<World> {
  const world = await startWorld(t);
  await defineKinds(world.client);
  await world.clock.advance(60_000);
  return world;
}

const member = (name: string, size: string, group = 'es-data') => ({
  name,
  size,
  annotations: { group, cooldown: '0' },
});
const requestOf = async (world: World, name: string): Promise<string | undefined> =>
  (await world.claim(name)).spec.resources.requests['storage'];
const statusOf = async (world: World, name = 'es') => {
  const { status } = await world.client.get(pvcGroups, { namespace: 'default', name });
  return status;
};
const told = async (world: World, key: string): Promise<string> => {
  const explanation = await world.expander.explain(key);
  assert.ok(explanation);
  return explain(explanation).replaceAll(/\n {4,}/g, ' ');
};
const patches = (world: World): readonly string[] =>
  world.writes.filter((write) => write.startsWith('PATCH persistent'));

async function trio(t: TestContext, spec: object = {}): Promise<World> {
  const world = await worldWithKinds(t);
  await putGroup(world.client, 'default/es', { groupName: 'es-data', ...spec });
  for (const [name, size] of [
    ['a', '10Gi'],
    ['b', '10Gi'],
    ['c', '10Gi'],
  ] as const) {
    await makeClaim(world, member(name, size));
    world.used.set(`default/${name}`, 0.3);
  }
  await world.pass(2);
  assert.deepEqual(patches(world), [], 'members of one size have nothing to follow');
  return world;
}

test('when a member has grown the others follow, once, and the status tells it', async (t) => {
  const world = await trio(t, { coordinationPolicy: 'largest' });
  world.used.set('default/b', 0.98);
  await world.pass();
  assert.equal(await requestOf(world, 'b'), '11Gi');
  world.used.set('default/b', 0.3);
  await world.pass(2);
  assert.equal(await requestOf(world, 'a'), '10Gi', 'nobody follows what was not granted');
  await world.grant('b');
  await world.pass(2);
  assert.deepEqual([await requestOf(world, 'a'), await requestOf(world, 'c')], ['11Gi', '11Gi']);
  const raised = 'raised the request from 10Gi to 11Gi';
  assert.deepEqual(await world.events('a'), [`GroupCoordinated ${raised} (group es-data (largest: default/b): 11Gi)`]);
  assert.deepEqual((await world.events('b'))[0], `ExpansionRequested ${raised} (98 % used ≥ 80 %)`);
  await world.grant('a');
  await world.grant('c');
  await world.pass(3);
  assert.deepEqual(
    (await world.events('c')).map((said) => said.split(' ')[0]),
    ['GroupCoordinated', 'Expanded'],
    'a growth has two events',
  );
  const status = await statusOf(world);
  assert.equal(status?.memberCount, 3);
  assert.equal(status?.currentSize, '11Gi');
  assert.deepEqual(
    status?.expansionHistory?.map(({ fromSize, toSize, reason }) => [fromSize, toSize, reason]),
    [
      ['10Gi', '11Gi', 'threshold_reached'],
      ['10Gi', '11Gi', 'group'],
      ['10Gi', '11Gi', 'group'],
    ],
  );
  assert.equal(status?.lastExpansion, status?.expansionHistory?.at(-1)?.timestamp);
  const before = world.writes.length;
  await world.pass(20);
  assert.deepEqual(world.writes.slice(before), [], 'nothing changes, so nothing is written');
  assert.equal(patches(world).length, 3);
});

test('a small newcomer is brought to the size of its group, measured or not', async (t) => {
  const world = await trio(t);
  await makeClaim(world, member('d', '2Gi'));
  await world.pass(2);
  assert.equal(await requestOf(world, 'd'), '10Gi');
  assert.match(await told(world, 'default/d'), /wanted size 10Gi \(group es-data \(largest: default\/a\)\)/);
});

test('with average the mean is reached, and it is not raised by what it raised', async (t) => {
  const world = await worldWithKinds(t);
  await putGroup(world.client, 'default/es', { coordinationPolicy: 'average' });
  for (const [name, size] of [
    ['a', '10Gi'],
    ['b', '20Gi'],
    ['c', '30Gi'],
  ] as const) {
    await makeClaim(world, member(name, size, 'es'));
    world.used.set(`default/${name}`, 0.3);
  }
  for (let round = 0; round < 6; round += 1) {
    await world.pass(2);
    await world.grant('a');
  }
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((name) => requestOf(world, name))), ['20Gi', '20Gi', '30Gi']);
  assert.deepEqual(patches(world), ['PATCH persistentvolumeclaims/a']);
});

test('independent members do not follow, but have the settings of their group', async (t) => {
  const world = await trio(t, { coordinationPolicy: 'independent', template: { threshold: '60%', increase: '5Gi' } });
  world.used.set('default/b', 0.65);
  await world.pass(2);
  world.used.set('default/b', 0.3);
  await world.grant('b');
  await world.pass(3);
  assert.deepEqual([await requestOf(world, 'b'), await requestOf(world, 'a')], ['15Gi', '10Gi']);
  assert.match(await told(world, 'default/b'), /threshold +60 % +group es-data\n/);
});

test('what holds one member back holds no other', async (t) => {
  const world = await trio(t);
  const patch = { kind: 'merge', value: { metadata: { annotations: { 'pvc-chonker.io/max-size': '10Gi' } } } } as const;
  await world.client.patch(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'a' }, patch);
  world.used.set('default/b', 0.98);
  await world.pass();
  world.used.set('default/b', 0.3);
  await world.grant('b');
  await world.pass(3);
  assert.deepEqual([await requestOf(world, 'a'), await requestOf(world, 'c')], ['10Gi', '11Gi']);
  assert.equal(world.expander.decision('default/a')?.verdict.kind, 'AtMax');
});

test('a claim that names a group that is not there does not grow, and says so', async (t) => {
  const world = await worldWithKinds(t);
  await makeClaim(world, member('a', '10Gi', 'nobody'));
  world.used.set('default/a', 0.98);
  await world.pass(2);
  assert.equal(await requestOf(world, 'a'), '10Gi');
  assert.match(
    (await world.events('a')).join('\n'),
    /InvalidConfiguration .*group is "nobody": it must name a PVCGroup/,
  );
  await putGroup(world.client, 'default/nobody', {});
  await world.pass(2);
  assert.equal(await requestOf(world, 'a'), '11Gi');
});

test('members of another namespace are refused until that namespace grants it, and then the group acts', async (t) => {
  const world = await worldWithKinds(t);
  const { client } = world;
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elastic' } });
  await putGroup(client, 'default/es', {
    groupName: 'es-data',
    coordinationPolicy: 'largest',
    members: ['data-es-master-0', 'data-es-master-1'].map((name) => ({ namespace: 'elastic', name })),
  });
  for (const [name, size] of [
    ['data-es-master-0', '400Gi'],
    ['data-es-master-1', '500Gi'],
  ] as const) {
    await foreignClaim(world, name, size);
  }
  await world.pass(2);
  const refused = (await statusOf(world))?.conditions?.find(({ type }) => type === 'MembersRefused');
  assert.equal(refused?.status, 'True');
  assert.match(refused?.message ?? '', /kubectl annotate namespace elastic larder\.dev\/allow-group-from=default/);
  assert.equal((await statusOf(world))?.memberCount, 0);
  assert.deepEqual(patches(world), []);
  const grant = {
    kind: 'merge',
    value: { metadata: { annotations: { 'larder.dev/allow-group-from': 'default' } } },
  } as const;
  await client.patch(kinds.Namespace, { name: 'elastic' }, grant);
  await world.pass(2);
  const grown = await client.get(kinds.PersistentVolumeClaim, { namespace: 'elastic', name: 'data-es-master-0' });
  assert.equal(grown.spec.resources.requests['storage'], '500Gi');
  assert.equal((await statusOf(world))?.memberCount, 2);
  assert.equal((await statusOf(world))?.conditions?.find(({ type }) => type === 'MembersRefused')?.status, 'False');
});

test('whoever puts a claim of his own namespace into a group does not say how large the others become', async (t) => {
  const world = await trio(t);
  const { client } = world;
  const annotations = { 'larder.dev/allow-group-from': 'default', 'pvc-chonker.io/group': 'es-data' };
  await client.create(kinds.Namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'elastic', annotations },
  });
  await foreignClaim(world, 'huge', '900Gi');
  await foreignClaim(world, 'small', '1Gi');
  await world.pass(3);
  assert.equal(await requestOf(world, 'a'), '10Gi');
  assert.equal((await statusOf(world))?.memberCount, 5);
  const small = await client.get(kinds.PersistentVolumeClaim, { namespace: 'elastic', name: 'small' });
  assert.equal(small.spec.resources.requests['storage'], '10Gi', 'it follows them');
});

async function foreignClaim({ client }: World, name: string, size: string): Promise<void> {
  const where = { namespace: 'elastic', name };
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: where,
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: size } } },
  });
  const value = { status: { phase: 'Bound', capacity: { storage: size } } };
  await client.patch(kinds.PersistentVolumeClaim, where, { kind: 'merge', value }, { subresource: 'status' });
}

test('a request that nobody granted raises nobody', async (t) => {
  const world = await trio(t);
  await makeClaim(world, member('huge', '900Gi'));
  await setStatus(world.client, 'huge', { phase: 'Pending', capacity: null });
  await world.pass(3);
  assert.deepEqual(patches(world), []);
});

test('a group whose members went says nothing of their sizes any more, and says that once', async (t) => {
  const world = await trio(t, { coordinationPolicy: 'largest' });
  world.used.set('default/b', 0.98);
  await world.pass(2);
  await world.grant('b');
  await world.pass(2);
  assert.equal((await statusOf(world))?.currentSize, '11Gi');
  for (const name of ['a', 'b', 'c']) {
    const value = { metadata: { annotations: { 'pvc-chonker.io/group': null } } };
    await world.client.patch(kinds.PersistentVolumeClaim, { namespace: 'default', name }, { kind: 'merge', value });
  }
  await world.pass(2);
  const { conditions: _, lastUpdated: __, ...rest } = (await statusOf(world)) ?? {};
  assert.deepEqual(rest, { memberCount: 0, observedGeneration: 1 });
  const before = world.writes.length;
  await world.pass(20);
  assert.deepEqual(world.writes.slice(before), [], 'nothing changes, so nothing is written');
});

test('a listed claim that is not there is told, and no longer once it is', async (t) => {
  const world = await worldWithKinds(t);
  await putGroup(world.client, 'default/es', {
    members: [{ name: 'a' }, { name: 'typo' }, { namespace: 'other', name: 'x' }],
  });
  await makeClaim(world, { name: 'a' });
  await world.pass(2);
  const ready = async () => (await statusOf(world))?.conditions?.find(({ type }) => type === 'Ready')?.message;
  assert.equal(await ready(), 'Its members are sized together. Listed, but not there: typo.');
  await makeClaim(world, { name: 'typo' });
  await world.pass(2);
  assert.equal(await ready(), 'Its members are sized together.');
});
