import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Log, silentLog } from '../telemetry/log.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { type Controller, type ControllerOptions, createController, type Outcome } from './controller.ts';
import { noJitter } from './scripted.fixture.ts';
import { WorkQueue } from './workqueue.ts';

const done: Outcome = { kind: 'done' };

function setUp(reconcile: ControllerOptions['reconcile'], options: Partial<ControllerOptions> = {}) {
  const clock = createManualClock();
  const controller = createController({ name: 'test', clock, random: noJitter, log: silentLog, reconcile, ...options });
  return { clock, controller, ...start(controller) };
}

function start(controller: Controller) {
  const stop = new AbortController();
  const running = controller.run(stop.signal);
  return { stop, running };
}

test('a key enqueued often before its turn is reconciled once', async () => {
  const seen: string[] = [];
  const { clock, controller } = setUp(async (key) => {
    seen.push(key);
    return done;
  });
  for (let times = 0; times < 5; times += 1) controller.enqueue('ns/a');
  assert.deepEqual(seen, [], 'never inside enqueue');
  await clock.advance(0);
  assert.deepEqual(seen, ['ns/a']);
  assert.equal(controller.idle(), true);
});

test('a key enqueued while it is reconciled is reconciled again afterwards, never at the same time', async () => {
  const gates: (() => void)[] = [];
  let active = 0;
  const { clock, controller } = setUp(
    async () => {
      active += 1;
      assert.equal(active, 1);
      await new Promise<void>((resolve) => gates.push(resolve));
      active -= 1;
      return done;
    },
    { concurrency: 4 },
  );
  controller.enqueue('ns/a');
  await clock.advance(0);
  controller.enqueue('ns/a');
  controller.enqueue('ns/a');
  await clock.advance(0);
  assert.equal(gates.length, 1);
  assert.equal(controller.depth(), 1);
  gates[0]?.();
  await clock.advance(0);
  assert.equal(gates.length, 2);
  gates[1]?.();
  await clock.advance(0);
  assert.equal(gates.length, 2);
  assert.equal(controller.idle(), true);
});

test('no more reconciles are under way than the concurrency allows', async () => {
  const gates: (() => void)[] = [];
  const { clock, controller } = setUp(
    async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return done;
    },
    { concurrency: 3 },
  );
  for (let n = 0; n < 10; n += 1) controller.enqueue(`ns/${n}`);
  await clock.advance(0);
  assert.equal(gates.length, 3);
  gates[0]?.();
  await clock.advance(0);
  assert.equal(gates.length, 4);
  assert.equal(controller.depth(), 6);
});

test('failures wait longer each time up to the cap, and success starts anew', async () => {
  const times: number[] = [];
  let outcome: Outcome = { kind: 'retry', reason: 'NotYet' };
  const { clock, controller } = setUp(
    async () => {
      times.push(clock.monotonic());
      return outcome;
    },
    { baseBackoffMs: 100, maxBackoffMs: 500 },
  );
  controller.enqueue('ns/a');
  await clock.advance(1_700);
  assert.deepEqual(times, [0, 100, 300, 700, 1_200, 1_700]);
  outcome = done;
  await clock.advance(500);
  assert.equal(times.length, 7);
  outcome = { kind: 'retry', reason: 'NotYet', afterMs: 250 };
  controller.enqueue('ns/a');
  await clock.advance(249);
  assert.equal(times.length, 8);
  await clock.advance(1);
  assert.equal(times.length, 9, 'a first failure again, but not before afterMs');
});

test('again looks again at its time without growing', async () => {
  const times: number[] = [];
  const { clock, controller } = setUp(async () => {
    times.push(clock.monotonic());
    return { kind: 'again', afterMs: 1_000, reason: 'Cooldown' };
  });
  controller.enqueue('ns/a');
  await clock.advance(3_500);
  assert.deepEqual(times, [0, 1_000, 2_000, 3_000]);
});

test('of several delays the earliest counts', async () => {
  const times: number[] = [];
  const { clock, controller } = setUp(async () => {
    times.push(clock.monotonic());
    return done;
  });
  controller.enqueueAfter('ns/a', 500);
  controller.enqueueAfter('ns/a', 100);
  controller.enqueueAfter('ns/a', 300);
  await clock.advance(1_000);
  assert.deepEqual(times, [100]);
});

test('a throw is a retry, logged once; a reason that repeats is told once', async () => {
  const lines: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (_, message) => lines.push(`warn ${message}`),
    error: (_, message) => lines.push(`error ${message}`),
    child: () => log,
  };
  const failures: (() => Outcome)[] = [
    () => assert.fail('boom'),
    () => ({ kind: 'retry', reason: 'A' }),
    () => ({ kind: 'retry', reason: 'A' }),
    () => ({ kind: 'retry', reason: 'B' }),
    () => done,
  ];
  const { clock, controller } = setUp(async () => (failures.shift() ?? assert.fail('too often'))(), { log });
  controller.enqueue('ns/a');
  await clock.advance(60_000);
  assert.equal(failures.length, 0);
  assert.deepEqual(lines, ['error reconcile failed', 'warn reconcile retried', 'warn reconcile retried']);
});

test('a stop aborts the signal, waits for what is under way, and keeps the rest for the next run', async () => {
  const seen: string[] = [];
  const { clock, controller, stop, running } = setUp(async (key, { signal }) => {
    seen.push(key);
    if (key === 'ns/a')
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    return done;
  });
  controller.enqueue('ns/a');
  controller.enqueue('ns/b');
  await clock.advance(0);
  stop.abort();
  await running;
  controller.enqueue('ns/c');
  await clock.advance(1_000);
  assert.deepEqual(seen, ['ns/a']);
  assert.equal(clock.pending(), 0);
  start(controller);
  await clock.advance(0);
  assert.deepEqual(seen, ['ns/a', 'ns/b', 'ns/c']);
});

test('a stop does not wait for ever, and a reconcile that outlives its run keeps its key', async () => {
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const { clock, controller, stop, running } = setUp(async () => {
    calls += 1;
    await gate.promise;
    return done;
  });
  controller.enqueue('ns/a');
  await clock.advance(0);
  stop.abort();
  await clock.advance(3_000);
  await running;
  start(controller);
  controller.enqueue('ns/a');
  await clock.advance(0);
  assert.equal(calls, 1);
  gate.resolve();
  await clock.advance(0);
  assert.equal(calls, 2);
});

test('progress ages only while there is work', async () => {
  const gate = Promise.withResolvers<void>();
  const { clock, controller } = setUp(async () => {
    await gate.promise;
    return done;
  });
  await clock.advance(10_000);
  assert.equal(controller.lastProgressAgeMs(), 0);
  controller.enqueue('ns/a');
  await clock.advance(4_000);
  assert.equal(controller.lastProgressAgeMs(), 4_000);
  gate.resolve();
  await clock.advance(1_000);
  assert.equal(controller.lastProgressAgeMs(), 0);
});

test('a burst of reconciles that never wait leaves the event loop its turns', async () => {
  let left = 5_000;
  const { controller } = setUp(async () => {
    left -= 1;
    return done;
  });
  for (let n = 0; n < left; n += 1) controller.enqueue(`ns/${n}`);
  let turns = 0;
  while (left > 0) {
    await new Promise((resolve) => void setImmediate(resolve));
    turns += 1;
  }
  assert.ok(turns >= 50, `${turns} turns`);
});

test('namespaces take turns, however many keys one of them has', () => {
  const queue = new WorkQueue({ clock: createManualClock(), random: noJitter, onReady: () => undefined });
  for (let n = 0; n < 1_000; n += 1) queue.add(`big/${n}`);
  queue.add('small/a');
  queue.add('cluster-scoped');
  queue.add('small/b');
  const order = Array.from({ length: 6 }, () => queue.take());
  assert.deepEqual(order, ['big/0', 'small/a', 'cluster-scoped', 'big/1', 'small/b', 'big/2']);
});

test('property: every key added is taken, once per addition that counts, and no namespace waits more than a round', () => {
  const step = fc.oneof(
    fc.record({ op: fc.constant('add' as const), key: fc.stringMatching(/^[abc]\/[0-9]$/) }),
    fc.record({ op: fc.constant('take' as const), key: fc.constant('') }),
    fc.record({ op: fc.constant('done' as const), key: fc.constant('') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new WorkQueue({ clock: createManualClock(), random: noJitter, onReady: () => undefined });
      const wanted = new Set<string>();
      const held: string[] = [];
      const take = (): string | undefined => {
        const key = queue.take();
        if (key === undefined) return undefined;
        assert.ok(wanted.delete(key), `${key} was not wanted`);
        assert.ok(!held.includes(key), `${key} is held already`);
        held.push(key);
        return key;
      };
      for (const { op, key } of steps) {
        if (op === 'add') {
          wanted.add(key);
          queue.add(key);
        } else if (op === 'take') {
          take();
        } else {
          const finished = held.shift();
          if (finished !== undefined) queue.done(finished);
        }
        assert.equal(queue.depth, wanted.size);
      }
      while (wanted.size > 0) {
        if (take() === undefined) queue.done(held.shift() ?? assert.fail('a wanted key can not be taken'));
      }
    }),
  );
});
