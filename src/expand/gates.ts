/**
 * Every reason not to grow, in the order in which they count: the first gate that gives a verdict decides, the others
 * are still looked at, so that `explain` can show all of them. A new reason is a new row.
 */
import type { Measure } from './decision.ts';
import type { Facts } from './facts.ts';
import { fillGates } from './fill-gates.ts';
import { blocked, failedWith, type GateResult, type GateRule, passed, skipped, text } from './gate.ts';
import { countWithin, freeAt } from './history.ts';

export const DAY_MS = 86_400_000;

/** A claim that nobody manages is not told about its settings: they are nobody's intention. */
function configuration({ input, historyProblem }: Facts): GateResult {
  const { management, problems } = input.resolution;
  const problem =
    management.kind === 'invalid' ? management.problem : management.kind === 'managed' ? problems[0] : undefined;
  if (problem) {
    const { field, value, reason, source } = problem;
    return failedWith({ kind: 'Invalid', field, value, reason }, `${field} ${reason}`, [
      text(field, value, source.label),
    ]);
  }
  if (historyProblem && management.kind === 'managed') {
    const { field, value, reason } = historyProblem;
    return failedWith({ kind: 'Invalid', field, value, reason }, `${field} ${reason}`, [
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

function progress({ input, progress: movement }: Facts): GateResult {
  switch (movement.kind) {
    case 'settled':
      return passed();
    case 'failed':
      return failedWith({ kind: 'Stuck', since: movement.since, reason: movement.reason }, movement.reason);
    case 'moving': {
      const { stuckAfter } = input.rules;
      const waitedMs = Math.max(0, input.now - movement.since);
      const compared: readonly Measure[] = [
        { what: 'without progress', unit: 'duration', value: waitedMs, source: 'claim status' },
        { what: 'stuck after', unit: 'duration', value: stuckAfter.value, source: stuckAfter.source },
      ];
      return waitedMs >= stuckAfter.value
        ? failedWith(
            { kind: 'Stuck', since: movement.since, reason: movement.what },
            `no progress: ${movement.what}`,
            compared,
          )
        : failedWith({ kind: 'InProgress', since: movement.since }, `a resize runs: ${movement.what}`, compared);
    }
    default:
      return movement satisfies never;
  }
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

function size({ size: plan }: Facts): GateResult {
  const compared: readonly Measure[] = [
    { what: 'present size', unit: 'bytes', value: plan.baseBytes, source: 'claim' },
    { what: 'wanted size', unit: 'bytes', value: plan.wantedBytes, source: 'increase, min-scale-up, max-step' },
    ...(plan.binding
      ? [{ what: 'ceiling', unit: 'bytes', value: plan.binding.bytes, source: plan.binding.source } as const]
      : []),
    { what: 'step', unit: 'bytes', value: plan.stepBytes, source: 'provider' },
  ];
  const { binding, targetBytes } = plan;
  if (targetBytes !== undefined || !binding || binding.name === 'quota' || binding.name === 'export')
    return passed(compared);
  return failedWith({ kind: 'AtMax' }, 'less than one step is left below the largest allowed size', compared);
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

function cooldown({ input, history }: Facts): GateResult {
  if (history.lastAt === undefined) return skipped('it has never grown');
  const own = input.resolution.settings.cooldown;
  const interval = input.constraints.volume.modifications?.minIntervalMs ?? 0;
  const longerMs = Math.max(own.value, interval);
  const until = history.lastAt + longerMs;
  const compared: readonly Measure[] = [
    { what: 'last expansion', unit: 'time', value: history.lastAt, source: 'annotation last-expansion' },
    {
      what: 'cooldown',
      unit: 'duration',
      value: longerMs,
      source: interval > own.value ? `provider ${input.constraints.provider}` : own.source.label,
    },
  ];
  if (input.now >= until) return passed(compared);
  return failedWith({ kind: 'CoolingDown', until }, 'the cooldown of the last expansion is not over', compared);
}

function providerWindow({ input, history }: Facts): GateResult {
  const limits = input.constraints.volume.modifications;
  if (!limits) return skipped('the provider counts no modifications');
  const until = freeAt(history, limits.perWindow, limits.windowMs, input.now);
  const count = countWithin(history, limits.windowMs, input.now);
  const source = `provider ${input.constraints.provider}`;
  const compared: readonly Measure[] = [
    { what: 'expansions in the window', unit: 'count', value: count, source: 'annotation history' },
    { what: 'allowed', unit: 'count', value: limits.perWindow, source },
    { what: 'window', unit: 'duration', value: limits.windowMs, source },
  ];
  if (until === undefined) return passed(compared);
  return failedWith(
    { kind: 'CoolingDown', until },
    'the provider allows no more modifications in this window',
    compared,
  );
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
  { name: 'pause', evaluate: pause },
  { name: 'progress', evaluate: progress },
  { name: 'expandable', evaluate: expandable },
  ...fillGates,
  { name: 'size', evaluate: size },
  room('quota', 'ResourceQuota'),
  room('export', 'export of Larder'),
  { name: 'expansions-per-day', evaluate: perDay },
  { name: 'cooldown', evaluate: cooldown },
  { name: 'provider-window', evaluate: providerWindow },
  { name: 'dry-run', evaluate: dryRun },
];
