import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { constraintsOf, GIB, NOW, type SituationOptions, situationInput } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { Decision, GateName } from '../decision.ts';
import type { Growth, History } from '../history.ts';
import type { Modification, VolumeConstraints } from '../provider.ts';
import { summaryOf } from '../summary.ts';

const HOUR = 3_600_000;
const ebs = { perWindow: 4, windowMs: 24 * HOUR, minIntervalMs: 6 * HOUR };

const grownAt = (at: number): Growth => ({
  at,
  fromBytes: 9n * GIB,
  toBytes: 10n * GIB,
  trigger: 'storage',
  usableBytes: 9n * GIB,
  inodes: undefined,
  origin: 'kubelet',
});
const historyOf = (...times: readonly number[]): History => ({
  lastAt: times.at(-1),
  growths: times.map(grownAt),
});

interface Case {
  readonly history?: History;
  readonly seen?: Modification;
  readonly volume?: Partial<VolumeConstraints>;
  readonly annotations?: SituationOptions['annotations'];
}

/** Full, and on EBS. */
function decided({ history = historyOf(), seen, volume, annotations }: Case): Decision {
  const limits: VolumeConstraints = {
    minSize: GIB,
    maxSize: 16_384n * GIB,
    stepSize: GIB,
    volumeType: 'gp3',
    modifications: ebs,
    ...(seen ? { lastModification: seen } : {}),
    ...volume,
  };
  const constraints = constraintsOf({ provider: 'aws', volume: limits });
  const options = { usedRatio: 0.95, over: { constraints, history }, ...(annotations ? { annotations } : {}) };
  return decide(situationInput(options));
}
const gate = (decision: Decision, name: GateName) => decision.gates.find((one) => one.name === name);
const seen = (agoMs: number, over: Partial<Modification> = {}): Modification => ({
  at: NOW - agoMs,
  state: 'completed',
  settled: true,
  source: 'ec2:DescribeVolumesModifications',
  ...over,
});

test('six hours apart, and four in a day, counted from the history on the claim', () => {
  assert.equal(decided({}).verdict.kind, 'Expand');
  const soon = decided({ history: historyOf(NOW - 2 * HOUR) });
  assert.deepEqual(soon.verdict, { kind: 'CoolingDown', until: NOW + 4 * HOUR });
  assert.equal(decided({ history: historyOf(NOW - 6 * HOUR) }).verdict.kind, 'Expand');
  const four = historyOf(NOW - 23 * HOUR, NOW - 18 * HOUR, NOW - 12 * HOUR, NOW - 6 * HOUR);
  assert.deepEqual(decided({ history: four }).verdict, { kind: 'CoolingDown', until: NOW + HOUR });
  const three = historyOf(NOW - 18 * HOUR, NOW - 12 * HOUR, NOW - 6 * HOUR);
  assert.equal(decided({ history: three }).verdict.kind, 'Expand');
});

test('a longer cooldown of the claim wins, and only growths of Larder count for it', () => {
  const annotations = { 'pvc-chonker.io/cooldown': '12h' };
  const own = decided({ history: historyOf(NOW - 7 * HOUR), annotations });
  assert.deepEqual(own.verdict, { kind: 'CoolingDown', until: NOW + 5 * HOUR });
  assert.equal(decided({ seen: seen(7 * HOUR), annotations }).verdict.kind, 'Expand');
});

test('what somebody else did in the cloud counts where the cloud was asked', () => {
  const foreign = decided({ seen: seen(HOUR) });
  assert.deepEqual(foreign.verdict, { kind: 'CoolingDown', until: NOW + 5 * HOUR });
  assert.equal(gate(foreign, 'cooldown')?.compared[0]?.source, 'ec2:DescribeVolumesModifications');
  const three = historyOf(NOW - 23 * HOUR, NOW - 18 * HOUR, NOW - 12 * HOUR);
  assert.equal(decided({ history: three, seen: seen(7 * HOUR) }).verdict.kind, 'CoolingDown');
  // The growth of twelve hours ago, as EC2 saw it: counted once.
  assert.equal(decided({ history: three, seen: seen(12 * HOUR - 40_000) }).verdict.kind, 'Expand');
});

test('while the cloud works on the last modification nothing is asked of it', () => {
  const state = 'optimizing, 40 %';
  const busy = decided({ seen: seen(8 * HOUR, { state, settled: false }) });
  assert.deepEqual(busy.verdict, { kind: 'InProgress', since: NOW - 8 * HOUR });
  assert.equal(busy.state, 'filling');
  assert.match(gate(busy, 'provider-window')?.reason ?? '', /has not finished the last modification: optimizing, 40 %/);
  assert.equal(busy.next.action, 'grows to 11Gi when the cloud has finished');
  assert.match(summaryOf(busy), /^waits for its cloud, which modifies the volume since /);
});

test('without limits of the provider only the cooldown of the claim counts', () => {
  const free = decided({ history: historyOf(NOW - HOUR), volume: { modifications: undefined } });
  assert.equal(free.verdict.kind, 'Expand');
  assert.equal(gate(free, 'provider-window')?.outcome, 'skip');
  assert.equal(gate(decided({ volume: { modifications: undefined } }), 'cooldown')?.reason, 'it has never grown');
});

test('whatever happened when, a growth now keeps to both limits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 48 * 60 }), { maxLength: 8 }),
      fc.option(fc.integer({ min: 0, max: 48 * 60 }), { nil: undefined }),
      (minutesAgo, seenAgo) => {
        const times = minutesAgo.map((minutes) => NOW - minutes * 60_000).sort((a, b) => a - b);
        const decision = decided({
          history: historyOf(...times),
          ...(seenAgo === undefined ? {} : { seen: seen(seenAgo * 60_000) }),
        });
        if (decision.verdict.kind !== 'Expand') return;
        const all = seenAgo === undefined ? times : [...times, NOW - seenAgo * 60_000];
        assert.ok(all.every((at) => NOW - at >= 6 * HOUR));
        assert.ok(times.filter((at) => NOW - at < 24 * HOUR).length < 4);
      },
    ),
    { numRuns: 500 },
  );
});
