import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configured,
  constraintsOf,
  GIB,
  MINUTE,
  NOW,
  type SituationOptions,
  sampleAt,
  situationInput,
} from './decide.fixture.ts';
import { decide } from './decide.ts';
import { decisionToJson, type GateName, gateNames, type Verdict } from './decision.ts';
import type { DecideInput } from './facts.ts';
import { gates } from './gate/gates.ts';
import type { Growth } from './history.ts';
import type { Sample } from './usage/source.ts';

const full: SituationOptions = { usedRatio: 0.9 };
const verdictOf = (options: SituationOptions): Verdict => decide(situationInput(options)).verdict;
const kindOf = (options: SituationOptions): string => verdictOf(options).kind;
const claimWith = (over: Partial<DecideInput['claim']>, options: SituationOptions = full): SituationOptions => {
  const input = situationInput(options);
  return { ...options, over: { claim: { ...input.claim, ...over } } };
};
const growth = (at: number, over: Partial<Growth> = {}): Growth => ({
  at,
  fromBytes: 9n * GIB,
  toBytes: 10n * GIB,
  trigger: 'storage',
  usableBytes: 9n * GIB,
  inodes: undefined,
  origin: 'kubelet',
  ...over,
});
const past = (...growths: readonly Growth[]) => ({ lastAt: growths.at(-1)?.at, growths });

test('gates are looked at in the declared order, all of them, every time', () => {
  assert.deepEqual(
    gates.map(({ name }) => name),
    gateNames,
  );
  for (const options of [full, {}, { samples: 0 }, { annotations: { 'pvc-chonker.io/enabled': 'false' } }]) {
    assert.deepEqual(
      decide(situationInput(options)).gates.map(({ name }) => name),
      gateNames,
    );
  }
});

test('a full claim grows by the static rule, below its threshold it holds', () => {
  const decision = decide(situationInput(full));
  assert.deepEqual(decision.verdict, { kind: 'Expand' });
  assert.equal(decision.targetBytes, 11n * GIB);
  assert.equal(decision.trigger, 'storage');
  assert.equal(decision.state, 'filling');
  const quiet = decide(situationInput({ usedRatio: 0.5 }));
  assert.deepEqual([quiet.verdict.kind, quiet.state, quiet.targetBytes], ['Hold', 'ok', undefined]);
  assert.equal(quiet.next.atUsedBytes, 8n * GIB);
});

test('the threshold triggers at exactly its share, and not a byte below', () => {
  const capacityBytes = 1_000_003n;
  const needed = 800_003n; // 80 % of it, rounded up
  const at = (usedBytes: bigint): string => {
    const samples = [1, 0].map((back) =>
      sampleAt(NOW - 1_000 - back * MINUTE, 0, { capacityBytes, usedBytes, availableBytes: capacityBytes - usedBytes }),
    );
    return kindOf({ over: { samples } });
  };
  assert.equal(at(needed), 'Expand');
  assert.equal(at(needed - 1n), 'Hold');
});

test('every number of a gate names its source', () => {
  const input = situationInput({ ...full, annotations: { 'pvc-chonker.io/threshold': '70%' } });
  const storage = decide(input).gates.find(({ name }) => name === 'storage');
  assert.deepEqual(storage?.compared, [
    { what: 'used', unit: 'ratio', value: 0.9, source: 'kubelet, node worker-1' },
    { what: 'threshold', unit: 'ratio', value: 0.7, source: 'annotation' },
  ]);
  for (const gate of decide(input).gates) for (const { source } of gate.compared) assert.notEqual(source, '');
});

test('a percentage needs two measurements in a row, 97 % only one', () => {
  assert.equal(kindOf({ usedRatio: 0.9, samples: 1 }), 'Hold');
  assert.equal(kindOf({ usedRatio: 0.9, samples: 2 }), 'Expand');
  assert.equal(kindOf({ usedRatio: 0.97, samples: 1 }), 'Expand');
  const waiting = decide(situationInput({ usedRatio: 0.9, samples: 1 }));
  assert.equal(waiting.next.action, 'grows to 11Gi when one more measurement is at the threshold');
  assert.equal(waiting.next.at, NOW - 10_000 + MINUTE);
});

test('measurements with a gap, of another origin, or from before the resize are not in a row', () => {
  const newest = sampleAt(NOW - 10_000, 0.9);
  const before = (over: Partial<Sample>) => kindOf({ over: { samples: [sampleAt(NOW - MINUTE, 0.9, over), newest] } });
  assert.equal(before({}), 'Expand');
  assert.equal(before({ at: NOW - 10 * MINUTE }), 'Hold');
  assert.equal(before({ origin: 'directory' }), 'Hold');
  assert.equal(before({ availableBytes: 11n * GIB }), 'Hold');
  const settled = { samples: [sampleAt(NOW - MINUTE, 0.9), newest], settledAt: NOW - MINUTE };
  assert.equal(kindOf({ over: settled }), 'Hold');
});

test('without a measurement that can be trusted there is no growth, and the reason is said', () => {
  const now: readonly (readonly [Partial<DecideInput>, RegExp])[] = [
    [{ samples: [] }, /no measurement yet/],
    [{ samples: [], sampleProblem: 'node a: gone' }, /node a: gone/],
    [{ samples: [sampleAt(NOW - 181_000, 0.99)] }, /181 s old \(at most 180 s\)/],
    [{ samples: [sampleAt(NOW + 10 * MINUTE, 0.99)] }, /from the future/],
    [{ samples: [sampleAt(NOW - 1_000, 0.99, { capacityBytes: 0n, availableBytes: 0n })] }, /impossible/],
    [{ samples: [sampleAt(NOW - 1_000, 0.99, { availableBytes: -1n })] }, /impossible/],
    [{ samples: [sampleAt(NOW - 1_000, 0.99, { availableBytes: 11n * GIB })] }, /impossible/],
    [{ samples: [sampleAt(NOW - 1_000, 0.99)], settledAt: NOW }, /not measured since the last resize/],
    [
      { samples: [sampleAt(NOW - 60_000, 0.99)], history: past(growth(NOW - 30_000)) },
      /not measured since the last resize/,
    ],
  ];
  for (const [over, reason] of now) {
    const decision = decide(situationInput({ over }));
    assert.equal(decision.verdict.kind, 'NoSample');
    if (decision.verdict.kind === 'NoSample') assert.match(decision.verdict.reason, reason);
    assert.deepEqual([decision.targetBytes, decision.state], [undefined, 'unknown']);
  }
});

test('inodes trigger on their own, and a filesystem without inodes still grows by space', () => {
  const inodes = { total: 1_000n, used: 950n };
  const byInodes = decide(
    situationInput({ over: { samples: [1, 0].map((back) => sampleAt(NOW - 1_000 - back * MINUTE, 0.1, { inodes })) } }),
  );
  assert.deepEqual([byInodes.verdict.kind, byInodes.trigger], ['Expand', 'inodes']);
  for (const none of [undefined, { total: 0n, used: 0n }]) {
    const samples = [1, 0].map((back) => sampleAt(NOW - 1_000 - back * MINUTE, 0.9, { inodes: none }));
    assert.equal(kindOf({ over: { samples } }), 'Expand');
  }
});

test('an inode trigger that brought no inodes stops for good, the space trigger stays', () => {
  const inodes = { total: 1_000n, used: 990n };
  const history = past(
    growth(NOW - 400 * MINUTE, { trigger: 'inodes', inodes: 1_000n }),
    growth(NOW - 200 * MINUTE, { usableBytes: 9n * GIB }),
  );
  const sampled = (usedRatio: number) =>
    [1, 0].map((back) => sampleAt(NOW - 1_000 - back * MINUTE, usedRatio, { inodes }));
  const stopped = decide(situationInput({ over: { samples: sampled(0.1), history } }));
  assert.deepEqual([stopped.verdict.kind, stopped.inodesStopped], ['Hold', true]);
  assert.equal(decide(situationInput({ over: { samples: sampled(0.9), history } })).verdict.kind, 'Expand');
});

test('a growth that completed without more capacity stops the claim', () => {
  const history = past(growth(NOW - 60 * MINUTE, { usableBytes: 10n * GIB }));
  const decision = decide(situationInput({ ...full, over: { history } }));
  assert.deepEqual([decision.verdict.kind, decision.state, decision.failure], ['Ineffective', 'stuck', 'ineffective']);
  const otherOrigin = past(growth(NOW - 60 * MINUTE, { usableBytes: 10n * GIB, origin: 'directory' }));
  assert.equal(kindOf({ ...full, over: { history: otherOrigin } }), 'Expand');
});

test('any sign of a running resize is progress, and silence for too long is not', () => {
  const condition = (type: string, at = NOW - MINUTE, message = '') => ({
    type,
    status: 'True' as const,
    message,
    lastTransitionTime: new Date(at).toISOString(),
  });
  for (const over of [
    { conditions: [condition('Resizing')] },
    { conditions: [condition('FileSystemResizePending')] },
    { conditions: [condition('ModifyingVolume')] },
    { resizeStatus: 'NodeResizePending' },
    { requestBytes: 12n * GIB },
  ]) {
    assert.equal(
      kindOf(claimWith(over)),
      'InProgress',
      JSON.stringify(over, (_, value) => String(value)),
    );
  }
  const late = claimWith({
    requestBytes: 12n * GIB,
    conditions: [condition('FileSystemResizePending', NOW - 31 * MINUTE, 'waiting for a pod')],
  });
  const decision = decide(situationInput(late));
  assert.deepEqual(decision.verdict, {
    kind: 'Stuck',
    since: NOW - 31 * MINUTE,
    reason: 'FileSystemResizePending: waiting for a pod',
  });
  assert.equal(decision.failure, 'stuck');
});

test('a larger wish of a person is in progress, never lowered', () => {
  const decision = decide(situationInput(claimWith({ requestBytes: 50n * GIB })));
  assert.equal(decision.verdict.kind, 'InProgress');
  assert.ok((decision.nextSizeBytes ?? 51n * GIB) > 50n * GIB);
});

test('the failure of a driver is stuck at once, with its words; a leftover condition is not', () => {
  const conditions = [{ type: 'ControllerResizeError', status: 'True' as const, message: 'disk is busy' }];
  const failing = decide(situationInput(claimWith({ requestBytes: 12n * GIB, conditions })));
  assert.equal(failing.verdict.kind, 'Stuck');
  assert.equal(failing.failure, 'driver-error');
  if (failing.verdict.kind === 'Stuck') assert.equal(failing.verdict.reason, 'ControllerResizeError: disk is busy');
  const infeasible = decide(
    situationInput(claimWith({ requestBytes: 12n * GIB, resizeStatus: 'ControllerResizeInfeasible' })),
  );
  assert.equal(infeasible.failure, 'infeasible');
  assert.equal(kindOf(claimWith({ conditions })), 'Expand');
});

test('the cooldown holds to the millisecond, and the provider may ask for more', () => {
  const grownAgo = (ms: number) => past(growth(NOW - ms));
  assert.deepEqual(verdictOf({ ...full, over: { history: grownAgo(15 * MINUTE - 1) } }), {
    kind: 'CoolingDown',
    until: NOW + 1,
  });
  assert.equal(kindOf({ ...full, over: { history: grownAgo(15 * MINUTE) } }), 'Expand');
  const modifications = { perWindow: 4, windowMs: 24 * 60 * MINUTE, minIntervalMs: 6 * 60 * MINUTE };
  const volume = { ...constraintsOf().volume, modifications };
  const asked = { history: grownAgo(60 * MINUTE), constraints: constraintsOf({ volume }) };
  assert.deepEqual(verdictOf({ ...full, over: asked }), { kind: 'CoolingDown', until: NOW + 300 * MINUTE });
});

test('a clock that was set back keeps the cooldown', () => {
  assert.equal(
    kindOf({ ...full, over: { history: past(growth(NOW + 60 * MINUTE)), settledAt: NOW - 60 * MINUTE } }),
    'CoolingDown',
  );
});

test('a window of the provider and the number per day end growth for a time that is said', () => {
  const hours = (...ago: readonly number[]) => past(...ago.map((hour) => growth(NOW - hour * 60 * MINUTE)));
  const modifications = { perWindow: 2, windowMs: 24 * 60 * MINUTE, minIntervalMs: 0 };
  const volume = { ...constraintsOf().volume, modifications };
  const windowed = { history: hours(20, 10), constraints: constraintsOf({ volume }) };
  assert.deepEqual(verdictOf({ ...full, over: windowed }), { kind: 'CoolingDown', until: NOW + 240 * MINUTE });
  const often = decide(situationInput({ ...full, over: { history: hours(23, 20, 15, 10, 5, 1) } }));
  assert.deepEqual(often.verdict, {
    kind: 'Blocked',
    gate: 'expansions-per-day',
    reason: '6 expansions in 24 h, 6 are allowed',
  });
  assert.equal(often.next.at, NOW + 60 * MINUTE);
  assert.equal(kindOf({ ...full, over: { history: hours(25, 20, 15, 10, 5, 1) } }), 'Expand');
});

test('at the largest size it says so; a quota or an export without room is named instead', () => {
  assert.equal(kindOf({ ...full, annotations: { 'pvc-chonker.io/max-size': '10Gi' } }), 'AtMax');
  const blockedBy = (over: Parameters<typeof constraintsOf>[0]) =>
    verdictOf({ ...full, over: { constraints: constraintsOf(over) } });
  assert.deepEqual(blockedBy({ quota: { bytes: 1n, source: 'ResourceQuota small' } }), {
    kind: 'Blocked',
    gate: 'quota',
    reason: 'ResourceQuota small: no room for one more step',
  });
  const exported = blockedBy({ exportFree: { bytes: 1n, source: 'export /storage/v' } });
  assert.deepEqual([exported.kind, exported.kind === 'Blocked' && exported.gate], ['Blocked', 'export']);
});

test('a claim without a class, with one that is gone, or one that forbids it, is blocked before anything is written', () => {
  for (const [over, reason] of [
    [{ storageClass: undefined }, /StorageClass fast does not exist/],
    [{ storageClass: { name: 'fast', allowVolumeExpansion: false } }, /does not set allowVolumeExpansion: true/],
    [{ expandable: { kind: 'no', reason: 'the driver does nothing' } }, /the driver does nothing/],
  ] as const) {
    const verdict = verdictOf({ ...full, over: { constraints: constraintsOf(over) } });
    assert.equal(verdict.kind, 'Blocked');
    if (verdict.kind === 'Blocked') assert.match(verdict.reason, reason);
  }
});

test('a pause stops growth and is its own state', () => {
  const decision = decide(
    situationInput({ ...full, over: { constraints: constraintsOf({ pausedBy: 'configuration paused' }) } }),
  );
  assert.deepEqual(decision.verdict, { kind: 'Blocked', gate: 'pause', reason: 'paused by configuration paused' });
  assert.equal(decision.state, 'paused');
});

test('a claim that is not Bound, or is being deleted, is left alone', () => {
  assert.equal(kindOf(claimWith({ phase: 'Pending' })), 'Blocked');
  assert.equal(kindOf(claimWith({ deleting: true })), 'Unmanaged');
});

test('enabled: "false" never expands, and a nearly full unmanaged claim needs a look', () => {
  const annotations = { 'pvc-chonker.io/enabled': 'false' };
  const decision = decide(situationInput({ usedRatio: 0.96, annotations }));
  assert.deepEqual(
    [decision.verdict.kind, decision.state, decision.targetBytes],
    ['Unmanaged', 'needs you', undefined],
  );
  assert.equal(decide(situationInput({ usedRatio: 0.94, annotations })).state, 'ok');
});

test('an invalid value fails closed and names field, value and accepted form', () => {
  assert.deepEqual(verdictOf({ ...full, annotations: { 'pvc-chonker.io/increase': '-5%' } }), {
    kind: 'Invalid',
    field: 'increase',
    value: '-5%',
    reason: 'must be a percentage or a quantity above zero, for example "10%" or "5Gi"',
    source: 'annotation',
  });
  const history = { field: 'history', value: '[', reason: 'must be the list that Larder wrote' };
  assert.equal(kindOf({ ...full, over: { history } }), 'Invalid');
});

test('a dry run takes the same path to its very end', () => {
  const configuration = configured({ flags: { dryRun: true } });
  const decision = decide(situationInput({ ...full, configuration }));
  assert.deepEqual([decision.verdict.kind, decision.targetBytes], ['WouldExpand', 11n * GIB]);
  assert.equal(kindOf({ ...full, configuration, over: { history: past(growth(NOW - 5 * MINUTE)) } }), 'CoolingDown');
  assert.equal(kindOf({ usedRatio: 0.5, configuration }), 'Hold');
});

test('a decision travels as JSON with bytes as decimal strings', () => {
  const json = JSON.parse(JSON.stringify(decisionToJson(decide(situationInput(full)))));
  assert.equal(json.targetBytes, '11811160064');
  assert.equal(json.fill.availableBytes, '1073741824');
  assert.equal(json.at, NOW);
  const names: readonly GateName[] = json.gates.map(({ name }: { name: GateName }) => name);
  assert.deepEqual(names, gateNames);
});
