/** The gates that hold back a growth which has every reason to happen: limits of others, budgets, people, drivers. */
import type { GateName, Measure } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { blocked, type GateResult, type GateRule, passed, skipped, text } from '../gate/gate.ts';
import { ratioOf } from '../portion.ts';
import { readableBytes, readableDuration, readableRatio, readableTime } from '../readable.ts';
import { isOpen, opensAt } from '../settings/window.ts';
import type { Budget } from './budget.ts';
import { type Guards, noGuards } from './guards.ts';

export const guardsOf = ({ input }: Pick<Facts, 'input'>): Guards => input.constraints.guards ?? noGuards;

function volume(facts: Facts): GateResult {
  const state = guardsOf(facts).volume;
  switch (state.kind) {
    case 'sound':
      return passed([text('volume', state.name, 'claim')]);
    case 'unsound':
      return blocked('volume', state.reason);
    case 'unknown':
      return skipped(state.reason);
    default:
      return state satisfies never;
  }
}

function limitRange(facts: Facts): GateResult {
  const { limits } = guardsOf(facts);
  if (limits.kind === 'unknown') return skipped(`LimitRange: ${limits.reason}`);
  const { least, most } = limits.value;
  if (!least && !most) return skipped('no LimitRange counts here');
  const compared = [least, most].flatMap((limit): readonly Measure[] =>
    limit
      ? [
          {
            what: limit === least ? 'least size' : 'largest size',
            unit: 'bytes',
            value: limit.bytes,
            source: limit.source,
          },
        ]
      : [],
  );
  const { targetBytes, binding, floorBytes } = facts.size;
  if (targetBytes !== undefined) return passed(compared);
  if (binding?.name === 'limit-range')
    return blocked('limit-range', `${binding.source}: no room for one more step`, compared);
  if (least && binding && floorBytes > binding.bytes && floorBytes >= least.bytes) {
    return blocked(
      'limit-range',
      `${least.source} asks for ${readableBytes(least.bytes)}, but ${binding.source} allows less`,
      compared,
    );
  }
  return passed(compared);
}

/** What leaves room for some bytes and no more: at least a step must fit. */
function room(
  name: 'storage-capacity' | 'approval' | 'namespace-budget' | 'cluster-budget',
  without: (facts: Facts) => string,
  why: (facts: Facts) => string,
): GateRule {
  return {
    name,
    evaluate(facts) {
      const { ceilings, binding, targetBytes } = facts.size;
      const ceiling = ceilings.find((candidate) => candidate.name === name);
      if (!ceiling) return skipped(without(facts));
      const compared: readonly Measure[] = [
        { what: 'largest size with it', unit: 'bytes', value: ceiling.bytes, source: ceiling.source },
      ];
      return targetBytes === undefined && binding?.name === name
        ? blocked(name, why(facts), compared)
        : passed(compared);
    },
  };
}

function capacityUnknown(facts: Facts): string {
  const { capacity } = guardsOf(facts);
  return capacity.kind === 'unknown' ? capacity.reason : 'no capacity is published here';
}

function capacityShort(facts: Facts): string {
  const { capacity } = guardsOf(facts);
  const said = capacity.kind === 'headroom' ? `${capacity.source}: ${readableBytes(capacity.bytes)} left, ` : '';
  return `${said}no room for one more step`;
}

function approvalNeeded(facts: Facts): string {
  const { approval } = guardsOf(facts);
  const wanted = readableBytes(facts.size.wantedBytes);
  if (approval && approval.bytes === undefined) {
    return `annotation larder.dev/approved-up-to is "${approval.text}" and must be a quantity, for example "${wanted}"`;
  }
  const so = approval?.bytes === undefined ? '' : `, and ${readableBytes(approval.bytes)} are`;
  return `${wanted} must be approved${so}: set annotation larder.dev/approved-up-to: "${wanted}"`;
}

function budgetShort(name: 'namespaceBudget' | 'clusterBudget', whose: string): (facts: Facts) => string {
  return (facts) => {
    const budget = guardsOf(facts)[name];
    const spent = budget ? readableBytes(budget.spentBytes) : '';
    const limit = budget && budget.limitBytes !== 'unlimited' ? readableBytes(budget.limitBytes) : 'what is allowed';
    return `${whose} grew by ${spent} of ${limit} within 24 h (${budget?.source ?? ''})`;
  };
}

/** When a gate that only time opens lets the claim through; undefined: something else must happen. */
export function opensGate(gate: GateName, facts: Facts): number | undefined {
  const { now, resolution, rules } = facts.input;
  const guards = guardsOf(facts);
  const later = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : now + ms);
  if (gate === 'window') return resolution.settings.window && opensAt(resolution.settings.window.value, now);
  if (gate === 'namespace-budget') return later(freesIn(guards.namespaceBudget));
  if (gate === 'cluster-budget') return later(freesIn(guards.clusterBudget));
  if (gate === 'circuit') return later(guards.circuit?.probeInMs);
  if (gate === 'foreign-writer') return foreignUntil(facts);
  if (gate === 'backup')
    return later(Math.max(0, ...waitingFor(facts).map(({ since = now }) => since + rules.backupPatience.value - now)));
  return undefined;
}

const freesIn = (budget: Budget | undefined): number | undefined => budget?.freesInMs;

function foreignUntil({ lowered, input }: Facts): number | undefined {
  return lowered && Math.max(lowered.growth.at, input.loweredSince ?? input.now) + lowered.waitMs;
}

function foreignWriter(facts: Facts): GateResult {
  const { lowered, input } = facts;
  const until = foreignUntil(facts);
  if (!lowered || until === undefined) return skipped('nobody lowered what Larder asked for');
  const compared: readonly Measure[] = [
    { what: 'Larder asked for', unit: 'bytes', value: lowered.growth.toBytes, source: 'annotation history' },
    { what: 'request now', unit: 'bytes', value: input.claim.requestBytes, source: 'claim' },
    { what: 'waits until', unit: 'time', value: until, source: `${lowered.times + 1}. time` },
  ];
  if (input.now >= until) return passed(compared);
  const sizes = `from ${readableBytes(lowered.growth.toBytes)} to ${readableBytes(input.claim.requestBytes)}`;
  return blocked('foreign-writer', `someone lowered the request ${sizes}: Larder does not fight over it`, compared);
}

function changeWindow({ input }: Facts): GateResult {
  const { window } = input.resolution.settings;
  if (!window) return skipped('no window is set: changes are always allowed');
  const compared = [text('window', window.value.text, window.source.label)];
  if (isOpen(window.value, input.now)) return passed(compared);
  const opens = opensAt(window.value, input.now);
  const when = opens === undefined ? 'and does not open within two weeks' : `until ${readableTime(opens)}`;
  return blocked('window', `the change window ${window.value.text} is closed ${when}`, compared);
}

function snapshot(facts: Facts): GateResult {
  const { input, size } = facts;
  const { snapshotAbove } = input.resolution.settings;
  if (!snapshotAbove || snapshotAbove.value === 'never') return skipped('no snapshot is asked for');
  const { snapshotAge } = input.rules;
  const share = ratioOf((size.targetBytes ?? size.wantedBytes) - size.baseBytes, size.baseBytes);
  const measures: readonly Measure[] = [
    { what: 'growth', unit: 'ratio', value: share, source: 'size' },
    { what: 'needs a snapshot above', unit: 'ratio', value: snapshotAbove.value, source: snapshotAbove.source.label },
  ];
  if (share <= snapshotAbove.value) return passed(measures);
  const needed = `growth by ${readableRatio(share)} needs a VolumeSnapshot of the last ${readableDuration(snapshotAge.value)}`;
  const { snapshots } = guardsOf(facts);
  if (snapshots.kind === 'unknown') return blocked('snapshot', `${needed}, but ${snapshots.reason}`, measures);
  const { newest } = snapshots.value;
  if (!newest) return blocked('snapshot', `${needed}, and the claim has none that is ready`, measures);
  const compared: readonly Measure[] = [
    ...measures,
    { what: 'newest snapshot', unit: 'time', value: newest.at, source: `VolumeSnapshot ${newest.name}` },
  ];
  if (input.now - newest.at <= snapshotAge.value) return passed(compared);
  return blocked('snapshot', `${needed}, and ${newest.name} is older`, compared);
}

function underwayOf(facts: Facts) {
  const { snapshots, backups } = guardsOf(facts);
  return [
    ...(snapshots.kind === 'known' ? snapshots.value.underway : []),
    ...(backups.kind === 'known' ? backups.value : []),
  ];
}

/** A backup that never ends must not keep a volume from growing until it is full. */
function waitingFor(facts: Facts) {
  const { now, rules } = facts.input;
  return underwayOf(facts).filter(({ since = now }) => now - since < rules.backupPatience.value);
}

function backup(facts: Facts): GateResult {
  const { snapshots, backups } = guardsOf(facts);
  if (snapshots.kind === 'unknown' && backups.kind === 'unknown') {
    return skipped(`${snapshots.reason}; ${backups.reason}`);
  }
  const { backupPatience } = facts.input.rules;
  const all = underwayOf(facts);
  const compared: readonly Measure[] = [
    ...all.map(({ what, since }) =>
      text('under way', since === undefined ? 'since an unknown time' : `since ${readableTime(since)}`, what),
    ),
    { what: 'waited for at most', unit: 'duration', value: backupPatience.value, source: backupPatience.source },
  ];
  const [first, ...others] = waitingFor(facts);
  if (!first) return all.length === 0 ? passed() : passed(compared);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return blocked('backup', `${first.what}${more} reads the claim: it grows afterwards`, compared);
}

function circuit(facts: Facts): GateResult {
  const { circuit: state } = guardsOf(facts);
  if (!state) return skipped('no driver is known');
  const compared = [text('circuit', state.state, state.driver)];
  if (state.admits) return passed(compared);
  const reason =
    state.state === 'half-open'
      ? `driver ${state.driver} failed several times in a row; another claim tries whether it works again`
      : `driver ${state.driver} failed several times in a row and is left alone`;
  return blocked('circuit', reason, compared);
}

/** Before anything else is asked of the claim. */
export const volumeGate: GateRule = { name: 'volume', evaluate: volume };

/** Sizes that others set. */
export const roomGates: readonly GateRule[] = [
  { name: 'limit-range', evaluate: limitRange },
  room('storage-capacity', capacityUnknown, capacityShort),
  room('approval', () => 'no approval is asked for', approvalNeeded),
  room('namespace-budget', () => 'no budget is set', budgetShort('namespaceBudget', 'the namespace')),
  room('cluster-budget', () => 'no budget is set', budgetShort('clusterBudget', 'the cluster')),
];

/** After the pace of the claim itself: everything is ready but the moment. */
export const momentGates: readonly GateRule[] = [
  { name: 'foreign-writer', evaluate: foreignWriter },
  { name: 'window', evaluate: changeWindow },
  { name: 'snapshot', evaluate: snapshot },
  { name: 'backup', evaluate: backup },
  { name: 'circuit', evaluate: circuit },
];
