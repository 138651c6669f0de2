/**
 * Every reason not to grow, in the order in which they count: the first gate that gives a verdict decides, the others
 * are still looked at, so that `explain` can show all of them. A new reason is a new row.
 */
import type { Measure } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { guardsOf, momentGates, roomGates, volumeGate } from '../guard/guard-gates.ts';
import { countWithin } from '../history.ts';
import type { DriverFailure } from '../provider.ts';
import { fillGates } from './fill-gates.ts';
import { blocked, failedWith, type GateResult, type GateRule, passed, skipped, text } from './gate.ts';
import { modificationGates } from './modification-gates.ts';

export const DAY_MS = 86_400_000;

/** A claim that nobody manages is not told about its settings: they are nobody's intention. */
function configuration({ input, historyProblem }: Facts): GateResult {
  const { management, problems } = input.resolution;
  const problem =
    management.kind === 'invalid' ? management.problem : management.kind === 'managed' ? problems[0] : undefined;
  if (problem) {
    const { field, value, reason, source } = problem;
    return failedWith({ kind: 'Invalid', field, value, reason, source: source.label }, `${field} ${reason}`, [
      text(field, value, source.label),
    ]);
  }
  if (historyProblem && management.kind === 'managed') {
    const { field, value, reason } = historyProblem;
    return failedWith({ kind: 'Invalid', field, value, reason, source: 'annotation' }, `${field} ${reason}`, [
      text(field, value, 'annotation'),
    ]);
  }
  return passed();
}

function managed({ input }: Facts): GateResult {
  const { management } = input.resolution;
  const reason = input.claim.deleting
    ? 'the claim is being deleted'
    : management.kind === 'unmanaged'
      ? management.reason
      : undefined;
  if (reason !== undefined) return failedWith({ kind: 'Unmanaged', reason }, reason);
  return management.kind === 'managed'
    ? passed([text('enabled', 'true', management.source.label)])
    : skipped('enabled is unreadable');
}

function bound({ input }: Facts): GateResult {
  const { phase, requestBytes } = input.claim;
  if (phase !== 'Bound')
    return blocked('bound', `the claim is ${phase}, only a Bound claim can grow`, [text('phase', phase, 'claim')]);
  if (requestBytes <= 0n) return blocked('bound', 'the claim requests no storage');
  return passed([text('phase', phase, 'claim')]);
}

function pause({ input }: Facts): GateResult {
  const { pausedBy } = input.constraints;
  return pausedBy === undefined
    ? passed()
    : blocked('pause', `paused by ${pausedBy}`, [text('paused', 'true', pausedBy)]);
}

function progress(facts: Facts): GateResult {
  const { input, progress: movement } = facts;
  switch (movement.kind) {
    case 'settled':
      return passed();
    case 'failed': {
      const reason = withRemedy(movement.reason, input.constraints.failure);
      return failedWith({ kind: 'Stuck', since: movement.since, reason }, reason);
    }
    case 'moving': {
      const { stuckAfter } = input.rules;
      const what = movement.onNode && !guardsOf(facts).mounted ? `${movement.what}; ${NEEDS_POD}` : movement.what;
      const waitedMs = Math.max(0, input.now - movement.since);
      const compared: readonly Measure[] = [
        { what: 'without progress', unit: 'duration', value: waitedMs, source: 'claim status' },
        { what: 'stuck after', unit: 'duration', value: stuckAfter.value, source: stuckAfter.source },
      ];
      return waitedMs >= stuckAfter.value
        ? failedWith({ kind: 'Stuck', since: movement.since, reason: what }, `no progress: ${what}`, compared)
        : failedWith({ kind: 'InProgress', since: movement.since }, `a resize runs: ${what}`, compared);
    }
    default:
      return movement satisfies never;
  }
}

/** A filesystem is grown by the node that mounts it. */
const NEEDS_POD = 'no running pod mounts the claim: start one, the filesystem grows when it is mounted';

/** The driver's words, and behind them what they mean. */
function withRemedy(words: string, failure: DriverFailure | undefined): string {
  return failure ? `${words} [${failure.reason}: ${failure.remedy}]` : words;
}

function expandable({ input }: Facts): GateResult {
  const { claim, constraints } = input;
  const { storageClass, expandable: answer } = constraints;
  if (!storageClass) {
    const named =
      claim.className === '' ? 'the claim has no StorageClass' : `StorageClass ${claim.className} does not exist`;
    return blocked('expandable', `${named}, so Kubernetes refuses to grow it`);
  }
  const compared = [
    text('allowVolumeExpansion', String(storageClass.allowVolumeExpansion), `class ${storageClass.name}`),
  ];
  if (!storageClass.allowVolumeExpansion) {
    return blocked('expandable', `StorageClass ${storageClass.name} does not set allowVolumeExpansion: true`, compared);
  }
  return answer.kind === 'yes' ? passed(compared) : blocked('expandable', answer.reason, compared);
}

function size({ size: plan, ahead }: Facts): GateResult {
  const compared: readonly Measure[] = [
    { what: 'present size', unit: 'bytes', value: plan.baseBytes, source: 'claim' },
    { what: 'by the increase', unit: 'bytes', value: plan.staticBytes, source: 'increase, min-scale-up, max-step' },
    ...(ahead
      ? [{ what: 'looking ahead', unit: 'bytes', value: ahead.neededBytes, source: 'rate of growth' } as const]
      : []),
    { what: 'wanted size', unit: 'bytes', value: plan.wantedBytes, source: 'the larger, with max-step' },
    ...(plan.binding
      ? [{ what: 'ceiling', unit: 'bytes', value: plan.binding.bytes, source: ceilingSource(plan.binding) } as const]
      : []),
    { what: 'step', unit: 'bytes', value: plan.stepBytes, source: 'provider' },
  ];
  const { binding, targetBytes } = plan;
  // The others have a gate of their own, which says what to do about it.
  if (targetBytes !== undefined || !binding || (binding.name !== 'max-size' && binding.name !== 'provider')) {
    return passed(compared);
  }
  return failedWith({ kind: 'AtMax' }, 'less than one step is left below the largest allowed size', compared);
}

/** Who set a `max-size` says nothing without its name. */
function ceilingSource({ name, source }: NonNullable<Facts['size']['binding']>): string {
  return name === 'max-size' ? `max-size, ${source}` : source;
}

/** Quota and export share one rule: the room that they leave must hold at least a step. */
function room(name: 'quota' | 'export', what: string): GateRule {
  return {
    name,
    evaluate({ size: plan }) {
      const ceiling = plan.ceilings.find((candidate) => candidate.name === name);
      if (!ceiling) return skipped(`no ${what} counts here`);
      const compared: readonly Measure[] = [
        { what: 'largest size with it', unit: 'bytes', value: ceiling.bytes, source: ceiling.source },
      ];
      const short = plan.targetBytes === undefined && plan.binding?.name === name;
      return short ? blocked(name, `${ceiling.source}: no room for one more step`, compared) : passed(compared);
    },
  };
}

function perDay({ input, history }: Facts): GateResult {
  const { expansionsPerDay } = input.rules;
  const count = countWithin(history, DAY_MS, input.now);
  const compared: readonly Measure[] = [
    { what: 'expansions in 24 h', unit: 'count', value: count, source: 'annotation history' },
    { what: 'allowed', unit: 'count', value: expansionsPerDay.value, source: expansionsPerDay.source },
  ];
  if (count < expansionsPerDay.value) return passed(compared);
  return blocked('expansions-per-day', `${count} expansions in 24 h, ${expansionsPerDay.value} are allowed`, compared);
}

function dryRun({ input }: Facts): GateResult {
  const { value, source } = input.rules.dryRun;
  if (!value) return passed();
  return failedWith({ kind: 'WouldExpand' }, 'Larder runs dry', [text('dryRun', 'true', source)]);
}

export const gates: readonly GateRule[] = [
  { name: 'configuration', evaluate: configuration },
  { name: 'managed', evaluate: managed },
  { name: 'bound', evaluate: bound },
  volumeGate,
  { name: 'pause', evaluate: pause },
  { name: 'progress', evaluate: progress },
  { name: 'expandable', evaluate: expandable },
  ...fillGates,
  { name: 'size', evaluate: size },
  room('quota', 'ResourceQuota'),
  room('export', 'export of Larder'),
  ...roomGates,
  { name: 'expansions-per-day', evaluate: perDay },
  ...modificationGates,
  ...momentGates,
  { name: 'dry-run', evaluate: dryRun },
];
