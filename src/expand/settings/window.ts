/**
 * Change windows: when a claim may be changed, in the wall time of a place, for example
 * `Mon-Fri 22:00-06:00 Europe/Berlin; Sat,Sun 00:00-24:00`. A span belongs to the day on which it begins. What counts is
 * the wall clock: in the night in which an hour is left out the part of a span that lies in it does not happen, and in
 * the night in which an hour comes twice the span is open both times.
 */
import type { Parsed } from './settings.ts';

interface Span {
  /** Of the week, Sunday = 0, as the day on which it begins. */
  readonly days: readonly number[];
  /** Minutes since midnight. */
  readonly from: number;
  /** Minutes since midnight of the first day; beyond 1440 on the next. */
  readonly to: number;
}

export interface ChangeWindow {
  readonly text: string;
  /** Empty: always open. */
  readonly spans: readonly Span[];
  readonly zone: string;
}

const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const FORM =
  'must be days, a time from-to and a time zone, for example "Mon-Fri 22:00-06:00 Europe/Berlin", several with ";" between them, or "always"';

/** Whoever writes a claim writes its window, and each of its spans costs time at every decision. */
const MOST_SPANS = 20;
const LONGEST_TEXT = 1_000;

export function parseWindow(text: string): Parsed<ChangeWindow> {
  if (text.length > LONGEST_TEXT) return bad(`must be no longer than ${LONGEST_TEXT} characters`);
  if (text.trim().toLowerCase() === 'always') return good({ text, spans: [], zone: 'UTC' });
  const parts = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length > MOST_SPANS) return bad(`must have no more than ${MOST_SPANS} spans`);
  const spans: Span[] = [];
  const zones = new Set<string>();
  for (const part of parts) {
    const read = parsePart(part);
    if (!read) return bad(FORM);
    spans.push(read.span);
    if (read.zone !== '') zones.add(read.zone);
  }
  const [zone = 'UTC', ...others] = zones;
  if (spans.length === 0) return bad(FORM);
  if (others.length > 0) return bad('must name one time zone only');
  if (!isZone(zone)) return bad(`names the time zone "${zone}", which is not known here: take one as Europe/Berlin`);
  return good({ text, spans, zone });
}

const PART = /^(?:([A-Za-z,-]+)\s+)?(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})(?:\s+([A-Za-z][\w+/-]*))?$/;

function parsePart(part: string): { readonly span: Span; readonly zone: string } | undefined {
  const [, dayText = 'Sun-Sat', fromHour, fromMinute, toHour, toMinute, zone = ''] = PART.exec(part) ?? [];
  const from = minutesOf(fromHour, fromMinute);
  const to = minutesOf(toHour, toMinute);
  const days = parseDays(dayText);
  if (from === undefined || to === undefined || !days || from === to || from === DAY_MINUTES) return undefined;
  return { span: { days, from, to: to > from ? to : to + DAY_MINUTES }, zone };
}

/** Minutes since midnight; 24:00 is the end of the day. */
function minutesOf(hour: string | undefined, minute: string | undefined): number | undefined {
  const minutes = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && minutes <= DAY_MINUTES ? minutes : undefined;
}

/** `Mon-Fri`, `Sat,Sun`, `Mon-Wed,Fri`, over the end of the week as well: `Fri-Mon`. */
function parseDays(text: string): readonly number[] | undefined {
  const days = new Set<number>();
  for (const piece of text.toLowerCase().split(',')) {
    const [first = '', last = first, ...more] = piece.split('-');
    const begin = DAY_NAMES.indexOf(first);
    const end = DAY_NAMES.indexOf(last);
    if (begin < 0 || end < 0 || more.length > 0) return undefined;
    for (let day = begin; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === end) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

function isZone(zone: string): boolean {
  try {
    clockOf(zone);
    return true;
  } catch {
    return false; // given up: all that is said of a zone is whether there is one
  }
}

export function isOpen({ spans, zone }: ChangeWindow, at: number): boolean {
  if (spans.length === 0) return true;
  const { day, minute } = wallTime(zone, at);
  const before = (day + 6) % 7;
  return spans.some(
    ({ days, from, to }) =>
      (days.includes(day) && minute >= from && minute < to) || (days.includes(before) && minute + DAY_MINUTES < to),
  );
}

/** Epoch ms of the next moment in the window, `at` itself when it is open then; undefined when there is none in a week or two. */
export function opensAt(window: ChangeWindow, at: number): number | undefined {
  if (isOpen(window, at)) return at;
  const known = closed.get(window.text);
  if (known && at >= known.from && at < known.opens) return known.opens;
  const opens = search(window, at);
  if (opens !== undefined) remember(closed, window.text, { from: at, opens });
  return opens;
}

/** A closed window is looked at for each of its claims again and again, and opens at the same moment for all. */
const closed = new Map<string, { readonly from: number; readonly opens: number }>();

/** More than a cluster has need of. */
const MOST_REMEMBERED = 1_000;

/** Texts are made up by whoever writes claims: what is full begins afresh. */
function remember<T>(memory: Map<string, T>, text: string, value: T): void {
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  memory.set(text, value);
}

function search(window: ChangeWindow, at: number): number | undefined {
  for (let days = -1; days <= LOOK_AHEAD_DAYS; days += 1) {
    const near = at + days * DAY_MINUTES * MINUTE_MS;
    const starts = window.spans.flatMap(({ from }) => momentsOf(window.zone, near, from));
    const later = starts.filter((start) => start > at).sort((a, b) => a - b);
    const opens = later.find((start) => isOpen(window, start));
    if (opens !== undefined) return opens;
  }
  return undefined;
}

/** A span of one day a week that an hour change swallows opens a week later. */
const LOOK_AHEAD_DAYS = 15;
const HOUR_MS = 3_600_000;

/**
 * When a wall clock shows the minute on the day of `near`: one moment, two where an hour comes twice, and where it is
 * left out the moment at which the clock jumps over it, because a span that is then under way opens there.
 */
function momentsOf(zone: string, near: number, minute: number): readonly number[] {
  const { year, month, date } = wallTime(zone, near);
  const wall = Date.UTC(year, month - 1, date) + minute * MINUTE_MS;
  const offsets = new Set([-24, -3, 3, 24].map((hours) => offsetAt(zone, wall + hours * HOUR_MS)));
  const exact = [...offsets]
    .map((offset) => wall - offset)
    .filter((moment) => moment + offsetAt(zone, moment) === wall);
  return exact.length > 0 ? exact : jumpNear(zone, wall, [...offsets]);
}

function jumpNear(zone: string, wall: number, offsets: readonly number[]): readonly number[] {
  const earliest = wall - Math.max(...offsets) - HOUR_MS;
  const latest = wall - Math.min(...offsets) + HOUR_MS;
  for (let moment = earliest; moment <= latest; moment += MINUTE_MS) {
    if (offsetAt(zone, moment) !== offsetAt(zone, moment - MINUTE_MS)) return [moment];
  }
  return [];
}

/** Milliseconds that the wall clock is ahead of UTC. */
function offsetAt(zone: string, at: number): number {
  const { year, month, date, minute } = wallTime(zone, at);
  const whole = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  return Date.UTC(year, month - 1, date) + minute * MINUTE_MS - whole;
}

interface WallTime {
  readonly year: number;
  /** 1–12. */
  readonly month: number;
  readonly date: number;
  /** Sunday = 0. */
  readonly day: number;
  /** Since midnight. */
  readonly minute: number;
}

function wallTime(zone: string, at: number): WallTime {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const [year, month, date] = [part('year'), part('month'), part('day')];
  const day = new Date(Date.UTC(year, month - 1, date)).getUTCDay();
  return { year, month, date, day, minute: part('hour') * 60 + part('minute') };
}

/** Making one takes far longer than using it; there are as many as zones are named. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  remember(clocks, zone, made);
  return made;
}

function good<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

function bad(reason: string): Parsed<never> {
  return { ok: false, reason };
}
