import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '../../src/telemetry/clock.ts';
import { createScheduler } from './scheduler.ts';

/** Three workers that wait for I/O and for time, and write down what they saw. */
async function play(seed: string): Promise<{ log: string[]; hash: number; steps: number }> {
  const scheduler = createScheduler({ seed });
  const log: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    const host = scheduler.host(name);
    const work = async (): Promise<void> => {
      for (let round = 0; round < 50; round += 1) {
        await host.park('io');
        log.push(`${name}${round} ${host.clock.monotonic()} ${host.random.uuid()}`);
        await sleep(host.clock, host.random.next() * 10);
      }
    };
    void work();
  }
  await scheduler.runUntil(60_000);
  return { log, hash: scheduler.traceHash, steps: scheduler.steps };
}

test('a seed is one history, to the byte', async () => {
  const first = await play('1');
  const again = await play('1');
  assert.deepEqual(again, first);
  assert.equal(first.log.length, 150);
});

test('another seed is another order', async () => {
  const [one, other] = [await play('1'), await play('2')];
  assert.notEqual(one.hash, other.hash);
  const order = (log: string[]): string => log.map((line) => line.split(' ', 1)[0]).join();
  assert.notEqual(order(one.log), order(other.log));
});

test('a killed host never goes on, and the others do', async () => {
  const scheduler = createScheduler({ seed: '3' });
  const [victim, bystander] = [scheduler.host('victim'), scheduler.host('bystander')];
  const seen: string[] = [];
  void victim.park('io', 5).then(() => seen.push('victim io'));
  victim.clock.after(5, () => seen.push('victim timer'));
  void bystander.park('io', 7).then(() => seen.push('bystander io'));
  let told = 0;
  victim.onKill(() => {
    told += 1;
  });
  victim.kill();
  victim.kill();
  await scheduler.runUntil(100);
  assert.deepEqual(seen, ['bystander io']);
  assert.equal(told, 1);
});

test('a crash at the n-th step happens before that step has an effect', async () => {
  const scheduler = createScheduler({ seed: '4' });
  const host = scheduler.host('victim');
  let rounds = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      await host.park('io');
      rounds += 1;
    }
  };
  void work();
  host.killAfter(7);
  await scheduler.runUntil(60_000);
  assert.equal(rounds, 6);
  assert.equal(host.alive, false);
});

test('the wall clock steps without touching durations', async () => {
  const scheduler = createScheduler({ seed: '5' });
  const host = scheduler.host('h');
  const before = host.clock.now();
  host.stepWall(-3_600_000);
  assert.equal(host.clock.now(), before - 3_600_000);
  assert.equal(host.clock.monotonic(), 0);
  let fired = 0;
  host.clock.after(10, () => {
    fired = host.clock.monotonic();
  });
  await scheduler.runUntil(1_000);
  assert.ok(fired >= 10 && fired < 12, `fired after ${fired} ms`);
});
