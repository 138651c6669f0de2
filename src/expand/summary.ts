import type { Decision, Measure } from './decision.ts';
import { isFloor } from './history.ts';
import { readableBytes, readableDuration, readableRatio, readableTime } from './readable.ts';

/** One line: what happens to the claim, and why. Without the claim's name. */
export function summaryOf(decision: Decision): string {
  const { verdict, baseBytes, targetBytes, next, fill } = decision;
  const size = readableBytes(baseBytes);
  switch (verdict.kind) {
    case 'Expand':
      return `grows from ${size} to ${readableBytes(targetBytes ?? baseBytes)} (${thresholdText(decision)})`;
    case 'WouldExpand':
      return `would grow from ${size} to ${readableBytes(targetBytes ?? baseBytes)} (${thresholdText(decision)}; dry run)`;
    case 'InProgress':
      if (decision.gates.some(({ name, outcome }) => name === 'progress' && outcome === 'pass')) {
        return `waits for its cloud, which modifies the volume since ${readableTime(verdict.since)} (${thresholdText(decision)})`;
      }
      return `is being resized to ${size} since ${readableTime(verdict.since)}`;
    case 'Hold':
      return holdText(decision);
    case 'CoolingDown':
      return `cools down until ${readableTime(verdict.until)} (${thresholdText(decision)})`;
    case 'Stuck':
      return `is stuck since ${readableTime(verdict.since)}: ${verdict.reason}`;
    case 'Ineffective':
      return 'does not grow: the last growth brought no usable space';
    case 'AtMax':
      return `has its largest size, ${size} (${thresholdText(decision)}); ${next.action}`;
    case 'Blocked':
      return verdict.gate === 'pause' ? verdict.reason : `does not grow: ${verdict.reason}`;
    case 'Invalid': {
      const place = verdict.source === 'annotation' ? '' : ` of ${verdict.source}`;
      return `does not grow: ${verdict.field}${place} is "${verdict.value}" and ${verdict.reason}`;
    }
    case 'NoSample':
      return `is not judged: ${verdict.reason}`;
    case 'Unmanaged': {
      const used = fill ? ` (${readableRatio(fill.ratio)} used)` : '';
      return `is not managed${used}: ${verdict.reason}`;
    }
    default:
      return verdict satisfies never;
  }
}

function holdText(decision: Decision): string {
  const { next, baseBytes } = decision;
  const size = readableBytes(baseBytes);
  const breached = measureIn(decision, 'breaches', 'measurements in a row at the threshold');
  if (next.at === undefined && next.atUsedBytes !== undefined) {
    return `holds at ${size} (${thresholdText(decision)}), next at ${readableBytes(next.atUsedBytes)} used`;
  }
  const count =
    breached?.unit === 'count' ? `${breached.value} measurement${breached.value === 1 ? '' : 's'}` : 'seen once';
  return `holds at ${size} (${thresholdText(decision)}, ${count} so far)`;
}

/** `95 % used ≥ 80 %`; of inodes or of time when these are the reason. */
export function thresholdText(decision: Decision): string {
  if (decision.trigger === 'full-within') return fullText(decision);
  if (isFloor(decision.trigger)) return floorText(decision);
  const inodes = decision.trigger === 'inodes';
  const used = measureIn(decision, inodes ? 'inodes' : 'storage', inodes ? 'inodes used' : 'used');
  const threshold = measureIn(decision, inodes ? 'inodes' : 'storage', 'threshold');
  if (used?.unit !== 'ratio' || threshold?.unit !== 'ratio') return 'not measured';
  // Both sides of the comparison are exact elsewhere; here the outcome of the gate decides which sign is true.
  const passed = decision.gates.some(
    ({ name, outcome }) => name === (inodes ? 'inodes' : 'storage') && outcome === 'pass',
  );
  const noun = inodes ? 'of the inodes used' : 'used';
  return `${readableRatio(used.value)} ${noun} ${passed ? '≥' : '<'} ${readableRatio(threshold.value)}`;
}

/** `group es-data: 20 GiB`. */
export function floorText(decision: Decision): string {
  const wanted = measureIn(decision, 'floor', 'wanted size');
  return wanted?.unit === 'bytes' ? `${wanted.source}: ${readableBytes(wanted.value)}` : 'others want it larger';
}

/** `full in 3h 20m < 24h`. */
export function fullText(decision: Decision): string {
  const full = measureIn(decision, 'full-within', 'time to full');
  const within = measureIn(decision, 'full-within', 'full within');
  const limit = within?.unit === 'duration' ? ` < ${readableDuration(within.value)}` : '';
  return full?.unit === 'duration' ? `full in ${readableDuration(full.value)}${limit}` : 'will be full soon';
}

function measureIn(decision: Decision, gate: string, what: string): Measure | undefined {
  return decision.gates.find(({ name }) => name === gate)?.compared.find((measure) => measure.what === what);
}
