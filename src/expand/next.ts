import type { GateName, Next, Verdict } from './decision.ts';
import type { Facts } from './facts.ts';
import { DAY_MS } from './gate/gates.ts';
import { opensGate } from './guard/guard-gates.ts';
import type { Recovery } from './guard/recovery.ts';
import { freeAt } from './history.ts';
import { portionOf } from './portion.ts';
import { readableBytes } from './readable.ts';

/** What happens next to a claim with this verdict, in the words of `explain`. */
export function nextOf(verdict: Verdict, facts: Facts, recovery?: Recovery): Next {
  switch (verdict.kind) {
    case 'Expand':
      return soon(`the request is raised to ${sizeText(facts)}`, facts.input.now);
    case 'WouldExpand':
      return soon(`would be raised to ${sizeText(facts)} if dryRun were off`);
    case 'Hold':
      return afterHold(facts);
    case 'CoolingDown':
      return soon(`grows to ${sizeText(facts)} if it is then still at the threshold`, verdict.until);
    case 'InProgress':
      // Nothing moves in Kubernetes: the cloud itself still works on the last one, which may take it a day.
      if (facts.progress.kind === 'settled') return soon(`grows to ${sizeText(facts)} when the cloud has finished`);
      return soon(
        'is reported as stuck unless the resize ends before',
        verdict.since + facts.input.rules.stuckAfter.value,
      );
    case 'Stuck':
      return afterStuck(recovery);
    case 'Ineffective':
      return soon('does not grow again until the filesystem is larger, or annotation history is removed');
    case 'AtMax':
      return soon(`grows again when ${ceilingText(facts.size)} allows more`);
    case 'Blocked':
      return afterBlock(verdict.gate, facts);
    case 'Invalid':
      return soon(`is looked at again when ${verdict.field} is corrected`);
    case 'NoSample':
      return soon('is looked at again with the next measurement');
    case 'Unmanaged':
      return soon('nothing, until it is enabled');
    default:
      return verdict satisfies never;
  }
}

/** A largest size is set in one of many places, so its name alone would not say where. */
function ceilingText({ binding }: Facts['size']): string {
  if (!binding) return 'its largest size';
  return binding.name === 'max-size' ? `max-size (${binding.source})` : binding.source;
}

function soon(action: string, at?: number): Next {
  return { action, at, atUsedBytes: undefined };
}

function afterHold({ sample, storageBreaches, storageNeeded, input, size }: Facts): Next {
  if (!sample) return soon('is looked at again with the next measurement');
  const { threshold } = input.resolution.settings;
  const atUsedBytes = portionOf(sample.capacityBytes, threshold.value);
  const target = size.targetBytes === undefined ? '' : ` to ${readableBytes(size.targetBytes)}`;
  if (storageBreaches > 0) {
    const missing = Math.max(1, storageNeeded - storageBreaches);
    const times = missing === 1 ? 'one more measurement is' : `${missing} more measurements are`;
    return {
      action: `grows${target} when ${times} at the threshold`,
      at: nextMeasurement(sample.at, input),
      atUsedBytes,
    };
  }
  return { action: `grows${target} at ${readableBytes(atUsedBytes)} used`, at: undefined, atUsedBytes };
}

function nextMeasurement(at: number, { rules, now }: Facts['input']): number {
  return Math.max(now, at + rules.watchInterval.value);
}

function afterStuck(recovery: Recovery | undefined): Next {
  if (!recovery) return soon('waits for the storage driver; its message says what it needs');
  if (recovery.kind === 'wait') return soon(`waits: ${recovery.reason}`);
  if (recovery.kind === 'give-up') return soon(`waits for you: ${recovery.reason}`);
  return soon(`the request is lowered to ${readableBytes(recovery.toBytes)}, which the driver may find possible`);
}

function afterBlock(gate: GateName, facts: Facts): Next {
  const { history, input } = facts;
  if (gate === 'expansions-per-day') {
    const at = freeAt(history, input.rules.expansionsPerDay.value, DAY_MS, input.now);
    return soon('may grow again', at);
  }
  if (gate === 'pause') return soon('is looked at again when the pause ends');
  if (gate === 'bound') return soon('is looked at again when it is Bound');
  const action = blockActions[gate] ?? 'is looked at again when that changes';
  return soon(action, opensGate(gate, facts));
}

const blockActions: Partial<Record<GateName, string>> = {
  volume: 'is looked at again when the volume is sound',
  'limit-range': 'grows again when the LimitRange allows more',
  'storage-capacity': 'grows again when the storage has room',
  window: 'grows when the change window opens',
  'namespace-budget': 'may grow again when growth of the namespace leaves the last 24 h',
  'cluster-budget': 'may grow again when growth of the cluster leaves the last 24 h',
  approval: 'grows when a person has approved the size',
  snapshot: 'grows when there is such a snapshot',
  backup: 'grows when it has ended, or is no longer waited for',
  circuit: 'one claim tries the driver',
  'foreign-writer': 'may be raised again',
};

function sizeText({ size }: Facts): string {
  return size.targetBytes === undefined ? 'a larger size' : readableBytes(size.targetBytes);
}
