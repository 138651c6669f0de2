import { Exit, exitCodes } from '../exit.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30d`, `12h`, `2026-03-01` or a time of RFC 3339, as a moment in epoch milliseconds. Throws Exit 2. */
export function since(text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const length = UNITS[unit];
  if (count !== undefined && length !== undefined) return now - Number(count) * length;
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  throw new Exit(
    exitCodes.usage,
    `${JSON.stringify(text)} is no time: write 30d, 12h, 2026-03-01 or 2026-03-01T12:00:00Z`,
  );
}
