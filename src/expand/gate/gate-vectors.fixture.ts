/**
 * For each gate what makes it pass and what makes it fail, as changes of a claim that is ready to grow from 10Gi to 11Gi.
 * The type asks for a row of every gate.
 */
import { constraintsOf, GIB, MIB, MINUTE, NOW, sampleAt, situationInput } from '../decide.fixture.ts';
import type { GateName, Verdict } from '../decision.ts';
import type { DecideInput } from '../facts.ts';
import type { Trend } from '../forecast/trend.ts';
import type { Budget } from '../guard/budget.ts';
import { type Guards, noGuards } from '../guard/guards.ts';
import type { Growth } from '../history.ts';
import type { ResolvedSettings } from '../policy/policy.ts';
import { parseWindow } from '../settings/window.ts';

export type Edit = (input: DecideInput) => DecideInput;

interface GateVector {
  readonly passes: Edit;
  readonly fails: Edit;
  /** What its failure makes of the claim; undefined: it only reports. */
  readonly verdict: Verdict['kind'] | undefined;
  /** Why it failed. */
  readonly reason: RegExp;
}

export const ready: DecideInput = situationInput({ usedRatio: 0.9 });

const asItIs: Edit = (input) => input;
const HOUR = 60 * MINUTE;
const source = { level: 'claim', label: 'annotation' } as const;
const known = <T>(value: T) => ({ kind: 'known', value }) as const;

const claim =
  (over: Partial<DecideInput['claim']>): Edit =>
  (input) => ({ ...input, claim: { ...input.claim, ...over } });
const constraints =
  (over: Parameters<typeof constraintsOf>[0]): Edit =>
  (input) => ({ ...input, constraints: { ...input.constraints, ...over } });
const guards =
  (over: Partial<Guards>): Edit =>
  (input) =>
    constraints({ guards: { ...noGuards, ...input.constraints.guards, ...over } })(input);
const used =
  (ratio: number, over: Parameters<typeof sampleAt>[2] = {}): Edit =>
  (input) => ({
    ...input,
    samples: [1, 0].map((back) => sampleAt(NOW - 10_000 - back * MINUTE, ratio, over)),
  });

function setting<Name extends keyof ResolvedSettings>(
  name: Name,
  value: NonNullable<ResolvedSettings[Name]>['value'],
): Edit {
  return (input) => {
    const settings = { ...input.resolution.settings, [name]: { value, source } };
    return { ...input, resolution: { ...input.resolution, settings } };
  };
}

function grewAgo(minutes: readonly number[], over: Partial<Growth> = {}): Edit {
  const growths = minutes.map(
    (ago): Growth => ({
      at: NOW - ago * MINUTE,
      fromBytes: 9n * GIB,
      toBytes: 10n * GIB,
      trigger: 'storage',
      usableBytes: 9n * GIB,
      inodes: undefined,
      origin: 'kubelet',
      ...over,
    }),
  );
  return (input) => ({ ...input, history: { lastAt: growths.at(-1)?.at, growths } });
}

/** Others lowered the request from 12Gi, so long ago. */
const lowered =
  (minutes: number): Edit =>
  (input) => ({ ...grewAgo([minutes], { toBytes: 12n * GIB })(input), loweredSince: NOW - minutes * MINUTE });

const filling =
  (bytesPerDay: number): Edit =>
  (input) => {
    const rate = { perMs: bytesPerDay / (24 * HOUR), trustedMs: 96 * HOUR };
    const trend: Trend = { points: 20, spanMs: 24 * HOUR, robust: rate, recent: rate };
    return { ...setting('fullWithin', 24 * HOUR)(input), trend };
  };

const wanted =
  (bytes: bigint): Edit =>
  (input) => ({ ...input, floor: { bytes, trigger: 'group', source: 'group es-data' } });

function window(text: string): Edit {
  const parsed = parseWindow(text);
  if (!parsed.ok) throw new TypeError(parsed.reason);
  return setting('window', parsed.value);
}

const modifications = (perWindow: number): Edit =>
  constraints({
    volume: { ...constraintsOf().volume, modifications: { perWindow, windowMs: 24 * HOUR, minIntervalMs: 0 } },
  });
const limits = (most: bigint): Edit =>
  guards({ limits: known({ least: undefined, most: { bytes: most, source: 'LimitRange small, max' } }) });
const budget = (name: 'namespaceBudget' | 'clusterBudget', spentBytes: bigint): Edit => {
  const spent: Budget = { limitBytes: 20n * GIB, spentBytes, freesInMs: HOUR, source: 'file' };
  return guards({ [name]: spent });
};
const circuit = (state: 'closed' | 'open'): Edit =>
  guards({ circuit: { driver: 'topolvm.io', state, admits: state === 'closed', probeInMs: MINUTE } });
const then =
  (first: Edit, second: Edit): Edit =>
  (input) =>
    second(first(input));

const storageClass = { name: 'fast', allowVolumeExpansion: false };
const invalid = { field: 'threshold', value: 'x', reason: 'must be a percentage', source };

export const gateVectors: Readonly<Record<GateName, GateVector>> = {
  configuration: {
    passes: asItIs,
    fails: (input) => ({ ...input, resolution: { ...input.resolution, problems: [invalid] } }),
    verdict: 'Invalid',
    reason: /^threshold must be a percentage$/,
  },
  managed: { passes: asItIs, fails: claim({ deleting: true }), verdict: 'Unmanaged', reason: /is being deleted$/ },
  bound: { passes: asItIs, fails: claim({ phase: 'Pending' }), verdict: 'Blocked', reason: /the claim is Pending/ },
  volume: {
    passes: guards({ volume: { kind: 'sound', name: 'pv-0' } }),
    fails: guards({ volume: { kind: 'unsound', reason: 'PersistentVolume pv-0 is Released' } }),
    verdict: 'Blocked',
    reason: /pv-0 is Released$/,
  },
  pause: {
    passes: asItIs,
    fails: constraints({ pausedBy: 'configuration paused' }),
    verdict: 'Blocked',
    reason: /^paused by configuration paused$/,
  },
  progress: {
    passes: asItIs,
    fails: claim({ conditions: [{ type: 'Resizing', status: 'True' }] }),
    verdict: 'InProgress',
    reason: /^a resize runs: Resizing/,
  },
  expandable: {
    passes: asItIs,
    fails: constraints({ storageClass }),
    verdict: 'Blocked',
    reason: /^StorageClass fast does not set allowVolumeExpansion: true$/,
  },
  sample: {
    passes: asItIs,
    fails: (input) => ({ ...input, samples: [] }),
    verdict: 'NoSample',
    reason: /^no measurement yet$/,
  },
  effective: {
    passes: grewAgo([60]),
    fails: grewAgo([60], { usableBytes: 10n * GIB }),
    verdict: 'Ineffective',
    reason: /the filesystem is no larger$/,
  },
  storage: { passes: used(0.9), fails: used(0.5), verdict: undefined, reason: /^below the threshold$/ },
  inodes: {
    passes: used(0.9, { inodes: { total: 1_000n, used: 950n } }),
    fails: used(0.9, { inodes: { total: 1_000n, used: 10n } }),
    verdict: undefined,
    reason: /^below the threshold$/,
  },
  'full-within': {
    passes: filling(Number(5n * GIB)),
    fails: filling(Number(100n * MIB)),
    verdict: undefined,
    reason: /^it will not be full so soon/,
  },
  floor: {
    passes: wanted(20n * GIB),
    fails: wanted(10n * GIB),
    verdict: undefined,
    reason: /^it is as large as they want it$/,
  },
  breaches: {
    passes: used(0.9),
    fails: (input) => ({ ...input, samples: input.samples.slice(-1) }),
    verdict: 'Hold',
    reason: /^not at the threshold for long enough$/,
  },
  size: {
    passes: setting('maxSize', 11n * GIB),
    fails: setting('maxSize', 11n * GIB - 1n),
    verdict: 'AtMax',
    reason: /^less than one step is left/,
  },
  quota: {
    passes: constraints({ quota: { bytes: GIB, source: 'ResourceQuota small' } }),
    fails: constraints({ quota: { bytes: GIB - 1n, source: 'ResourceQuota small' } }),
    verdict: 'Blocked',
    reason: /^ResourceQuota small: no room for one more step$/,
  },
  export: {
    passes: constraints({ exportFree: { bytes: GIB, source: 'export main' } }),
    fails: constraints({ exportFree: { bytes: GIB - 1n, source: 'export main' } }),
    verdict: 'Blocked',
    reason: /^export main: no room for one more step$/,
  },
  'limit-range': {
    passes: limits(11n * GIB),
    fails: limits(11n * GIB - 1n),
    verdict: 'Blocked',
    reason: /^LimitRange small, max: no room for one more step$/,
  },
  'storage-capacity': {
    passes: guards({ capacity: { kind: 'headroom', bytes: GIB, source: 'CSIStorageCapacity a' } }),
    fails: guards({ capacity: { kind: 'headroom', bytes: GIB - 1n, source: 'CSIStorageCapacity a' } }),
    verdict: 'Blocked',
    reason: /^CSIStorageCapacity a: .* left, no room for one more step$/,
  },
  approval: {
    passes: then(setting('approvalAbove', 10n * GIB), guards({ approval: { text: '11Gi', bytes: 11n * GIB } })),
    fails: then(setting('approvalAbove', 10n * GIB), guards({ approval: { text: '10Gi', bytes: 10n * GIB } })),
    verdict: 'Blocked',
    reason: /^11Gi must be approved, and 10Gi are/,
  },
  'namespace-budget': {
    passes: budget('namespaceBudget', 19n * GIB),
    fails: budget('namespaceBudget', 19n * GIB + 1n),
    verdict: 'Blocked',
    reason: /^the namespace grew by .* of 20Gi within 24 h \(file\)$/,
  },
  'cluster-budget': {
    passes: budget('clusterBudget', 19n * GIB),
    fails: budget('clusterBudget', 19n * GIB + 1n),
    verdict: 'Blocked',
    reason: /^the cluster grew by .* of 20Gi within 24 h \(file\)$/,
  },
  'expansions-per-day': {
    passes: grewAgo([1_440, 1_200, 900, 600, 300, 60]),
    fails: grewAgo([1_439, 1_200, 900, 600, 300, 60]),
    verdict: 'Blocked',
    reason: /^6 expansions in 24 h, 6 are allowed$/,
  },
  cooldown: {
    passes: grewAgo([15]),
    fails: grewAgo([14]),
    verdict: 'CoolingDown',
    reason: /^the cooldown of the last expansion is not over$/,
  },
  'provider-window': {
    passes: then(modifications(2), grewAgo([60])),
    fails: then(modifications(1), grewAgo([60])),
    verdict: 'CoolingDown',
    reason: /^the provider allows no more modifications in this window$/,
  },
  'foreign-writer': {
    passes: lowered(60),
    fails: lowered(59),
    verdict: 'Blocked',
    reason: /^someone lowered the request from 12Gi to 10Gi/,
  },
  // NOW is a Saturday, at noon.
  window: {
    passes: window('Sat 10:00-14:00 UTC'),
    fails: window('Sun 10:00-14:00 UTC'),
    verdict: 'Blocked',
    reason: /^the change window Sun 10:00-14:00 UTC is closed until /,
  },
  snapshot: {
    passes: then(setting('snapshotAbove', 0.1), guards({ snapshots: known({ newest: undefined, underway: [] }) })),
    fails: then(setting('snapshotAbove', 0.09), guards({ snapshots: known({ newest: undefined, underway: [] }) })),
    verdict: 'Blocked',
    reason: /^growth by 10 % needs a VolumeSnapshot .* has none that is ready$/,
  },
  backup: {
    passes: guards({ backups: known([]) }),
    fails: guards({ backups: known([{ what: 'Velero backup nightly', since: NOW - MINUTE }]) }),
    verdict: 'Blocked',
    reason: /^Velero backup nightly reads the claim/,
  },
  circuit: {
    passes: circuit('closed'),
    fails: circuit('open'),
    verdict: 'Blocked',
    reason: /^driver topolvm\.io failed several times in a row and is left alone$/,
  },
  'dry-run': {
    passes: asItIs,
    fails: (input) => ({ ...input, rules: { ...input.rules, dryRun: { value: true, source: 'flag' } } }),
    verdict: 'WouldExpand',
    reason: /^Larder runs dry$/,
  },
};
