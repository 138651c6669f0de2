import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import type { Clock } from '../../telemetry/clock.ts';
import { createCalls } from './calls.ts';

/** Each call seems to take so long: the clock is read before and after it. */
function clockOf(took: { ms: number }): Clock {
  let nowMs = 0;
  let before = false;
  const never = (): never => assert.fail('only the time is asked for');
  return {
    now: never,
    after: never,
    monotonic() {
      before = !before;
      if (!before) nowMs += took.ms;
      return nowMs;
    },
  };
}

function directoryOf(t: TestContext): number {
  const fd = fs.openSync(tmpdir(), fs.constants.O_DIRECTORY);
  t.after(() => fs.closeSync(fd));
  return fd;
}

/** How many of so many calls went through a thread. */
async function threaded(count: number, call: () => unknown): Promise<number> {
  let waited = 0;
  for (let index = 0; index < count; index += 1) {
    const answer = call();
    if (answer instanceof Promise) waited += 1;
    await answer;
  }
  return waited;
}

describe('calls of a measurement', () => {
  it('are made at once while they are answered at once, and now and then let others go first', async (t) => {
    const fd = directoryOf(t);
    assert.equal(await threaded(100, () => createCalls(clockOf({ ms: 0 })).factsOf(fd)), 0);
    const calls = createCalls(clockOf({ ms: 0.1 }));
    const others = await threaded(410, () => calls.factsOf(fd));
    assert.ok(others >= 9 && others <= 11, `${others}`);
  });

  it('go through threads when the filesystem takes its time, and are tried at once again later', async (t) => {
    const fd = directoryOf(t);
    const took = { ms: 0.5 };
    const calls = createCalls(clockOf(took));
    const slow = await threaded(1_000, () => calls.factsOf(fd));
    assert.ok(slow > 900, `${slow}`);
    took.ms = 0;
    await threaded(1_000, () => calls.factsOf(fd));
    assert.equal(await threaded(100, () => calls.factsOf(fd)), 0);
  });

  it('are not taken for slow because this process had to wait once', async (t) => {
    const fd = directoryOf(t);
    const took = { ms: 0 };
    const calls = createCalls(clockOf(took));
    await threaded(50, () => calls.factsOf(fd));
    took.ms = 3;
    await calls.factsOf(fd);
    took.ms = 0;
    assert.equal(await threaded(50, () => calls.factsOf(fd)), 0);
  });

  it('are to be had without waiting only while they are answered at once and nobody else waits', async (t) => {
    const fd = directoryOf(t);
    const took = { ms: 0 };
    const calls = createCalls(clockOf(took));
    assert.equal(calls.atOnce()?.factsOf(fd).ino, fs.fstatSync(fd, { bigint: true }).ino);
    took.ms = 0.25;
    for (let call = 0; call < 16; call += 1) calls.atOnce()?.factsOf(fd);
    assert.equal(calls.atOnce(), undefined, 'others are to go first');
    await calls.factsOf(fd);
    took.ms = 1;
    for (let call = 0; call < 4; call += 1) calls.atOnce()?.factsOf(fd);
    await calls.factsOf(fd);
    assert.equal(calls.atOnce(), undefined, 'it takes its time');
  });

  it('say the same either way, and fail the same', async (t) => {
    const fd = directoryOf(t);
    for (const ms of [0, 9]) {
      const calls = createCalls(clockOf({ ms }));
      await threaded(20, () => calls.factsOf(fd));
      assert.equal((await calls.factsOf(fd)).ino, fs.fstatSync(fd, { bigint: true }).ino);
      await assert.rejects(async () => calls.factsAt(fd, 'there is no such thing'), { code: 'ENOENT' });
      await assert.rejects(async () => calls.open(fd, 'there is no such thing'), { code: 'ENOENT' });
    }
  });
});
