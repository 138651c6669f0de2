import assert from 'node:assert/strict';
import { test } from 'node:test';
import pino from 'pino';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../../telemetry/metrics.ts';
import type { VolumeFacts } from '../lookup.ts';
import { metrics as declared, LookupError } from '../registry.ts';
import { createBackgroundLookup } from './background.ts';

const facts: VolumeFacts = { type: 'gp3', sizeBytes: 1n, modification: undefined, shared: false };

function worldOf(ask: (handles: readonly string[]) => ReadonlyMap<string, VolumeFacts>) {
  const clock = createManualClock();
  const registry = new MetricsRegistry();
  const stop = new AbortController();
  const asked: (readonly string[])[] = [];
  const lookup = createBackgroundLookup({
    cloud: 'aws',
    ask: async (handles) => {
      asked.push(handles);
      return ask(handles);
    },
    batch: 2,
    perSecond: 1,
    maxAgeMs: 600_000,
    clock,
    log: pino({ enabled: false }),
    metrics: registry.register(declared),
  });
  const stopped = lookup.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await stopped;
  };
  return { clock, registry, lookup, asked, end };
}
const all = (handles: readonly string[]) => new Map(handles.map((handle) => [handle, facts]));

test('nobody waits: an answer is there the next time, in batches, at the pace that is set', async () => {
  const { clock, lookup, asked, end } = worldOf(all);
  for (const handle of ['a', 'b', 'c']) assert.deepEqual(lookup.latest(handle), { kind: 'asked' });
  await clock.advance(50);
  assert.deepEqual(asked, [['a', 'b']]);
  assert.deepEqual(lookup.latest('a'), { kind: 'known', facts, at: clock.now() });
  assert.deepEqual(lookup.latest('c'), { kind: 'asked' });
  await clock.advance(900);
  assert.equal(asked.length, 1, 'one question in a second');
  await clock.advance(200);
  assert.deepEqual(asked[1], ['c']);
  lookup.latest('a');
  await clock.advance(60_000);
  assert.equal(asked.length, 2, 'what is known is not asked again');
  await clock.advance(600_000);
  lookup.latest('a');
  assert.equal(lookup.latest('a').kind, 'known', 'an old answer counts until the new one is there');
  await clock.advance(2_000);
  assert.deepEqual(asked[2], ['a']);
  await end();
});

test('a failure is said, older facts stay, and the cloud is left alone for longer each time', async () => {
  const failures = [
    new LookupError('LARDER_LOOKUP_DENIED', 'the role lacks ec2:DescribeVolumes'),
    new LookupError('LARDER_LOOKUP_THROTTLED', 'slow down', { afterMs: 90_000 }),
  ];
  const { clock, registry, lookup, asked, end } = worldOf((handles) => {
    const failure = failures.shift();
    if (failure) throw failure;
    return all(handles);
  });
  lookup.latest('a');
  await clock.advance(50);
  const denied = lookup.latest('a');
  assert.deepEqual(denied, { kind: 'failed', reason: 'the role lacks ec2:DescribeVolumes', facts: undefined });
  const problem = { problem: 'the role lacks ec2:DescribeVolumes', code: 'LARDER_LOOKUP_DENIED' };
  assert.deepEqual(lookup.state(), { cloud: 'aws', known: 0, ...problem });
  await clock.advance(1_200);
  lookup.latest('a');
  await clock.advance(200);
  assert.equal(asked.length, 2);
  lookup.latest('b');
  await clock.advance(80_000);
  assert.equal(asked.length, 2, 'Retry-After is kept to, for every volume');
  await clock.advance(11_000);
  assert.deepEqual(asked[2], ['b']);
  lookup.latest('a');
  await clock.advance(2_000);
  assert.equal(lookup.latest('a').kind, 'known');
  assert.deepEqual(lookup.state(), { cloud: 'aws', known: 2, problem: '', code: '' });
  const text = await registry.expose();
  for (const [outcome, count] of [
    ['denied', 1],
    ['throttled', 1],
    ['ok', 2],
  ]) {
    assert.match(text, new RegExp(`larder_cloud_lookups_total\\{cloud="aws",outcome="${outcome}"\\} ${count}`));
  }
  assert.match(text, /larder_cloud_lookup_volumes\{cloud="aws"\} 2/);
  await end();
});

test('a volume that the cloud does not know says so, and one that nobody asks about is forgotten', async () => {
  const { clock, registry, lookup, end } = worldOf(() => new Map([['a', facts]]));
  lookup.latest('gone');
  lookup.latest('a');
  await clock.advance(50);
  assert.deepEqual(lookup.latest('gone'), { kind: 'failed', reason: 'aws knows no volume gone', facts: undefined });
  await clock.advance(1_900_000);
  lookup.latest('other');
  await clock.advance(2_000);
  assert.match(await registry.expose(), /larder_cloud_lookup_volumes\{cloud="aws"\} 0/);
  await end();
});

test('it ends when it is told to, also while it waits for an answer', async () => {
  const { clock, lookup, end } = worldOf(all);
  lookup.latest('a');
  await clock.advance(10);
  await end();
  assert.equal(clock.pending(), 0);
});
