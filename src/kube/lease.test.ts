import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock, type ManualClock } from '../telemetry/manual-clock.ts';
import { createClient } from './client.ts';
import type { Lease } from './kinds.ts';
import { createLeaseElection, type Term } from './lease.ts';
import { type Answer, noJitter, scripted, status } from './scripted.fixture.ts';
import type { Transport } from './transport.ts';

/** One Lease with optimistic locking. */
function leaseServer() {
  const server = {
    lease: undefined as Lease | undefined,
    version: 0,
    transport(faults: { down: boolean; hang: boolean }): Transport {
      return scripted((request, signal): Answer | Promise<Answer> => {
        if (faults.down) throw new Error('connect ECONNREFUSED');
        if (faults.hang)
          return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
        if (request.method === 'GET') return server.lease ? { body: server.lease } : status(404, 'NotFound');
        const written: Lease = JSON.parse(String(request.body));
        if (request.method === 'POST' && server.lease) return status(409, 'AlreadyExists');
        if (request.method === 'PUT' && written.metadata.resourceVersion !== server.lease?.metadata.resourceVersion) {
          return status(409, 'Conflict');
        }
        server.version += 1;
        server.lease = {
          ...written,
          metadata: { ...written.metadata, uid: 'lease', resourceVersion: String(server.version) },
        };
        return { body: server.lease };
      });
    },
  };
  return server;
}

function candidate(server: ReturnType<typeof leaseServer>, clock: ManualClock, identity: string) {
  const faults = { down: false, hang: false };
  const client = createClient({ transport: server.transport(faults), clock, random: noJitter, retry: { attempts: 1 } });
  const random = { ...noJitter, next: () => 0 };
  const election = createLeaseElection({
    client,
    clock,
    random,
    log: silentLog,
    namespace: 'ns',
    name: 'lock',
    identity,
  });
  const terms: Term[] = [];
  const stop = new AbortController();
  let working = 0;
  const running = election.run(stop.signal, async (term) => {
    terms.push(term);
    working += 1;
    await new Promise<void>((resolve) => term.signal.addEventListener('abort', () => resolve(), { once: true }));
    working -= 1;
  });
  const last = (): Term => terms.at(-1) ?? assert.fail('never led');
  return {
    election,
    faults,
    terms,
    last,
    stop: () => stop.abort(new Error('stop')),
    running,
    leads: () => working === 1,
  };
}

test('the first candidate leads at once, and keeps the lease by renewing it', async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const one = candidate(server, clock, 'one');
  await clock.advance(0);
  assert.equal(one.leads(), true);
  assert.equal(one.election.isLeader(), true);
  const acquired = server.lease?.spec.acquireTime;
  assert.equal(acquired, '2025-01-01T00:00:00.000000Z');
  await clock.advance(60_000);
  assert.deepEqual(server.lease?.spec, {
    holderIdentity: 'one',
    leaseDurationSeconds: 15,
    acquireTime: acquired,
    renewTime: '2025-01-01T00:01:00.000000Z',
    leaseTransitions: 0,
  });
  assert.equal(one.terms.length, 1);
  one.stop();
  await one.running;
  assert.equal(clock.pending(), 0);
});

test('a clean stop releases the lease after the work has ended, and the other takes over within a try', async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const one = candidate(server, clock, 'one');
  await clock.advance(0);
  const two = candidate(server, clock, 'two');
  await clock.advance(30_000);
  assert.deepEqual([one.leads(), two.leads()], [true, false]);
  one.stop();
  await one.running;
  assert.equal(server.lease?.spec.holderIdentity, '');
  assert.equal(one.election.isLeader(), false);
  await clock.advance(2_000);
  assert.equal(two.leads(), true);
  assert.equal(server.lease?.spec.leaseTransitions, 1);
});

for (const fault of ['down', 'hang'] as const) {
  test(`a leader whose API is ${fault} steps down before another may lead, and stands again`, async () => {
    const server = leaseServer();
    const clock = createManualClock();
    const one = candidate(server, clock, 'one');
    await clock.advance(0);
    const two = candidate(server, clock, 'two');
    await clock.advance(20_000);
    one.faults[fault] = true;
    for (let ms = 0; ms < 40_000; ms += 100) {
      await clock.advance(100);
      assert.ok(!(one.leads() && two.leads()), `two leaders after ${ms} ms`);
    }
    assert.deepEqual([one.leads(), two.leads()], [false, true]);
    assert.match(String(one.last().signal.reason), /could not be renewed in time/);
    one.faults[fault] = false;
    two.stop();
    await two.running;
    await clock.advance(10_000);
    assert.equal(one.leads(), true);
    assert.equal(one.terms.length, 2);
  });
}

test('an outage shorter than the renew deadline costs nothing', async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const one = candidate(server, clock, 'one');
  await clock.advance(10_000);
  one.faults.down = true;
  await clock.advance(7_000);
  one.faults.down = false;
  await clock.advance(20_000);
  assert.equal(one.leads(), true);
  assert.equal(one.terms.length, 1);
});

test('the times written in the lease are not believed: only what is seen to stand still runs out', async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const renewTime = '2001-01-01T00:00:00.000000Z';
  server.lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'lock', namespace: 'ns', uid: 'lease', resourceVersion: '0' },
    spec: { holderIdentity: 'other', leaseDurationSeconds: 15, renewTime },
  };
  const one = candidate(server, clock, 'one');
  await clock.advance(14_000);
  assert.equal(one.leads(), false, 'not although the time is long past');
  clock.stepWall(3_600_000);
  await clock.advance(500);
  assert.equal(one.leads(), false, 'not because the wall clock jumped');
  await clock.advance(2_000);
  assert.equal(one.leads(), true);
});

test('a lease that another took by force ends the term at the next try', async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const one = candidate(server, clock, 'one');
  await clock.advance(0);
  assert.ok(server.lease);
  server.lease = {
    ...server.lease,
    metadata: { ...server.lease.metadata, resourceVersion: 'x' },
    spec: { ...server.lease.spec, holderIdentity: 'thief' },
  };
  await clock.advance(2_000);
  assert.equal(one.leads(), false);
  assert.match(String(one.last().signal.reason), /another's/);
  await clock.advance(1_000);
  assert.equal(server.lease.spec.holderIdentity, 'thief', "nothing is released that is another's");
});

test("a stop does not release a lease that became another's unnoticed", async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const one = candidate(server, clock, 'one');
  await clock.advance(0);
  assert.ok(server.lease);
  server.lease = { ...server.lease, spec: { ...server.lease.spec, holderIdentity: 'thief' } };
  one.stop();
  await one.running;
  assert.equal(server.lease.spec.holderIdentity, 'thief');
});

test('renewed() asks the API now: true while leading, false when it is silent, lost or over', async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const one = candidate(server, clock, 'one');
  await clock.advance(500);
  const before = server.version;
  assert.equal(await one.last().renewed(), true);
  assert.equal(server.version, before + 1);
  one.faults.down = true;
  assert.equal(await one.last().renewed(), false);
  one.faults.down = false;
  assert.ok(server.lease);
  server.lease = { ...server.lease, spec: { ...server.lease.spec, holderIdentity: 'thief' } };
  assert.equal(await one.last().renewed(), false);
  assert.equal(one.election.isLeader(), false);
  await clock.advance(2_000);
  assert.equal(await one.last().renewed(), false);
});

test('work that ends or fails by itself gives the lease back, and is begun again', async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const client = createClient({ transport: server.transport({ down: false, hang: false }), clock, random: noJitter });
  const election = createLeaseElection({
    client,
    clock,
    random: noJitter,
    log: silentLog,
    namespace: 'ns',
    name: 'lock',
    identity: 'one',
  });
  const stop = new AbortController();
  let terms = 0;
  const running = election.run(stop.signal, async () => {
    terms += 1;
    if (terms === 1) throw new Error('broken');
  });
  await clock.advance(0);
  assert.equal(server.lease?.spec.holderIdentity, '');
  await clock.advance(2_400);
  assert.equal(terms, 2);
  stop.abort();
  await running;
});

test('a stop does not hang on an API that does not answer', async () => {
  const server = leaseServer();
  const clock = createManualClock();
  const one = candidate(server, clock, 'one');
  await clock.advance(0);
  one.faults.hang = true;
  one.stop();
  await clock.advance(1_000);
  await one.running;
  assert.equal(clock.pending(), 0);
});

test('times that do not fit each other are refused', () => {
  const clock = createManualClock();
  const client = createClient({
    transport: leaseServer().transport({ down: false, hang: false }),
    clock,
    random: noJitter,
  });
  const options = { client, clock, random: noJitter, log: silentLog, namespace: 'ns', name: 'lock', identity: 'one' };
  assert.throws(() => createLeaseElection({ ...options, renewMs: 15_000 }), /retryMs < renewMs < leaseMs/);
  assert.throws(() => createLeaseElection({ ...options, retryMs: 10_000 }), RangeError);
});
