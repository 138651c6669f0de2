/** Durations as kubectl shows them (k8s.io/apimachinery/pkg/util/duration HumanDuration, read in 0.36). */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

interface Step {
  readonly belowMs: number;
  readonly unitMs: number;
  readonly unit: string;
  /** What is added when it is not zero. */
  readonly restMs?: number;
  readonly rest?: string;
}

const STEPS: readonly Step[] = [
  { belowMs: 2 * MINUTE, unitMs: SECOND, unit: 's' },
  { belowMs: 10 * MINUTE, unitMs: MINUTE, unit: 'm', restMs: SECOND, rest: 's' },
  { belowMs: 3 * HOUR, unitMs: MINUTE, unit: 'm' },
  { belowMs: 8 * HOUR, unitMs: HOUR, unit: 'h', restMs: MINUTE, rest: 'm' },
  { belowMs: 2 * DAY, unitMs: HOUR, unit: 'h' },
  { belowMs: 8 * DAY, unitMs: DAY, unit: 'd', restMs: HOUR, rest: 'h' },
  { belowMs: 2 * YEAR, unitMs: DAY, unit: 'd' },
  { belowMs: 8 * YEAR, unitMs: YEAR, unit: 'y', restMs: DAY, rest: 'd' },
  { belowMs: Number.POSITIVE_INFINITY, unitMs: YEAR, unit: 'y' },
];

export function humanDuration(ms: number): string {
  if (ms <= -2 * SECOND) return '<invalid>';
  if (ms < 0) return '0s';
  const step = STEPS.find(({ belowMs }) => ms < belowMs);
  if (!step) return '<invalid>';
  const count = Math.floor(ms / step.unitMs);
  const rest = step.restMs === undefined ? 0 : Math.floor((ms % step.unitMs) / step.restMs);
  return rest === 0 ? `${count}${step.unit}` : `${count}${step.unit}${rest}${step.rest}`;
}

/** `<unknown>` when there is no time. */
export function age(time: string | undefined, nowMs: number): string {
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? '<unknown>' : humanDuration(nowMs - ms);
}
