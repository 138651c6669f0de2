/** Times and durations as people read them. Pure: the present is a parameter. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** The two largest units: `3 d 4 h`, `12 min`, `0 s`. Minutes are the smallest beside hours and days. */
export function durationText(ms: number): string {
  const first = units.findIndex(([, unitMs]) => ms >= unitMs);
  if (first < 0) return '0 s';
  const shown = units.slice(first, first + 2);
  let left = ms;
  const parts: string[] = [];
  for (const [name, unitMs] of shown) {
    const amount = Math.floor(left / unitMs);
    left -= amount * unitMs;
    if (amount > 0) parts.push(`${amount} ${name}`);
  }
  return parts.join(' ');
}

/** Two clocks, and a page that counts in steps, do not agree better than that. */
const CLOCKS_MS = 10_000;

/** `3 min ago`, `now`, `in 2 h`. */
export function relativeText(at: number, now: number): string {
  const ms = Math.abs(now - at);
  if (ms < (at > now ? CLOCKS_MS : 1_000)) return 'now';
  const unit = units.find(([, unitMs]) => ms >= unitMs) ?? units[3];
  const text = `${Math.floor(ms / unit[1])} ${unit[0]}`;
  return at <= now ? `${text} ago` : `in ${text}`;
}

/** In the reader's zone and language, with the zone. */
export function exactTime(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

/** A day in the reader's language. `zone`: absent, the reader's own. */
export function dayText(at: number, zone?: 'UTC'): string {
  return new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium', ...(zone && { timeZone: zone }) });
}

/** How long until it is full: `—` when it does not fill, or nothing is known. */
export function fullInText(ms: number | undefined): string {
  if (ms === undefined) return '—';
  return ms > 365 * 86_400_000 ? '> 1 year' : durationText(Math.max(0, ms));
}
