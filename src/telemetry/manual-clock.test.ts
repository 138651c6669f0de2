import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from './clock.ts';
import { createManualClock } from './manual-clock.ts';

test('timers fire in the order of their time, ties in the order they were set', async () => {
  const clock = createManualClock();
  const fired: string[] = [];
  clock.after(20, () => fired.push('late'));
  clock.after(10, () => fired.push('first'));
  clock.after(10, () => fired.push('second'));
  await clock.advance(9);
  assert.deepEqual(fired, []);
  await clock.advance(11);
  assert.deepEqual(fired, ['first', 'second', 'late']);
});

test('a timer set by a timer fires in the same advance when it falls due in it', async () => {
  const clock = createManualClock();
  const seen: number[] = [];
  void (async () => {
    for (let round = 0; round < 3; round += 1) {
      await sleep(clock, 10);
      seen.push(clock.monotonic());
    }
  })();
  await clock.advance(100);
  assert.deepEqual(seen, [10, 20, 30]);
  assert.equal(clock.monotonic(), 100);
});

test('a cancelled timer does not fire and is not pending', async () => {
  const clock = createManualClock();
  const timer = clock.after(5, () => assert.fail('fired'));
  assert.equal(clock.pending(), 1);
  timer.cancel();
  timer.cancel();
  assert.equal(clock.pending(), 0);
  await clock.advance(10);
});

test('the wall clock can step back without touching monotonic time', async () => {
  const clock = createManualClock(1_000_000);
  await clock.advance(500);
  clock.stepWall(-10_000);
  assert.equal(clock.now(), 990_500);
  assert.equal(clock.monotonic(), 500);
});
