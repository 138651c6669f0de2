import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../kube/kinds.ts';
import { KEY, makeClaim, startWorld, type World } from './world.fixture.ts';

/** How often something was decided on a new measurement. */
async function decisions(world: World): Promise<number> {
  return Number(/pvc_chonker_decision_duration_seconds_count (\d+)/.exec(await world.metrics())?.[1]);
}

const CLASS = { name: 'fast' };

test('a claim that nobody manages is decided on when it is measured anew or something around it changes, else not', async (t) => {
  const world = await startWorld(t);
  const annotate = (enabled: string) =>
    world.client.patch(kinds.StorageClass, CLASS, {
      kind: 'merge',
      value: { metadata: { annotations: { 'pvc-chonker.io/enabled': enabled } } },
    });
  await makeClaim(world, { annotations: { enabled: 'false' } });
  world.used.set(KEY, 0.9);
  await world.pass(2);
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'Unmanaged');
  const before = await decisions(world);
  await world.pass(3);
  assert.equal(await decisions(world), before, 'nothing has changed');
  world.used.set(KEY, 0.91);
  await world.pass();
  assert.equal(await decisions(world), before + 1, 'it is fuller');
  assert.match(await world.metrics(), /pvc_chonker_usage_ratio\{pvc="data",namespace="default"\} 0\.91/);
  await annotate('false');
  await world.pass();
  assert.equal(await decisions(world), before + 2, 'its class is another');
  await world.pass(6);
  assert.equal(await decisions(world), before + 3, 'what nobody thought of is seen after five minutes');
});

test('one that is managed is decided on at each look', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.5);
  await world.pass(2);
  const before = await decisions(world);
  await world.pass(4);
  assert.equal(await decisions(world), before + 4);
});
