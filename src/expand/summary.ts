import type { Decision, Measure } from './decision.ts';
import { readableBytes, readableRatio, readableTime } from './readable.ts';

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
    case 'Invalid':
      return `does not grow: ${verdict.field} is "${verdict.value}" and ${verdict.reason}`;
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

/** `95 % used ≥ 80 %`; of inodes when these are the reason. */
export function thresholdText(decision: Decision): string {
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

function measureIn(decision: Decision, gate: string, what: string): Measure | undefined {
  return decision.gates.find(({ name }) => name === gate)?.compared.find((measure) => measure.what === what);
}
