/** Values of settings as people read them, and as they are written in an annotation. Pure. */
import { formatQuantity } from '../../src/kube/quantity.ts';

export interface EditableSetting {
  /** The annotation without its prefix. */
  readonly key: string;
  readonly name: string;
  readonly hint: string;
}

/** What the page lets people edit; the rest stands in a policy or a class. */
export const editable: readonly EditableSetting[] = [
  { key: 'threshold', name: 'Grow at', hint: 'used share, as 80%' },
  { key: 'increase', name: 'By', hint: 'a share or a size, as 10% or 5Gi' },
  { key: 'min-scale-up', name: 'At least by', hint: 'a size, as 1Gi' },
  { key: 'max-size', name: 'Up to', hint: 'a size, as 100Gi' },
  { key: 'cooldown', name: 'Not again for', hint: 'a duration, as 15m or 6h' },
  { key: 'full-within', name: 'Also when full within', hint: 'a duration, as 24h; 0 is off' },
  { key: 'inodes-threshold', name: 'Grow at inodes', hint: 'used share, as 80%' },
  { key: 'approval-above', name: 'Ask above', hint: 'a size, as 200Gi, or never' },
];

const ratios: ReadonlySet<string> = new Set(['threshold', 'inodes-threshold', 'snapshot-above']);
const sizes: ReadonlySet<string> = new Set(['min-scale-up', 'max-step', 'max-size', 'initial-size', 'approval-above']);
const durations: ReadonlySet<string> = new Set(['cooldown', 'full-within']);

/** As it is written in an annotation; empty where nothing is set. */
export function settingText(key: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (ratios.has(key) && typeof value === 'number') return share(value);
  if (sizes.has(key) && typeof value === 'string' && /^\d+$/.test(value)) return formatQuantity(BigInt(value));
  if (durations.has(key) && typeof value === 'number') return duration(value);
  if (typeof value === 'object') return partsOf(value);
  return String(value);
}

/** An increase, or a window, which brings its own text. */
function partsOf(value: object): string {
  if ('text' in value) return String(value.text);
  if ('ratio' in value && typeof value.ratio === 'number') return share(value.ratio);
  if ('bytes' in value && typeof value.bytes === 'string') return formatQuantity(BigInt(value.bytes));
  return JSON.stringify(value);
}

function share(ratio: number): string {
  return `${Number((ratio * 100).toFixed(4))}%`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** Exact, as `1d12h`. */
function duration(ms: number): string {
  let left = Math.round(ms);
  let text = '';
  for (const [unit, unitMs] of units) {
    const amount = Math.floor(left / unitMs);
    left -= amount * unitMs;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text === '' ? '0' : text;
}
