/** The running expander, followed for hours: rates, growth for the time to full, restarts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { GIB, NOW } from '../decide.fixture.ts';
import { explain } from '../explain.ts';
import type { UsageHistory } from '../usage/history.ts';
import { openHistory } from '../usage/history-store.ts';
import { KEY, makeClaim, removeClaim, startWorld, type World } from '../world.fixture.ts';

const DAY = 86_400_000;

/** A pass a minute; the claim of 100Gi has `from` GiB and gets so many more an hour. */
async function fill(
  world: World,
  minutes: number,
  { from, perHour }: { from: number; perHour: number },
): Promise<number> {
  let used = from;
  for (let minute = 0; minute < minutes; minute += 1) {
    const { capacity } = (await world.claim()).status ?? {};
    const size = Number.parseInt(capacity?.['storage'] ?? '100', 10);
    world.used.set(KEY, used / size);
    await world.pass();
    used += perHour / 60;
  }
  return used;
}

const request = async (world: World): Promise<string | undefined> =>
  (await world.claim()).spec.resources.requests['storage'];

test('a claim that will be full within its time grows long before its threshold, and is told why', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { size: '100Gi', annotations: { 'full-within': '12h' } });
  const used = await fill(world, 59, { from: 30, perHour: 6 });
  assert.equal(await request(world), '100Gi', 'an hour of measurements is needed');
  assert.doesNotMatch(await world.metrics(), /time_to_full_seconds\{/);
  await fill(world, 15, { from: used, perHour: 6 });
  // 36 + 6 × (four times the hour that was looked back on) would be 60: not in time, as far as that can be trusted.
  assert.equal(await request(world), '100Gi');
  await fill(world, 120, { from: 37.4, perHour: 6 });
  assert.match(await world.metrics(), /pvc_chonker_time_to_full_seconds\{[^}]*pvc="data"[^}]*\} [1-9]/);
  assert.notEqual(await request(world), '100Gi');
  const [event] = await world.events();
  assert.match(
    event ?? '',
    /^ExpansionRequested raised the request from 100Gi to \d+Gi \(full in (11h \d+m|8h \d+m|9h \d+m|10h \d+m) < 12h\)$/,
  );
  // The longer it was looked back on, the further the rate is trusted: to 12 hours and the next slot, and no further.
  await world.grant();
  for (let hour = 0; hour < 6; hour += 1) {
    await fill(world, 60, { from: 50, perHour: 0 });
    await world.grant();
  }
  const size = Number.parseInt((await request(world)) ?? '', 10);
  assert.ok(size <= 50 + 6 * 13, `${size}Gi`);
  assert.ok(world.writes.filter((write) => write.startsWith('PATCH')).length <= 3, world.writes.join());
  await removeClaim(world);
  await world.pass();
  assert.doesNotMatch(await world.metrics(), /pvc="data"/, 'the series leave with the claim');
});

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-forecast-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'history.db');
}

test('after a restart the rate is known at once, from the history; without one it begins afresh', async (t) => {
  const path = folderOf(t);
  const clock = createManualClock(NOW);
  const open = () => openHistory({ path, retentionMs: 30 * DAY, clock, log: silentLog });
  const before = open();
  const world = await startWorld(t, { history: before });
  await makeClaim(world, { size: '100Gi' });
  const used = await fill(world, 90, { from: 20, perHour: 6 });
  await world.stop();
  before.close();
  clock.stepWall(world.clock.now() - clock.now());
  const after = open();
  t.after(() => after.close());
  const next = await world.another({ history: after });
  await fill(next, 2, { from: used, perHour: 6 });
  const explained = await next.expander.explain(KEY);
  assert.ok(explained?.decision.forecast?.kind === 'known');
  const { robust } = explained.decision.forecast;
  assert.ok(Math.abs(robust.bytesPerHour / Number(GIB) - 6) < 0.1, `${robust.bytesPerHour}`);
  assert.match(explain(explained), /Rate: +\+(5\.9\d*|6)Gi\/h/);
  await next.stop();
  const forgetful = await world.another();
  await fill(forgetful, 2, { from: used, perHour: 6 });
  assert.equal((await forgetful.expander.explain(KEY))?.decision.forecast?.kind, 'unknown');
});

test('the longer history is asked first; where it does not answer, that is said and the own is read', async (t) => {
  const path = folderOf(t);
  const clock = createManualClock(NOW);
  const history = openHistory({ path, retentionMs: 30 * DAY, clock, log: silentLog });
  t.after(() => history.close());
  const state = { answers: true };
  const longHistory: UsageHistory = {
    name: 'Prometheus',
    async series({ key, to }) {
      if (!state.answers) throw new Error('connection refused');
      assert.equal(key, KEY);
      const at = (days: number, used: bigint) => ({
        at: to - days * DAY,
        usedBytes: used * GIB,
        capacityBytes: 100n * GIB,
      });
      return [at(30, 1n), at(7, 5n), at(1, 9n), at(0, 12n)];
    },
  };
  const world = await startWorld(t, { history, longHistory });
  await makeClaim(world, { size: '100Gi' });
  await fill(world, 3, { from: 20, perHour: 6 });
  const long = await world.expander.explain(KEY);
  assert.deepEqual(long?.grown, [
    { days: 1, bytes: 3n * GIB },
    { days: 7, bytes: 7n * GIB },
    { days: 30, bytes: 11n * GIB },
  ]);
  state.answers = false;
  const own = await world.expander.explain(KEY);
  assert.deepEqual(
    own?.grown,
    [1, 7, 30].map((days) => ({ days, bytes: undefined })),
  );
  assert.deepEqual(own?.notes, ['the history of usage in Prometheus was not read: connection refused']);
});
