import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { spareHeap } from './spare-heap.ts';

const TIDY = ['--heap-growing-percent=20', '--optimize-for-size'];

async function flagsAfter(shares: readonly number[]): Promise<readonly string[][]> {
  const clock = createManualClock(0);
  const stop = new AbortController();
  const looks: string[][] = [];
  let now = 0;
  const running = spareHeap(
    { clock, busyShare: () => shares[now] ?? 0, setFlag: (flag) => looks.at(-1)?.push(flag) },
    stop.signal,
  );
  for (now = 0; now < shares.length; now += 1) {
    looks.push([]);
    await clock.advance(5_000);
  }
  stop.abort();
  await running;
  return looks;
}

describe('the heap of a process that was busy', () => {
  it('is tidied once two looks were quiet, for half a minute, and then kept small', async () => {
    const looks = await flagsAfter([0.9, 0.9, 0.1, 0.1, 0.1, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(looks.slice(0, 3), [[], [], []], 'while it is at work it grows as V8 thinks best');
    assert.deepEqual(looks[3], TIDY);
    assert.deepEqual(looks.slice(4).flat(), ['--no-optimize-for-size'], 'tidying ends, the small heap stays');
    assert.deepEqual(looks[9], ['--no-optimize-for-size'], 'after thirty seconds');
  });

  it('grows freely again when a burst begins, and not for a moment of work', async () => {
    const looks = await flagsAfter([0, 0, 0.9, 0, 0.9, 0.9, 0.9]);
    assert.deepEqual(looks[1], TIDY);
    assert.deepEqual(looks.slice(2, 5).flat(), []);
    assert.deepEqual(looks[5], ['--no-optimize-for-size', '--heap-growing-percent=0']);
    assert.deepEqual(looks[6], []);
  });

  it('sets flags that V8 knows', () => {
    const flags = [...TIDY, '--no-optimize-for-size', '--heap-growing-percent=0'];
    const said = execFileSync(process.execPath, [...flags, '--print', '"started"'], { encoding: 'utf8' });
    assert.equal(said, 'started\n', 'node ends with an error for a flag that neither it nor V8 knows');
  });
});
