/** Growth that a person asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GIB } from './decide.fixture.ts';
import type { Wish } from './wish.ts';
import { KEY, makeClaim, startWorld, type World } from './world.fixture.ts';

const never = new AbortController().signal;

async function grow(world: World, wish: Partial<Wish> = {}, key = KEY) {
  const granted = world.expander.grow(key, { toBytes: undefined, dryRun: false, ...wish }, never);
  await world.clock.advance(2_000);
  return granted;
}
const requestOf = async (world: World) => (await world.claim()).spec.resources.requests['storage'];

test('a claim grows by one step, or to a size, because a person asks for it', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { cooldown: '0' } });
  await world.clock.advance(0);
  const tried = await grow(world, { dryRun: true });
  assert.equal(tried?.decision.targetBytes, 11n * GIB);
  assert.deepEqual(world.writes, [], 'a dry run writes nothing');
  const step = await grow(world);
  assert.deepEqual([step?.requested, await requestOf(world)], [true, '11Gi']);
  await world.grant();
  const leap = await grow(world, { toBytes: 20n * GIB });
  assert.deepEqual([leap?.requested, await requestOf(world)], [true, '20Gi']);
  await world.pass();
  assert.match(
    (await world.events()).join('\n'),
    /ExpansionRequested raised the request from 11Gi to 20Gi \(asked for by hand: 20Gi\)/,
  );
});

test('the gates that stop any growth stop this one', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { 'max-size': '10Gi' } });
  await world.clock.advance(0);
  const atMax = await grow(world);
  assert.deepEqual([atMax?.requested, atMax?.decision.verdict.kind], [false, 'AtMax']);
  const smaller = await grow(world, { toBytes: GIB });
  assert.deepEqual([smaller?.requested, smaller?.decision.verdict.kind], [false, 'NoSample']);
  assert.equal(await requestOf(world), '10Gi');
  assert.equal(await grow(world, {}, 'default/nobody'), undefined);
});

test('a wish is for once', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { cooldown: '0' } });
  world.used.set(KEY, 0.3);
  await world.clock.advance(0);
  await grow(world);
  await world.grant();
  await world.pass(3);
  assert.equal(await requestOf(world), '11Gi');
});
