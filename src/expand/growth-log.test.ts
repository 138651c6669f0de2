/** Log lines that belong together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../telemetry/log.ts';
import { MINUTE } from './decide.fixture.ts';
import { answer, KEY, makeClaim, startWorld } from './world.fixture.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function logTo(lines: Line[], own: object = {}): Log {
  const write =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, message, fields: { ...own, ...fields } });
  return {
    debug: () => undefined,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => logTo(lines, { ...own, ...fields }),
  };
}

test('the lines of one growth name the same growth, which stands on the claim, from its measurement to its end', async (t) => {
  const lines: Line[] = [];
  const world = await startWorld(t, { log: logTo(lines) });
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  world.used.set(KEY, 0.5);
  await world.grant();
  await world.pass(3);
  const [asked, done] = ['expansion requested', 'expansion completed'].map((message) =>
    lines.filter((line) => line.message === message),
  );
  assert.deepEqual([asked?.length, done?.length], [1, 1]);
  const { metadata } = await world.claim();
  const growth = metadata.annotations?.['pvc-chonker.io/last-expansion'];
  for (const line of [asked?.[0], done?.[0]]) {
    assert.deepEqual([line?.fields['growth'], line?.fields['uid']], [growth, metadata.uid]);
    assert.deepEqual([line?.fields['namespace'], line?.fields['name']], ['default', 'data']);
  }
  const sample = Object(asked?.[0]?.fields['sample']);
  assert.deepEqual([sample.usedBytes, sample.capacityBytes], ['9663676416', '10737418240']);
  assert.match(sample.at, /^2026-01-31T12:0\d:\d\dZ$/);
});

test('a growth that is refused says so with the measurement, and one that gets stuck with its growth', async (t) => {
  const lines: Line[] = [];
  const world = await startWorld(t, { log: logTo(lines) });
  await makeClaim(world);
  world.intercept = async ({ method, path }, pass) =>
    method === 'PATCH' && path.includes('/persistentvolumeclaims/') ? answer(403, 'Forbidden', 'no') : pass();
  world.used.set(KEY, 0.9);
  await world.pass(2);
  const refused = lines.find(({ message }) => message === 'expansion refused');
  assert.deepEqual([refused?.level, refused?.fields['reason']], ['warn', 'forbidden']);
  assert.equal(Object(refused?.fields['sample']).usedBytes, '9663676416');
  world.intercept = undefined;
  await world.pass(2);
  await world.clock.advance(60 * MINUTE);
  await world.pass(2);
  const stuck = lines.filter(({ message }) => message === 'expansion stuck');
  assert.equal(stuck.length, 1, 'once, not at each look');
  const { metadata } = await world.claim();
  assert.equal(stuck[0]?.fields['growth'], metadata.annotations?.['pvc-chonker.io/last-expansion']);
  assert.equal(stuck[0]?.fields['reason'], 'stuck');
});
