/** How the values of StorageClass parameters are written: each reader gives undefined for what is malformed. */
import { parseQuantity } from '../kube/quantity.ts';

/** `text` is what the class wrote; `ms` is undefined for `never`. */
export interface Retention {
  readonly text: string;
  readonly ms: number | undefined;
}

/** Comma-separated words; blanks around them and empty ones are dropped. */
export const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** Permission bits with an optional setgid, in octal; undefined when malformed. */
export function parseMode(text: string): number | undefined {
  return /^(0?[0-7]{3}|2[0-7]{3})$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** The largest id is one less than 2^32 - 1, which chown takes for "leave as it is". */
export function parseId(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,9})$/.test(text)) return undefined;
  const value = Number(text);
  return value < 2 ** 32 - 1 ? value : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/** Undefined when malformed. */
export function parseRetention(text: string): Retention | undefined {
  if (text === 'never') return { text, ms: undefined };
  const match = /^(\d{1,6})([dhms])$/.exec(text);
  const unit = UNIT_MS[match?.[2] ?? ''];
  return match && unit !== undefined ? { text, ms: Number(match[1]) * unit } : undefined;
}

/** `64Mi`, or `64Mi,1024` with inodes; undefined when malformed. */
export function parseMinFree(text: string): { minFreeBytes: bigint; minFreeInodes?: bigint } | undefined {
  const [bytes = '', inodes, ...rest] = text.split(',').map((word) => word.trim());
  const parsed = parseQuantity(bytes);
  if (!parsed.ok || parsed.value < 0n || rest.length > 0) return undefined;
  if (inodes === undefined) return { minFreeBytes: parsed.value };
  return /^\d{1,15}$/.test(inodes) ? { minFreeBytes: parsed.value, minFreeInodes: BigInt(inodes) } : undefined;
}

/** `50Mi`, at least 1Mi, or `unlimited` (then without a number); undefined when malformed. */
export function parseRate(text: string): { readonly bytesPerSecond: bigint | undefined } | undefined {
  if (text === 'unlimited') return { bytesPerSecond: undefined };
  const parsed = parseQuantity(text);
  return parsed.ok && parsed.value >= 1024n * 1024n ? { bytesPerSecond: parsed.value } : undefined;
}

/** `100Gi`: what a namespace may request in all. Undefined: not a quantity of bytes. */
export function parseBudget(text: string): bigint | undefined {
  const parsed = parseQuantity(text.trim());
  return parsed.ok && parsed.value >= 0n ? parsed.value : undefined;
}

/** `0777`, `2775`: a mode as classes and messages write it. */
export const formatMode = (mode: number): string => mode.toString(8).padStart(4, '0');
