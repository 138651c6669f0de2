import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../../telemetry/manual-clock.ts';
import type { Storage } from '../storage.ts';
import { createExport } from './export.ts';
import { requestFor } from './operations.fixture.ts';
import { formatLine, isMalformed, type Operation, parseRequest, type Request, type Result } from './protocol.ts';
import type { Child, ChildEvents } from './spawn.ts';

const unavailable = (detail: string, landed: 'no' | 'maybe' = 'no') =>
  ({ kind: 'problem', problem: 'unavailable', detail, errno: '', landed }) as const;
const opened = { kind: 'opened', warning: '' } as const;
const created = { kind: 'created', identity: '7' } as const;
const hung = unavailable('did not answer within 5s');

/** A process that answers only when the test says so, and ends only when the test says so. */
interface FakeChild {
  readonly requests: Request[];
  readonly events: ChildEvents;
  killed: boolean;
  answer(kind: Operation['kind'], result: Result): void;
}

interface World {
  readonly storage: Storage;
  readonly clock: ManualClock;
  readonly children: FakeChild[];
  readonly stop: AbortController;
  readonly running: Promise<void>;
  readonly healed: () => number;
}

/** `answers`: what every process answers by itself, by the kind of the request; the others wait for the test. */
function worldOf(
  t: TestContext,
  answers: Partial<Record<Operation['kind'], Result>> = { open: opened, probe: { kind: 'alive' } },
): World {
  const clock = createManualClock();
  const children: FakeChild[] = [];
  const childFactory = (events: ChildEvents): Child => {
    const child: FakeChild = {
      requests: [],
      events,
      killed: false,
      answer(kind, result) {
        const index = child.requests.findIndex((request) => request.operation.kind === kind);
        assert.ok(index >= 0, `no ${kind} was asked`);
        const [request] = child.requests.splice(index, 1);
        events.onLine(formatLine({ id: request?.id ?? 0, result }));
      },
    };
    children.push(child);
    return {
      pid: children.length,
      send(line) {
        const request = parseRequest(line);
        assert.ok(!isMalformed(request));
        child.requests.push(request);
        const result = answers[request.operation.kind];
        if (result) queueMicrotask(() => child.answer(request.operation.kind, result));
      },
      kill() {
        child.killed = true;
      },
    };
  };
  const storage = createExport({
    description: { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: '/nowhere' },
    allowLocal: false,
    childFactory,
    clock,
    random: { next: () => 0.5, uuid: () => '00000000-0000-4000-8000-000000000000' },
    log: silentLog,
  });
  let healed = 0;
  storage.onHealthy(() => {
    healed += 1;
  });
  const stop = new AbortController();
  const running = storage.run(stop.signal);
  t.after(() => stop.abort());
  return { storage, clock, children, stop, running, healed: () => healed };
}

describe('an export that hangs', () => {
  it('is down after 5 s: what was sent may land late, what comes next is answered at once', async (t) => {
    const { storage, clock, children } = worldOf(t);
    await clock.advance(0);
    assert.deepEqual(storage.health(), { kind: 'up' });
    const pending = storage.ensure(requestFor('a'));
    const reading = storage.inspect(['a']);
    await clock.advance(4_999);
    assert.deepEqual(storage.health(), { kind: 'up' });
    await clock.advance(21);
    assert.deepEqual(await pending, { ...hung, landed: 'maybe' });
    assert.deepEqual(await reading, hung);
    assert.equal(children[0]?.killed, true);
  });

  it('is down after 10 s where only something was asked that may take longer', async (t) => {
    const { storage, clock, children } = worldOf(t, { open: opened });
    await clock.advance(0);
    const listing = storage.list([]);
    await clock.advance(4_999);
    assert.deepEqual(children[0]?.requests.length, 1, 'only the listing');
    await clock.advance(1);
    assert.equal(children[0]?.requests.at(-1)?.operation.kind, 'probe');
    await clock.advance(5_020);
    assert.deepEqual(await listing, hung);
  });

  it('is not down because something takes long: its root answers', async (t) => {
    const { storage, clock, children } = worldOf(t);
    await clock.advance(0);
    const listing = storage.list([]);
    await clock.advance(20_000);
    children[0]?.answer('list', { kind: 'list', names: [] });
    assert.equal((await listing).kind, 'list');
    assert.deepEqual(storage.health(), { kind: 'up' });
  });

  it('answers everything at once until a probe closes the breaker, and then tells who waits', async (t) => {
    const { storage, clock, children, healed } = worldOf(t, {});
    await clock.advance(0);
    const first = storage.ensure(requestFor('a'));
    await clock.advance(5_000);
    assert.deepEqual(await first, hung, 'nothing was sent, so nothing can land');
    assert.deepEqual(await storage.ensure(requestFor('b')), hung);
    const health = storage.health();
    assert.ok(health.kind === 'down');
    assert.deepEqual([health.problem, health.sinceMs], [hung, clock.now()]);
    assert.equal(children[0]?.killed, false, 'a process that hangs in its first request is the best probe');
    children[0]?.answer('open', opened);
    await clock.advance(0);
    assert.deepEqual([storage.health(), healed()], [{ kind: 'up' }, 1]);
    const after = storage.ensure(requestFor('c'));
    children[0]?.answer('ensure', created);
    assert.deepEqual(await after, created);
  });

  it('is given at most three abandoned processes, and a new one as soon as one of them has ended', async (t) => {
    const { storage, clock, children } = worldOf(t, {});
    await clock.advance(600_000);
    assert.equal(children.length, 3);
    assert.ok(children.every((child) => child.killed));
    assert.deepEqual(await storage.ensure(requestFor('a')), hung);
    children[1]?.events.onExit('SIGKILL');
    await clock.advance(0);
    assert.equal(children.length, 4);
    children[3]?.answer('open', opened);
    await clock.advance(0);
    assert.deepEqual(storage.health(), { kind: 'up' });
  });

  it('has a process waiting for it all the time, however long it hangs, while these can be killed', async (t) => {
    const { storage, clock, children } = worldOf(t, {});
    await clock.advance(0);
    for (let hung = 1; hung <= 20; hung += 1) {
      await clock.advance(30_020); // the patience with a process
      const last = children.at(-1);
      if (last?.killed) last.events.onExit('SIGKILL');
      await clock.advance(500);
      assert.equal(children.length, hung + 1, `${hung} processes have hung`);
    }
    children.at(-1)?.answer('open', opened);
    await clock.advance(0);
    assert.deepEqual(storage.health(), { kind: 'up' });
  });

  it('says once more that it is healthy when an abandoned process ends: what that did is visible only now', async (t) => {
    const { storage, clock, children, healed } = worldOf(t);
    await clock.advance(0);
    void storage.ensure(requestFor('a'));
    await clock.advance(60_000);
    assert.deepEqual([storage.health().kind, healed()], ['up', 2]);
    children[0]?.events.onExit('SIGKILL');
    assert.equal(healed(), 3);
  });

  it('ignores what an abandoned process still says', async (t) => {
    const { storage, clock, children } = worldOf(t);
    await clock.advance(0);
    const pending = storage.ensure(requestFor('a'));
    await clock.advance(5_020);
    await pending;
    const next = storage.ensure(requestFor('b'));
    children[0]?.answer('ensure', created);
    await clock.advance(0);
    children[1]?.answer('ensure', { kind: 'created', identity: '8' });
    assert.deepEqual(await next, { kind: 'created', identity: '8' });
  });

  it('does not hold up the end of run', async (t) => {
    const { storage, clock, stop, running, children } = worldOf(t);
    await clock.advance(0);
    const pending = storage.ensure(requestFor('a'));
    stop.abort();
    await running;
    assert.equal((await pending).kind, 'problem');
    assert.equal(children[0]?.killed, true);
    assert.equal((await storage.ensure(requestFor('b'))).kind, 'problem');
    assert.equal(storage.health().kind, 'down');
    assert.equal(clock.pending(), 0);
  });

  it('keeps a look at an idle export, and finds it hung', async (t) => {
    const { clock, children, healed } = worldOf(t, { open: opened });
    await clock.advance(31_900);
    assert.deepEqual([children.length, healed()], [1, 1]);
    await clock.advance(200);
    assert.deepEqual([children.length, children[0]?.killed, healed()], [2, true, 2]);
  });
});

describe('an export that answers with problems', () => {
  const readOnly = {
    kind: 'problem',
    problem: 'read-only',
    detail: 'is read-only',
    errno: 'EROFS',
    landed: 'no',
  } as const;
  const io = { ...unavailable('failed (EIO)'), errno: 'EIO' } as const;

  it('is probed every 5 to 30 s and is up again after that', async (t) => {
    const { storage, clock, children, healed } = worldOf(t, {});
    await clock.advance(0);
    children[0]?.answer('open', readOnly);
    const asked: number[] = [];
    for (let second = 1; asked.length < 6; second += 1) {
      await clock.advance(1_000);
      if (children[0]?.requests.length !== 1) continue;
      asked.push(second);
      children[0]?.answer('open', asked.length < 6 ? readOnly : opened);
      await clock.advance(0);
    }
    const gaps = asked.map((second, index) => second - (asked[index - 1] ?? 0));
    assert.ok(
      gaps.every((gap) => gap >= 4 && gap <= 31),
      gaps.join(),
    );
    assert.ok((gaps.at(-1) ?? 0) > (gaps[0] ?? 0), 'the pauses grow');
    assert.deepEqual([children.length, storage.health().kind, healed()], [1, 'up', 1]);
  });

  it('stays up when only one directory fails and the root is well', async (t) => {
    const { storage, clock, children } = worldOf(t);
    await clock.advance(0);
    const failing = storage.ensure(requestFor('broken'));
    children[0]?.answer('ensure', { ...io, landed: 'maybe' });
    assert.deepEqual(await failing, { ...io, landed: 'maybe' });
    await clock.advance(1_000);
    assert.deepEqual(storage.health(), { kind: 'up' });
  });

  it('is down as soon as the look that follows a failure fails too', async (t) => {
    const { storage, clock, children } = worldOf(t, {});
    await clock.advance(0);
    children[0]?.answer('open', opened);
    const failing = storage.ensure(requestFor('a'));
    await clock.advance(0);
    children[0]?.answer('ensure', readOnly);
    await failing;
    await clock.advance(0);
    children[0]?.answer('open', readOnly);
    await clock.advance(0);
    const health = storage.health();
    assert.ok(health.kind === 'down');
    assert.deepEqual(health.problem, readOnly);
  });
});

describe('the process of an export', () => {
  it('is started again, ever more slowly, when it ends by itself', async (t) => {
    const { storage, clock, children } = worldOf(t, {});
    for (let index = 0; index < 5; index += 1) {
      await clock.advance(0);
      const count = children.length;
      const pending = storage.ensure(requestFor('a'));
      children.at(-1)?.events.onExit('exit code 1');
      assert.deepEqual(
        await pending,
        index === 0 ? unavailable('failed (its process ended: exit code 1)') : await pending,
      );
      for (let waited = 0; children.length === count; waited += 100) {
        assert.ok(waited < 20_000);
        await clock.advance(100);
      }
    }
    assert.equal(children.length, 6);
  });

  it('leaves unknown what it was doing when it ended', async (t) => {
    const { storage, clock, children } = worldOf(t);
    await clock.advance(0);
    const pending = storage.trash({ path: ['a'], volumeUid: 'u', volumeName: 'v', claim: 'c/d', at: 1 });
    await clock.advance(0);
    children[0]?.events.onExit('SIGKILL');
    assert.deepEqual(await pending, unavailable('failed (its process ended: SIGKILL)', 'maybe'));
  });

  it('is replaced when it does not keep to the protocol', async (t) => {
    const { storage, clock, children } = worldOf(t);
    await clock.advance(0);
    const pending = storage.space();
    children[0]?.events.onLine('{"id":2,"result":{"kind":"space","totalBytes":12}}');
    assert.deepEqual(await pending, unavailable('failed (its process answered nonsense)'));
    assert.equal(children[0]?.killed, true);
    await clock.advance(10_000);
    assert.deepEqual([children.length, storage.health().kind], [2, 'up']);
  });

  it('works on 64 requests at a time; the others wait without a deadline', async (t) => {
    const { storage, clock, children } = worldOf(t);
    await clock.advance(0);
    const all = Array.from({ length: 100 }, (_, index) => storage.ensure(requestFor(`${index}`)));
    assert.equal(children[0]?.requests.length, 64);
    for (let done = 0; done < 100; done += 1) children[0]?.answer('ensure', created);
    assert.equal((await Promise.all(all)).filter((result) => result.kind === 'created').length, 100);
  });

  it('is asked nothing for a caller who has gone, and a gone caller hears the reason of its signal', async (t) => {
    const { storage, clock, children } = worldOf(t, {});
    await clock.advance(0);
    const gone = new AbortController();
    const waiting = storage.ensure(requestFor('waits'), gone.signal);
    const reason = new Error('the claim is gone');
    gone.abort(reason);
    await assert.rejects(waiting, reason);
    await assert.rejects(storage.ensure(requestFor('late'), gone.signal), reason);
    children[0]?.answer('open', opened);
    await clock.advance(0);
    assert.deepEqual(children[0]?.requests, []);
  });

  it('keeps the last complete measurement while the next one is under way', async (t) => {
    const { storage, clock, children } = worldOf(t);
    await clock.advance(0);
    const spent = { operations: 1, cpuMs: 0 };
    const usage = { kind: 'usage', usedBytes: 1n, inodes: 1n, at: 1, readAt: 1, complete: false, ...spent } as const;
    const measure = async (usedBytes: bigint, complete: boolean, at: number): Promise<unknown> => {
      const pending = storage.usage({ path: ['a'], maxOperations: 9 });
      children[0]?.answer('usage', { ...usage, usedBytes, at, complete });
      return pending;
    };
    assert.deepEqual(await measure(1n, false, 1), usage);
    assert.deepEqual(await measure(9n, true, 2), { ...usage, usedBytes: 9n, at: 2, complete: true });
    assert.deepEqual(await measure(2n, false, 3), { ...usage, usedBytes: 9n, at: 2, complete: false });
  });
});
