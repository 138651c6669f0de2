import type { Scalar } from '../source/node.ts';

/** As Go's time.ParseDuration reads them. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Text with units, or whole nanoseconds; undefined for what is neither. */
export function durationMs(value: Scalar): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value / 1e6 : undefined;
  if (typeof value !== 'string') return undefined;
  if (value === '0') return 0;
  const parts = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(value);
  if (!parts?.[2]) return undefined;
  const sum = [...parts[2].matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)]
    .map(([, count, unit]) => Number(count) * (units[unit ?? ''] ?? 0))
    .reduce((total, each) => total + each, 0);
  return parts[1] === '-' ? -sum : sum;
}
