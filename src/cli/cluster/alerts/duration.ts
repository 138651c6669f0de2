import { Exit, exitCodes } from '../../exit.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `2h`, `1d` in milliseconds. Throws Exit 2. */
export function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([smhd])$/.exec(text) ?? [];
  const length = UNITS[unit];
  if (length !== undefined && Number(count) > 0) return Number(count) * length;
  throw new Exit(exitCodes.usage, `${JSON.stringify(text)} is no time: write 90s, 30m, 2h or 1d`);
}
