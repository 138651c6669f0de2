import { stringValue } from '../value.ts';
import { type HclFunction, type Outcome, refuse, text, two } from './hcl-function.ts';

export const timeFunctions: Readonly<Record<string, HclFunction>> = {
  formatdate: two(text, text, formatDate),
  timeadd: two(text, text, addToTime),
};

/** A moment on the wall clock of its zone. */
interface Moment {
  /** Of the wall clock, as if it were UTC. */
  readonly wall: Date;
  /** Nanoseconds within the millisecond of `wall`. */
  readonly nanos: bigint;
  readonly offsetMinutes: number;
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9})\d*)?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const NO_TIME = 'a time such as 2024-05-01T10:00:00Z is required';
const NANOS_PER_MILLI = 1_000_000n;

function momentOf(written: string): Moment | undefined {
  const parts = RFC3339.exec(written);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, hours = '0', minutes = '0'] = parts;
  const wall = new Date(0);
  wall.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (wall.getUTCMonth() !== Number(month) - 1 || wall.getUTCDate() !== Number(day)) return undefined;
  const nanos = BigInt(fraction.padEnd(9, '0'));
  wall.setUTCHours(Number(hour), Number(minute), Number(second), Number(nanos / NANOS_PER_MILLI));
  const offset = Number(hours) * 60 + Number(minutes);
  return { wall, nanos: nanos % NANOS_PER_MILLI, offsetMinutes: sign === '-' ? -offset : offset };
}

const NANOS_PER: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: NANOS_PER_MILLI,
  s: 1000n * NANOS_PER_MILLI,
  m: 60_000n * NANOS_PER_MILLI,
  h: 3_600_000n * NANOS_PER_MILLI,
};
const DURATION = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PORTION = /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g;

/** Go's durations, such as `1h30m` or `-1.5s`, in nanoseconds. */
function durationOf(written: string): bigint | undefined {
  if (/^[+-]?0$/.test(written)) return 0n;
  if (!DURATION.test(written)) return undefined;
  const total = [...written.matchAll(PORTION)].reduce((sum, [, whole = '', fraction = '', unit = '']) => {
    const nanos = NANOS_PER[unit] ?? 0n;
    return sum + (BigInt(`${whole}${fraction}` || '0') * nanos) / 10n ** BigInt(fraction.length);
  }, 0n);
  return written.startsWith('-') ? -total : total;
}

function addToTime(time: string, duration: string): Outcome {
  const moment = momentOf(time);
  if (!moment) return refuse(NO_TIME, 0);
  const nanos = durationOf(duration);
  if (nanos === undefined) return refuse('a duration such as 1h30m is required', 1);
  const all = BigInt(moment.wall.getTime()) * NANOS_PER_MILLI + moment.nanos + nanos;
  const millis = Number((all - (((all % NANOS_PER_MILLI) + NANOS_PER_MILLI) % NANOS_PER_MILLI)) / NANOS_PER_MILLI);
  const wall = new Date(millis);
  if (Number.isNaN(wall.getTime()) || wall.getUTCFullYear() > 9999)
    return refuse('the result is no time that can be written', 1);
  return stringValue(`${wall.toISOString().slice(0, 19)}${zone(moment.offsetMinutes, ':') || 'Z'}`);
}

/** `+02:00`; empty in UTC. */
function zone(offsetMinutes: number, between: string): string {
  if (offsetMinutes === 0) return '';
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}${between}${twoDigits(size % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** What each run of one letter stands for, by the run itself. */
const VERBS: Readonly<Record<string, (moment: Moment) => string>> = {
  YY: ({ wall }) => twoDigits(wall.getUTCFullYear() % 100),
  YYYY: ({ wall }) => String(wall.getUTCFullYear()).padStart(4, '0'),
  M: ({ wall }) => String(wall.getUTCMonth() + 1),
  MM: ({ wall }) => twoDigits(wall.getUTCMonth() + 1),
  MMM: ({ wall }) => (MONTHS[wall.getUTCMonth()] ?? '').slice(0, 3),
  MMMM: ({ wall }) => MONTHS[wall.getUTCMonth()] ?? '',
  D: ({ wall }) => String(wall.getUTCDate()),
  DD: ({ wall }) => twoDigits(wall.getUTCDate()),
  EEE: ({ wall }) => (DAYS[wall.getUTCDay()] ?? '').slice(0, 3),
  EEEE: ({ wall }) => DAYS[wall.getUTCDay()] ?? '',
  h: ({ wall }) => String(wall.getUTCHours()),
  hh: ({ wall }) => twoDigits(wall.getUTCHours()),
  H: ({ wall }) => String(wall.getUTCHours() % 12 || 12),
  HH: ({ wall }) => twoDigits(wall.getUTCHours() % 12 || 12),
  AA: ({ wall }) => (wall.getUTCHours() < 12 ? 'AM' : 'PM'),
  aa: ({ wall }) => (wall.getUTCHours() < 12 ? 'am' : 'pm'),
  m: ({ wall }) => String(wall.getUTCMinutes()),
  mm: ({ wall }) => twoDigits(wall.getUTCMinutes()),
  s: ({ wall }) => String(wall.getUTCSeconds()),
  ss: ({ wall }) => twoDigits(wall.getUTCSeconds()),
  Z: ({ offsetMinutes }) => zone(offsetMinutes, ':') || 'Z',
  ZZZ: ({ offsetMinutes }) => zone(offsetMinutes, '') || 'UTC',
  ZZZZ: ({ offsetMinutes }) => zone(offsetMinutes, '') || '+0000',
  ZZZZZ: ({ offsetMinutes }) => zone(offsetMinutes, ':') || '+00:00',
};
/** `''` is a quote, `'…'` stands for itself, a run of one letter for a part of the time, all else for itself. */
const PIECE = /''|'((?:[^']|'')*)'|(([A-Za-z])\3*)|[^A-Za-z']+|'/g;

function formatDate(format: string, time: string): Outcome {
  const moment = momentOf(time);
  if (!moment) return refuse(NO_TIME, 1);
  let made = '';
  for (const [piece, literal, verb] of format.matchAll(PIECE)) {
    if (piece === "'") return refuse('a quote is not closed', 0);
    if (verb === undefined) made += piece === "''" ? "'" : (literal?.replaceAll("''", "'") ?? piece);
    else if (Object.hasOwn(VERBS, verb)) made += VERBS[verb]?.(moment) ?? '';
    else return refuse(`${JSON.stringify(verb)} is no part of a time; accepted are ${Object.keys(VERBS).join(' ')}`, 0);
  }
  return stringValue(made);
}
