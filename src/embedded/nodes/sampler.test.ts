import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import type { Measurement } from './measure.ts';
import { createSampler, type Sampler } from './sampler.ts';

const measured = (usedBytes: bigint): Measurement => ({
  kind: 'measured',
  usedBytes,
  inodesUsed: 1n,
  inodes: 0n,
  inodesFree: 0n,
});
const usedIn = (sampler: Sampler, directory: string): bigint | undefined =>
  sampler.latest(directory)?.measured.usedBytes;

function world(measure: (directory: string, signal: AbortSignal) => Promise<Measurement>) {
  const clock = createManualClock();
  const asked: string[] = [];
  const sampler = createSampler({
    clock,
    log: silentLog,
    refreshMs: 5_000,
    deadlineMs: 1_000,
    measure(directory, signal) {
      asked.push(directory);
      return measure(directory, signal);
    },
  });
  const stop = new AbortController();
  const running = sampler.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
    assert.equal(clock.pending(), 0);
  };
  return { clock, sampler, asked, end };
}

test('a new directory is measured at once and then once per interval', async () => {
  const { clock, sampler, asked, end } = world(async () => measured(1n));
  await clock.advance(1_000);
  sampler.watch(new Set(['/a']));
  await clock.advance(0);
  assert.equal(usedIn(sampler, '/a'), 1n);
  sampler.watch(new Set(['/a', '/b']));
  await clock.advance(0);
  assert.deepEqual(asked, ['/a', '/b']);
  await clock.advance(10_000);
  assert.deepEqual(asked, ['/a', '/b', '/a', '/b', '/a', '/b']);
  await end();
});

test('a directory that left is forgotten and not measured again', async () => {
  const { clock, sampler, asked, end } = world(async () => measured(1n));
  sampler.watch(new Set(['/a']));
  await clock.advance(0);
  sampler.watch(new Set());
  assert.equal(sampler.latest('/a'), undefined);
  await clock.advance(20_000);
  assert.deepEqual(asked, ['/a']);
  sampler.watch(new Set(['/a']));
  await clock.advance(0);
  assert.deepEqual(asked, ['/a', '/a'], 'one that comes back is new');
  await end();
});

test('a measurement that fails leaves the last one with its time', async () => {
  let fails = false;
  const { clock, sampler, end } = world(async () => {
    if (fails) throw new Error('EIO');
    return measured(7n);
  });
  sampler.watch(new Set(['/a']));
  await clock.advance(0);
  const first = sampler.latest('/a');
  fails = true;
  await clock.advance(10_000);
  assert.deepEqual(sampler.latest('/a'), first);
  fails = false;
  await clock.advance(5_000);
  assert.equal(sampler.latest('/a')?.at, (first?.at ?? 0) + 15_000);
  await end();
});

test('a directory that hangs costs the others its deadline and no more', async () => {
  const { clock, sampler, asked, end } = world((directory) =>
    directory === '/hung' ? new Promise(() => undefined) : Promise.resolve(measured(3n)),
  );
  sampler.watch(new Set(['/hung', '/fine']));
  await clock.advance(0);
  assert.equal(usedIn(sampler, '/fine'), undefined);
  await clock.advance(1_000);
  assert.equal(usedIn(sampler, '/fine'), 3n);
  assert.equal(usedIn(sampler, '/hung'), undefined);
  await clock.advance(20_000);
  assert.equal(asked.filter((directory) => directory === '/hung').length, 1, 'asked again while it hangs');
  await end();
});
