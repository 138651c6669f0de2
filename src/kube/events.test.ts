import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { createClient } from './client.ts';
import { KubeError } from './error.ts';
import { createEventRecorder } from './events.ts';
import { metrics as declared } from './registry.ts';
import { type Answer, noJitter, scripted, status } from './scripted.fixture.ts';
import type { TransportRequest } from './transport.ts';

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '5' },
};

interface Written {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly message: string;
  readonly count: number;
  readonly [field: string]: unknown;
}

/** Keeps events as the API does. `fail` may answer instead. */
function setUp(fail: (request: TransportRequest) => Answer | undefined = () => undefined, busy?: () => boolean) {
  const clock = createManualClock();
  const events = new Map<string, Written>();
  const transport = scripted((request) => {
    const failure = fail(request);
    if (failure) return failure;
    const body = request.body === undefined ? {} : JSON.parse(String(request.body));
    const name: string = body.metadata?.name ?? decodeURIComponent(request.path.split('?')[0]?.split('/').at(-1) ?? '');
    const known = events.get(name);
    if (request.method === 'POST' && known) return status(409, 'AlreadyExists');
    if (request.method !== 'POST' && !known) return status(404, 'NotFound');
    const event = { ...known, ...body };
    events.set(name, event);
    return { body: event };
  });
  const registry = new MetricsRegistry();
  const metrics = registry.register(declared);
  const client = createClient({ transport, clock, random: noJitter });
  const recorder = createEventRecorder({
    client,
    clock,
    random: noJitter,
    log: silentLog,
    metrics,
    component: 'tester',
    instance: 'tester-0',
    ...(busy ? { busy } : {}),
  });
  const outcome = async (name: string): Promise<number> => {
    const line = (await registry.expose()).match(
      new RegExp(`event_recorder_events_total\\{outcome="${name}"\\} (\\d+)`),
    );
    return Number(line?.[1] ?? 0);
  };
  return { clock, client, events, recorder, requests: transport.requests, outcome };
}

test('an event says what happened to which object, when, and who says so', async () => {
  const { events, recorder } = setUp();
  recorder.record(claim, 'Warning', 'Broken', 'it broke');
  await recorder.flush();
  const [event] = [...events.values()];
  assert.ok(event);
  assert.match(event.metadata.name, /^data\.[0-9a-f]{16}$/);
  assert.equal(event.metadata.namespace, 'shop');
  const { metadata: _, ...rest } = event;
  assert.deepEqual(rest, {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      name: 'data',
      namespace: 'shop',
      uid: 'u1',
      resourceVersion: '5',
    },
    type: 'Warning',
    reason: 'Broken',
    message: 'it broke',
    source: { component: 'tester' },
    reportingComponent: 'tester',
    reportingInstance: 'tester-0',
    count: 1,
    firstTimestamp: '2025-01-01T00:00:00Z',
    lastTimestamp: '2025-01-01T00:00:00Z',
  });
});

test('an event of a cluster-scoped object goes to the default namespace', async () => {
  const { events, recorder } = setUp();
  recorder.record({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pv' } }, 'Normal', 'Made', 'made');
  await recorder.flush();
  assert.equal([...events.values()][0]?.metadata.namespace, 'default');
});

test('equal events raise the count of one, in few requests', async () => {
  const { clock, events, recorder, requests } = setUp();
  for (let n = 0; n < 3; n += 1) recorder.record(claim, 'Normal', 'Same', 'same');
  recorder.record(claim, 'Normal', 'Same', 'other');
  await recorder.flush();
  await clock.advance(60_000);
  recorder.record(claim, 'Normal', 'Same', 'same');
  await recorder.flush();
  assert.deepEqual(
    [...events.values()].map(({ message, count }) => `${message} ${count}`),
    ['same 4', 'other 1'],
  );
  assert.equal([...events.values()][0]?.['lastTimestamp'], '2025-01-01T00:01:00Z');
  assert.deepEqual(
    requests.map(({ method }) => method),
    ['POST', 'POST', 'PATCH'],
  );
});

test('a new process goes on counting where the last one stopped', async () => {
  const { clock, client, events, recorder } = setUp();
  recorder.record(claim, 'Normal', 'Same', 'same');
  await recorder.flush();
  const second = createEventRecorder({ client, clock, random: noJitter, log: silentLog, component: 'tester' });
  second.record(claim, 'Normal', 'Same', 'same');
  await second.flush();
  assert.deepEqual(
    [...events.values()].map(({ count }) => count),
    [2],
  );
});

test('an event whose answer was lost is counted once', async () => {
  const { clock, client, events } = setUp();
  let lost = 0;
  const lossy: typeof client = {
    ...client,
    async create(resource, object, options) {
      const created = await client.create(resource, object, options);
      lost += 1;
      if (lost === 1) throw new KubeError('KUBE_UNAVAILABLE', 'no answer');
      return created;
    },
  };
  const recorder = createEventRecorder({ client: lossy, clock, random: noJitter, log: silentLog, component: 'tester' });
  recorder.record(claim, 'Normal', 'Same', 'same');
  await clock.advance(10_000);
  await recorder.flush();
  assert.deepEqual(
    [...events.values()].map(({ count }) => count),
    [1],
  );
  recorder.record(claim, 'Normal', 'Same', 'same');
  await recorder.flush();
  assert.deepEqual(
    [...events.values()].map(({ count }) => count),
    [2],
  );
});

test('an event that the API has forgotten is written anew', async () => {
  const { events, recorder } = setUp();
  recorder.record(claim, 'Normal', 'Same', 'same');
  await recorder.flush();
  events.clear();
  recorder.record(claim, 'Normal', 'Same', 'same');
  await recorder.flush();
  assert.deepEqual(
    [...events.values()].map(({ count }) => count),
    [1],
  );
});

test('one object gets 25 events at once, then one in five minutes; others are not affected', async () => {
  const { clock, events, recorder, outcome } = setUp();
  for (let n = 0; n < 40; n += 1) recorder.record(claim, 'Normal', 'Loud', `message ${n}`);
  recorder.record({ ...claim, metadata: { ...claim.metadata, uid: 'u2' } }, 'Normal', 'Quiet', 'message');
  await recorder.flush();
  assert.equal(events.size, 26);
  assert.equal(await outcome('limited'), 15);
  await clock.advance(299_000);
  recorder.record(claim, 'Normal', 'Loud', 'too early');
  await clock.advance(1_000);
  recorder.record(claim, 'Normal', 'Loud', 'in time');
  recorder.record(claim, 'Normal', 'Loud', 'too many');
  await recorder.flush();
  assert.deepEqual(
    [...events.values()].slice(26).map(({ message }) => message),
    ['in time'],
  );
});

test('a queue that is full drops what comes and says so', async () => {
  const { events, recorder, outcome } = setUp();
  for (let n = 0; n < 10_100; n += 1) {
    recorder.record({ ...claim, metadata: { ...claim.metadata, uid: `u${n}` } }, 'Normal', 'Many', 'message');
  }
  await recorder.flush();
  assert.equal(events.size, 10_000);
  assert.equal(await outcome('dropped'), 100);
});

test('a refused event is given up, a failed one is tried again; neither throws', async () => {
  let refusals = 0;
  const refused = setUp(() => {
    refusals += 1;
    return status(403, 'Forbidden', 'the namespace is being terminated');
  });
  refused.recorder.record(claim, 'Normal', 'Same', 'same');
  await refused.recorder.flush();
  assert.equal(refusals, 1);
  assert.equal(await refused.outcome('failed'), 1);

  let failures = 2;
  const failed = setUp(() => {
    failures -= 1;
    return failures >= 0 ? status(500, 'InternalError') : undefined;
  });
  failed.recorder.record(claim, 'Normal', 'Same', 'same');
  await failed.clock.advance(10_000);
  assert.equal(failed.events.size, 1);
  assert.equal(await failed.outcome('written'), 1);
});

test('flush ends with its signal though the API does not answer', async () => {
  const { recorder } = setUp(() => ({ ...status(500, ''), headers: {} }));
  recorder.record(claim, 'Normal', 'Same', 'same');
  await recorder.flush(AbortSignal.abort());
});

test('good news lets work go first, for five seconds at most; a warning does not wait', async () => {
  let working = true;
  const { clock, events, recorder } = setUp(undefined, () => working);
  const written = (): string[] => [...events.values()].map(({ message }) => message);
  recorder.record(claim, 'Normal', 'Good', 'one');
  recorder.record(claim, 'Warning', 'Bad', 'two');
  await clock.advance(1_000);
  assert.deepEqual(written(), ['two']);
  recorder.record(claim, 'Warning', 'Bad', 'three');
  recorder.record(claim, 'Normal', 'Good', 'four');
  await clock.advance(3_900);
  assert.deepEqual(written(), ['two', 'three']);
  await clock.advance(200);
  assert.deepEqual(written(), ['two', 'three', 'one'], 'the work does not end');
  working = false;
  await clock.advance(100);
  assert.deepEqual(written(), ['two', 'three', 'one', 'four']);
  recorder.record(claim, 'Normal', 'Good', 'five');
  await clock.advance(0);
  assert.equal(written().length, 5, 'nothing is waited for when there is no work');
});

test('what is flushed waits for no work', async () => {
  const { clock, events, recorder } = setUp(undefined, () => true);
  recorder.record(claim, 'Normal', 'Good', 'one');
  await clock.advance(0);
  assert.equal(events.size, 0);
  const flushed = recorder.flush();
  await clock.advance(100);
  await flushed;
  assert.equal(events.size, 1);
});

test('names and messages are cut to what the API takes', async () => {
  const { events, recorder } = setUp();
  const name = `${'n'.repeat(235)}.${'m'.repeat(17)}`;
  recorder.record({ ...claim, metadata: { ...claim.metadata, name } }, 'Normal', 'Long', 'ä'.repeat(1_000));
  await recorder.flush();
  const [event] = [...events.values()];
  assert.ok(event);
  assert.ok(event.metadata.name.length <= 253);
  assert.match(event.metadata.name, /[a-z0-9]\.[0-9a-f]{16}$/);
  assert.ok(Buffer.byteLength(event.message) <= 1_024);
  assert.match(event.message, /^ä{510}…$/);
});

test('property: a message of any characters is whole or cut between characters', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 200, maxLength: 1_100 }), async (message) => {
      const { events, recorder } = setUp();
      recorder.record(claim, 'Normal', 'Long', message);
      await recorder.flush();
      const written = [...events.values()][0]?.message ?? '';
      assert.ok(Buffer.byteLength(written) <= 1_024);
      if (Buffer.byteLength(message) <= 1_024) assert.equal(written, message);
      else assert.ok(written.endsWith('…') && message.startsWith(written.slice(0, -1)) && written.length > 200);
    }),
    { numRuns: 30 },
  );
});
