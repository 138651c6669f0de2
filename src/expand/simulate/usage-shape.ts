/** Usage that is made up: a steady growth, days and nights, bursts and deletions, each claim a little different. */
import type { Parsed } from '../settings/settings.ts';
import { parseDuration, parseSize } from '../settings/settings.ts';
import { type Curve, curveOf } from './curve.ts';

const DAY_MS = 86_400_000;

export interface Burst {
  /** Milliseconds after the beginning. */
  readonly atMs: number;
  /** Bytes; negative: deleted. */
  readonly bytes: number;
  readonly overMs: number;
}

export interface UsageShape {
  /** Bytes stored at the beginning. */
  readonly start: number;
  /** Bytes per millisecond; may be negative. */
  readonly perMs: number;
  /** Bytes more at noon than at midnight. */
  readonly daily: number;
  /** Share by which the rate of a day may differ from the mean, 0–1. */
  readonly jitter: number;
  readonly bursts: readonly Burst[];
}

/** `seed`: the same gives the same curve. */
export function curveFor(shape: UsageShape, span: { readonly from: number; readonly to: number }, seed: number): Curve {
  const { from, to } = span;
  const days = shape.daily > 0 || shape.jitter > 0;
  const moments = new Set([from, to]);
  if (days) for (let at = from; at < to; at += DAY_MS / 2) moments.add(at);
  for (const { atMs, overMs } of shape.bursts) {
    for (const at of [from + atMs, from + atMs + Math.max(1, overMs)]) if (at > from && at < to) moments.add(at);
  }
  const ordered = [...moments].sort((one, other) => one - other);
  const steady = steadyOf(shape, { from, seed });
  return curveOf(ordered.map((at) => [at, steady(at) + dailyAt(shape, at) + burstsAt(shape, at - from)]));
}

/** The steady part; with jitter each day has a rate of its own. */
function steadyOf({ start, perMs, jitter }: UsageShape, { from, seed }: { from: number; seed: number }) {
  if (jitter === 0) return (at: number): number => start + perMs * (at - from);
  const sums: number[] = [0];
  const rateOf = (day: number): number => perMs * (1 + jitter * (2 * fraction(seed, day) - 1));
  return (at: number): number => {
    const day = Math.floor((at - from) / DAY_MS);
    for (let known = sums.length; known <= day; known += 1) {
      sums.push((sums[known - 1] ?? 0) + rateOf(known - 1) * DAY_MS);
    }
    return start + (sums[day] ?? 0) + rateOf(day) * (at - from - day * DAY_MS);
  };
}

/** Points lie at midnight and noon only, so this is a saw of straight lines. */
function dailyAt({ daily }: UsageShape, at: number): number {
  const share = (((at % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS;
  return daily * (share < 0.5 ? 2 * share : 2 - 2 * share);
}

function burstsAt({ bursts }: UsageShape, afterMs: number): number {
  return bursts.reduce((sum, { atMs, bytes, overMs }) => {
    const share = Math.min(1, Math.max(0, (afterMs - atMs) / Math.max(1, overMs)));
    return sum + bytes * share;
  }, 0);
}

/** 0–1, the same for the same two numbers (the finalizer of MurmurHash3, Appleby 2011). */
function fraction(seed: number, index: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const FORM = 'must be a size per time, for example "5Gi/d", "100Mi/h" or "-1Gi/w"';
const UNITS: Readonly<Record<string, string>> = { s: '1s', m: '1m', h: '1h', d: '1d', w: '7d' };

/** Bytes per millisecond. */
export function parseRate(text: string): Parsed<number> {
  const [, sign = '', amount = '', unit = ''] = /^(-?)([^/]+)\/([smhdw])$/.exec(text.trim()) ?? [];
  if (amount === '0') return { ok: true, value: 0 };
  const size = parseSize(amount);
  const per = parseDuration(UNITS[unit] ?? '');
  if (!size.ok || !per.ok) return { ok: false, reason: FORM };
  return { ok: true, value: ((sign === '-' ? -1 : 1) * Number(size.value)) / per.value };
}
