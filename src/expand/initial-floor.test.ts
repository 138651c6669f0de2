import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { explain } from './explain.ts';
import { NEW_FOR_MS } from './initial-floor.ts';
import { defineKinds, putPolicy } from './policy/policies.fixture.ts';
import { KEY, makeClaim, startWorld, type World } from './world.fixture.ts';

const SPEC = { selector: {}, template: { initialSize: '40Gi', maxSize: '100Gi' } };

/** A world with the kinds of growth; no claim in it is nearly full. */
async function start(t: TestContext): Promise<World> {
  const world = await startWorld(t);
  await defineKinds(world.client);
  await world.pass();
  world.used.set(KEY, 0.1);
  return world;
}

const requestOf = async (world: World): Promise<string | undefined> =>
  (await world.claim()).spec.resources.requests['storage'];

test('a claim that no webhook saw is raised to its first size, once, in the way in which all growth happens', async (t) => {
  const world = await start(t);
  await putPolicy(world.client, 'databases', SPEC);
  await world.pass();
  await makeClaim(world);
  await world.pass(2);
  assert.equal(await requestOf(world), '40Gi');
  const { annotations = {} } = (await world.claim()).metadata;
  assert.equal(JSON.parse(annotations['pvc-chonker.io/history'] ?? '[]')[0].by, 'initial');
  await world.grant();
  await world.pass(3);
  const grown = world.writes.filter((write) => write === 'PATCH persistentvolumeclaims/data');
  assert.equal(grown.length, 1);
  assert.match((await world.events())[0] ?? '', /^ExpansionRequested raised .* 10Gi to 40Gi .*policy databases/);
});

test('a claim that was there before the policy stays as it is', async (t) => {
  const world = await start(t);
  await makeClaim(world);
  await world.pass(2);
  await world.clock.advance(2_000); // stamps of the API are whole seconds
  await putPolicy(world.client, 'databases', SPEC);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
  const explanation = await world.expander.explain(KEY);
  assert.ok(explanation);
  assert.match(
    explain(explanation),
    /initialSize 40Gi \(policy databases\) is for new claims, and this one\s+may have/,
  );
});

test('a claim is new for a day, so that nothing old is raised when the policy changes', async (t) => {
  const world = await start(t);
  await putPolicy(world.client, 'databases', { ...SPEC, template: { initialSize: '5Gi' } });
  await world.pass();
  await makeClaim(world);
  await world.pass(2);
  world.clock.stepWall(NEW_FOR_MS);
  await putPolicy(world.client, 'databases', SPEC);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
});

test('the first size of a namespace has no date, so it counts for claims that the webhook sees alone', async (t) => {
  const world = await start(t);
  const value = { metadata: { annotations: { 'pvc-chonker.io/initial-size': '40Gi' } } };
  await world.client.request({
    method: 'PATCH',
    path: '/api/v1/namespaces/default',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify(value),
  });
  await makeClaim(world);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
});

test('what the largest size cuts off is asked for neither again nor in vain', async (t) => {
  const world = await start(t);
  await putPolicy(world.client, 'databases', { ...SPEC, template: { initialSize: '40Gi', maxSize: '10Gi' } });
  await world.pass();
  await makeClaim(world);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
  assert.deepEqual(await world.events(), []);
});
