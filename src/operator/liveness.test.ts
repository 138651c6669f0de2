import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsageSource } from '../expand/usage/source.ts';
import { startWorld } from '../expand/world.fixture.ts';
import { livenessOf, type Signs } from './liveness.ts';

const MINUTE = 60_000;
const well: Signs = { apiAgeMs: 1_000, passAgeMs: 30_000, leads: true, watchIntervalMs: MINUTE };

test('a process that hears from the API server and looks at its volumes is alive', () => {
  assert.deepEqual(livenessOf(well), { ok: true, detail: 'ok' });
  assert.equal(livenessOf({ ...well, apiAgeMs: Number.POSITIVE_INFINITY }).ok, true, 'nothing is watched');
  assert.equal(livenessOf({ ...well, passAgeMs: undefined }).ok, true, 'it has only just begun to lead');
});

test('without a word from the API server for long it is not', () => {
  assert.equal(livenessOf({ ...well, apiAgeMs: 15 * MINUTE }).ok, true);
  assert.deepEqual(livenessOf({ ...well, apiAgeMs: 16 * MINUTE }), {
    ok: false,
    detail: 'nothing heard from the API server for 16 minutes',
  });
});

test('without a pass for ten intervals and a quarter of an hour it is not, unless it stands by', () => {
  assert.equal(livenessOf({ ...well, passAgeMs: 25 * MINUTE }).ok, true);
  const stuck = { ...well, passAgeMs: 26 * MINUTE };
  assert.deepEqual(livenessOf(stuck), { ok: false, detail: 'no pass over the volumes for 26 minutes' });
  assert.equal(livenessOf({ ...stuck, leads: false }).ok, true);
  assert.equal(livenessOf({ ...stuck, watchIntervalMs: 5 * MINUTE }).ok, true, 'slower by its configuration');
});

test('a source that hangs for ever is noticed, also in the very first pass', async (t) => {
  let hangs = true;
  const usage: UsageSource = {
    name: 'hung',
    collect: (_request, signal) =>
      hangs
        ? new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
          )
        : Promise.resolve(),
  };
  const world = await startWorld(t, { usage });
  const alive = () =>
    livenessOf({ apiAgeMs: 0, passAgeMs: world.expander.lastPassAgeMs(), leads: true, watchIntervalMs: MINUTE });
  await world.clock.advance(MINUTE);
  assert.equal(alive().ok, true);
  await world.clock.advance(25 * MINUTE);
  assert.deepEqual(alive(), { ok: false, detail: 'no pass over the volumes for 26 minutes' });
  await world.stop();
  hangs = false;
  const next = await world.another({ usage });
  await next.pass(2);
  await next.clock.advance(26 * MINUTE);
  assert.equal(
    livenessOf({ apiAgeMs: 0, passAgeMs: next.expander.lastPassAgeMs(), leads: true, watchIntervalMs: MINUTE }).ok,
    true,
  );
});
