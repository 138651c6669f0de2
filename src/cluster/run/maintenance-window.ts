/** When a node may be taken out of work. Pure. */
import type { NodeSpec } from '../spec/cluster-spec.ts';

type Window = NonNullable<NodeSpec['maintenance']>;

const DAYS: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** `sat 02:00–05:00 Europe/Berlin` where `at` (epoch ms) is outside of it; undefined: inside, or the node has none. */
export function outsideWindow(
  { maintenance }: Pick<NodeSpec, 'maintenance'>,
  at: number,
  timeZone: string,
): string | undefined {
  if (maintenance === undefined) return undefined;
  const time = localTime(at, timeZone);
  if (time !== undefined && isInside(maintenance, time)) return undefined;
  const { days, from, to } = maintenance;
  return `${days.join(', ')} ${from}–${to} ${timeZone}`;
}

interface LocalTime {
  /** Index into DAYS. */
  readonly day: number;
  /** As 02:00, which sorts as time does. */
  readonly clock: string;
}

/** A window that ends before it begins ends on the next day; one of no length is the whole day. */
function isInside({ days, from, to }: Window, { day, clock }: LocalTime): boolean {
  const isDay = (index: number): boolean => days.some((each) => each === DAYS[(index + 7) % 7]);
  if (from < to) return isDay(day) && clock >= from && clock < to;
  return (isDay(day) && clock >= from) || (isDay(day - 1) && clock < to);
}

/** Undefined: nobody here knows the time zone, so nobody can say that it is inside. */
function localTime(at: number, timeZone: string): LocalTime | undefined {
  const parts = partsOf(at, timeZone);
  if (parts === undefined) return undefined;
  const of = (type: Intl.DateTimeFormatPartTypes): string => parts.find((part) => part.type === type)?.value ?? '';
  const day = DAYS.indexOf(of('weekday').toLowerCase());
  return { day, clock: `${of('hour')}:${of('minute')}` };
}

function partsOf(at: number, timeZone: string): readonly Intl.DateTimeFormatPart[] | undefined {
  try {
    const format = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    return new Intl.DateTimeFormat('en-GB', format).formatToParts(at);
  } catch (cause) {
    if (cause instanceof RangeError) return undefined; // no such zone
    throw cause;
  }
}
