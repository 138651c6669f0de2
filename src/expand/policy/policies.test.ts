/** PVCPolicy objects in the running expander. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { explain } from '../explain.ts';
import { KEY, makeClaim, startWorld, type World } from '../world.fixture.ts';
import { defineKinds, loosen, policy, putPolicy, removeKinds } from './policies.fixture.ts';

async function worldWithKinds(t: TestContext): Promise<World> {
  const world = await startWorld(t);
  await defineKinds(world.client);
  await world.clock.advance(60_000);
  return world;
}

const requestOf = async (world: World, name?: string): Promise<string | undefined> =>
  (await world.claim(name)).spec.resources.requests['storage'];

async function label(world: World, labels: Readonly<Record<string, string>>, annotations: object = {}): Promise<void> {
  const value = { metadata: { labels, annotations } };
  await world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name: 'data' },
    { kind: 'merge', value },
  );
  await world.clock.advance(0);
}

async function told(world: World): Promise<string> {
  const explanation = await world.expander.explain(KEY);
  assert.ok(explanation);
  return explain(explanation).replaceAll(/\n {4,}/g, ' ');
}

const databases = { selector: { matchLabels: { workload: 'database' } } };

test('a claim that says nothing grows by the policy that selects it', async (t) => {
  const world = await worldWithKinds(t);
  await putPolicy(world.client, 'database', {
    ...databases,
    template: { threshold: 85, increase: '25%', minIncrease: '3Gi' },
  });
  await makeClaim(world, { annotations: { enabled: '' } });
  await label(world, { workload: 'database' }, { 'pvc-chonker.io/enabled': null });
  world.used.set(KEY, 0.84);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
  world.used.set(KEY, 0.85);
  await world.pass(2);
  assert.equal(await requestOf(world), '13Gi');
  const text = await told(world);
  assert.match(text, /threshold +85 % +policy database\n/);
  assert.match(text, /min-scale-up +3Gi +policy database\n/);
});

test('a policy that comes, changes or goes counts at once', async (t) => {
  const world = await worldWithKinds(t);
  await makeClaim(world, { annotations: { enabled: '' } });
  await label(world, { workload: 'database' }, { 'pvc-chonker.io/enabled': null });
  await world.pass();
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'Unmanaged');
  await putPolicy(world.client, 'database', databases);
  await world.clock.advance(2_000);
  assert.notEqual(world.expander.decision(KEY)?.verdict.kind, 'Unmanaged');
  await putPolicy(world.client, 'database', { ...databases, template: { enabled: false } });
  await world.clock.advance(2_000);
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'Unmanaged');
});

test('of two that select a claim the higher priority wins, and explain says which lost', async (t) => {
  const world = await worldWithKinds(t);
  await makeClaim(world);
  await putPolicy(world.client, 'all', { selector: {}, template: { threshold: '60%', maxSize: '50Gi' } });
  await putPolicy(world.client, 'special', { selector: {}, priority: 10, template: { threshold: '70%' } });
  await world.pass();
  const text = await told(world);
  assert.match(text, /threshold +70 % +policy special, over policy all\n/);
  assert.match(text, /max-size +50Gi +policy all\n/);
  const note =
    '2 policies are for this claim, strongest first: special (by selector, priority 10), all (by selector, priority 0)';
  assert.ok(text.includes(note), text);
});

test('of very many policies explain names the strongest', async (t) => {
  const world = await worldWithKinds(t);
  await makeClaim(world);
  for (let priority = 0; priority < 12; priority += 1) {
    await putPolicy(world.client, `p${priority}`, { selector: {}, priority, template: { threshold: '60%' } });
  }
  await world.pass();
  const text = await told(world);
  assert.match(
    text,
    /12 policies are for this claim, strongest first: p11 \(.*p2 \(by selector, priority 2\) and 2 more/,
  );
});

test('a policy by name is stronger than those by selector; of another namespace it is none', async (t) => {
  const world = await worldWithKinds(t);
  await makeClaim(world, { annotations: { policy: 'chosen-one' } });
  await putPolicy(world.client, 'special', { selector: {}, priority: 10, template: { threshold: '70%' } });
  await world.pass();
  const unknown = world.expander.decision(KEY)?.verdict;
  assert.deepEqual(unknown, {
    kind: 'Invalid',
    field: 'policy',
    value: 'chosen-one',
    reason: 'must name a PVCPolicy of the namespace default; there is none of that name',
    source: 'annotation',
  });
  const [event] = await world.events();
  assert.match(event ?? '', /^InvalidConfiguration pvc-chonker\.io\/policy is "chosen-one": it must name a PVCPolicy/);
  world.used.set(KEY, 0.99);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi', 'it fails closed');
  await putPolicy(world.client, 'chosen-one', {
    selector: { matchLabels: { not: 'this' } },
    template: { threshold: '55%' },
  });
  await world.clock.advance(2_000);
  const text = await told(world);
  assert.match(text, /threshold +55 % +policy chosen-one, over policy special\n/);
  assert.match(text, /policy +chosen-one +annotation\n/);
});

test('"false" on the claim or its namespace beats the policy, and the claim is nearer than its namespace', async (t) => {
  const world = await worldWithKinds(t);
  await putPolicy(world.client, 'all', { selector: {}, template: { threshold: 50 } });
  await makeClaim(world, { annotations: { enabled: 'false' } });
  await makeClaim(world, { name: 'opted-in' });
  world.used.set(KEY, 0.99).set('default/opted-in', 0.6);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
  assert.equal(await requestOf(world, 'opted-in'), '11Gi');
  await label(world, {}, { 'pvc-chonker.io/enabled': null });
  const forbid = { metadata: { annotations: { 'pvc-chonker.io/enabled': 'false' } } };
  await world.client.patch(kinds.Namespace, { name: 'default' }, { kind: 'merge', value: forbid });
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
  assert.deepEqual(world.expander.decision(KEY)?.verdict, {
    kind: 'Unmanaged',
    reason: 'enabled is "false" (namespace default)',
  });
  assert.notEqual(world.expander.decision('default/opted-in')?.verdict.kind, 'Unmanaged');
});

test('a claim that names a policy does not grow where the kind is not there, and does once it is', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { policy: 'chosen-one' } });
  await makeClaim(world, { name: 'plain' });
  world.used.set(KEY, 0.9).set('default/plain', 0.9);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
  assert.equal(await requestOf(world, 'plain'), '11Gi', 'annotations alone are enough');
  assert.match(await told(world), /this cluster has no PVCPolicy objects/);
  await defineKinds(world.client);
  await putPolicy(world.client, 'chosen-one', { selector: {} });
  await world.clock.advance(60_000);
  await world.pass(3);
  assert.equal(await requestOf(world), '11Gi');
  await removeKinds(world.client);
  world.used.set(KEY, 0.99);
  await world.clock.advance(120_000);
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'Invalid');
});

test('a policy that the API server would refuse today stops its claims, and its status says why', async (t) => {
  const world = await worldWithKinds(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await loosen(world.client, 'maxSize');
  await putPolicy(world.client, 'database', { selector: {}, template: { maxSize: 'big' } });
  await world.clock.advance(60_000);
  await world.pass(4);
  assert.equal(await requestOf(world), '10Gi');
  const [event] = await world.events();
  assert.equal(
    event,
    'InvalidConfiguration spec.template.maxSize of policy database is "big": it must be a quantity above zero, for example "10Gi"; the claim does not grow until then',
  );
  const { status } = await policy(world.client, 'database');
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual([ready?.status, ready?.reason], ['False', 'InvalidConfiguration']);
  assert.equal(
    ready?.message,
    'spec.template.maxSize is "big": it must be a quantity above zero, for example "10Gi". Its claims do not grow until that is corrected.',
  );
  await putPolicy(world.client, 'database', { selector: {}, template: { maxSize: '70Gi' } });
  await world.pass(3);
  assert.equal(await requestOf(world), '11Gi');
});

test('the status says how many claims a policy matches, and is written only when that changes', async (t) => {
  const world = await worldWithKinds(t);
  await putPolicy(world.client, 'database', databases);
  await makeClaim(world);
  await label(world, { workload: 'database' });
  await makeClaim(world, { name: 'other', annotations: { policy: 'database' } });
  await makeClaim(world, { name: 'stranger' });
  world.writes.length = 0;
  await world.clock.advance(10_000);
  const { status } = await policy(world.client, 'database');
  assert.equal(status?.matchedPVCs, 2);
  assert.equal(status?.observedGeneration, 1);
  assert.match(status?.lastUpdated ?? '', /^2026-01-31T12:\d\d:\d\dZ$/);
  assert.deepEqual(
    status?.conditions?.map(({ type, status: is, reason }) => [type, is, reason]),
    [
      ['Ready', 'True', 'Valid'],
      ['Conflicting', 'False', 'NoConflict'],
    ],
  );
  const writes = (): number => world.writes.filter((write) => write === 'PATCH database/status').length;
  assert.equal(writes(), 1, world.writes.join());
  world.used.set(KEY, 0.9);
  await world.pass(30);
  assert.equal(writes(), 1, 'growth of a claim is no reason to write');
  await label(world, { workload: 'web' });
  await world.clock.advance(10_000);
  assert.equal((await policy(world.client, 'database')).status?.matchedPVCs, 1);
  assert.equal(writes(), 2);
});
