/** How the values of the configuration are read that are not settings of a claim. */
import { type Increase, type Parsed, parseDuration, parseIncrease, parseSize } from './settings.ts';

export function parseLargest(text: string): Parsed<bigint | 'unlimited'> {
  if (text === 'unlimited') return { ok: true, value: 'unlimited' };
  const size = parseSize(text);
  return size.ok ? size : { ok: false, reason: `${size.reason}, or "unlimited"` };
}

export function parseInterval(text: string): Parsed<number> {
  const duration = parseDuration(text);
  if (duration.ok && duration.value >= 1_000) return duration;
  return { ok: false, reason: 'must be a duration of at least a second, for example "60s"' };
}

export function parseCount(least: number, most: number): (text: string) => Parsed<number> {
  return (text) => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return { ok: true, value };
    return { ok: false, reason: `must be a whole number from ${least} to ${most}` };
  };
}

export function parseShare(text: string): Parsed<number> {
  const percent = /^\d{1,2}(?:\.\d{1,2})?%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent >= 0.1 && percent <= 50) return { ok: true, value: percent / 100 };
  return { ok: false, reason: 'must be a percentage from 0.1% to 50%' };
}

/** Undefined: off. */
export function parseFree(text: string): Parsed<Increase | undefined> {
  if (text === '') return { ok: true, value: undefined };
  const free = parseIncrease(text);
  if (free.ok && (free.value.kind === 'quantity' || free.value.ratio < 1)) return free;
  return { ok: false, reason: 'must be a size such as "10Gi", a share of the export such as "5%", or empty' };
}

export function parseEarly(text: string): Parsed<'none' | 'trash' | 'all'> {
  if (text === 'none' || text === 'trash' || text === 'all') return { ok: true, value: text };
  return { ok: false, reason: 'must be "none", "trash" or "all"' };
}

/** Undefined: off. */
export function parseOvercommit(text: string): Parsed<number | undefined> {
  if (text === '') return { ok: true, value: undefined };
  const percent = /^[1-9]\d{0,4}%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent > 0) return { ok: true, value: percent / 100 };
  return { ok: false, reason: 'must be a whole percentage of an export, for example "150%", or empty' };
}

export function parseProvider(text: string): Parsed<string> {
  if (text === '' || /^[a-z0-9-]{1,63}$/.test(text)) return { ok: true, value: text };
  return { ok: false, reason: 'must be the name of a provider, for example "nfs", or empty' };
}
