/** Numbers as a person reads them: short, and never rounded to the other side of a threshold. */
import { formatQuantity } from '../kube/quantity.ts';

const UNITS = ['B', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/** `20Mi` where that is exact, else two decimals, cut off: `19.53Mi`. */
export function readableBytes(bytes: bigint): string {
  const exact = formatQuantity(bytes);
  if (exact.length <= 6 && /i$/.test(exact)) return exact;
  let power = 0;
  while (power < UNITS.length - 1 && bytes >> BigInt(10 * (power + 1)) > 0n) power += 1;
  if (power === 0) return `${bytes} B`;
  const hundredths = (bytes * 100n) >> BigInt(10 * power);
  const fraction = String(hundredths % 100n)
    .padStart(2, '0')
    .replace(/0+$/, '');
  return `${hundredths / 100n}${fraction === '' ? '' : `.${fraction}`}${UNITS[power]}`;
}

/** `95 %`, cut off to a tenth, so that 79.99 % never reads as 80 %; little is `< 1 %`, and never reads as nothing. */
export function readableRatio(ratio: number): string {
  return isLittle(ratio) ? LITTLE : `${Math.floor(ratio * 1_000 + 1e-6) / 10} %`;
}

/** The same for columns and bars, in whole ones. */
export function readablePercent(ratio: number): string {
  return isLittle(ratio) ? LITTLE : `${Math.floor(ratio * 100 + 1e-6)} %`;
}

/** All digits, of what somebody wrote. */
export function exactRatio(ratio: number): string {
  return `${Number((ratio * 100).toFixed(4))} %`;
}

const LITTLE = '< 1 %';

const isLittle = (ratio: number): boolean => ratio > 0 && ratio < 0.01;

/** The two largest units: `1d 2h`, `14m 59s`, `0s`. */
export function readableDuration(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1_000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}

/** `2026-01-31 12:00:00Z`. */
export function readableTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

const NAMED = 10;

/** Those that come first, when there are very many. */
export function readableList(names: readonly string[]): string {
  const others = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}
