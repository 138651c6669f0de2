/**
 * The expansions of a claim, kept on the claim itself and written in the same patch as the size: a restart, a second
 * replica or another machine therefore reads the same cooldown. Bounded, so that the annotation never grows past 4 KiB.
 */
import { floorTriggers } from './floor.ts';
import { ANNOTATION_PREFIX, type Parsed } from './settings/settings.ts';

export const LAST_EXPANSION = `${ANNOTATION_PREFIX}last-expansion`;
export const HISTORY = `${ANNOTATION_PREFIX}history`;

/** Those of floor.ts: others want it so large. `recovery`: no growth, but a request that was taken back because the driver called it impossible. */
export const triggers = ['storage', 'inodes', 'full-within', ...floorTriggers, 'recovery'] as const;
export type Trigger = (typeof triggers)[number];

/** Others want it so large. */
export function isFloor(trigger: Trigger | undefined): boolean {
  return floorTriggers.some((each) => each === trigger);
}

/** One growth that Larder asked for. */
export interface Growth {
  /** Epoch ms, whole seconds when read back. */
  readonly at: number;
  readonly fromBytes: bigint;
  readonly toBytes: bigint;
  readonly trigger: Trigger;
  /** Capacity that the sample of the decision reported: after the growth it must be more (rules 5 and 6). */
  readonly usableBytes: bigint;
  /** Inode total of that sample; undefined when the filesystem reports none. */
  readonly inodes: bigint | undefined;
  /** What measured it; only samples of the same origin can be compared. Empty: nothing did. */
  readonly origin: string;
  /** Of a growth for the group: the size that the claim has for itself (group/shared-size.ts). */
  readonly ownBytes?: bigint | undefined;
}

export interface History {
  /** Epoch ms of the last expansion; undefined = none. */
  readonly lastAt: number | undefined;
  /** Oldest first, at most `HISTORY_LIMIT`. */
  readonly growths: readonly Growth[];
}

export const emptyHistory: History = { lastAt: undefined, growths: [] };
/** The longest rolling window that is counted holds fewer. */
export const HISTORY_LIMIT = 20;
const LONGEST_TEXT = 65_536;
/** A stamp is cut to a second, and clocks drift; only more than this is a step. */
const CLOCK_STEP_MS = 5_000;

export type HistoryProblem = { readonly field: string; readonly value: string; readonly reason: string };

/** A broken history cannot prove that the cooldown is over, so it is reported and the claim fails closed. */
export function parseHistory(
  annotations: Readonly<Record<string, string>> | undefined,
): { readonly ok: true; readonly value: History } | ({ readonly ok: false } & HistoryProblem) {
  const lastText = annotations?.[LAST_EXPANSION];
  const historyText = annotations?.[HISTORY];
  const stamp = lastText === undefined ? undefined : parseTime(lastText);
  if (stamp && !stamp.ok) return { ok: false, field: 'last-expansion', value: lastText ?? '', reason: stamp.reason };
  const growths = historyText === undefined ? good<readonly Growth[]>([]) : parseGrowths(historyText);
  if (!growths.ok) {
    return { ok: false, field: 'history', value: excerpt(historyText ?? ''), reason: growths.reason };
  }
  const newest = growths.value.at(-1)?.at;
  const lastAt = newest === undefined || (stamp && stamp.value > newest) ? stamp?.value : newest;
  return { ok: true, value: { lastAt, growths: growths.value } };
}

/** The annotations after one more growth. */
export function formatHistory(history: History, growth: Growth): Readonly<Record<string, string>> {
  const kept = [...history.growths, growth].slice(-HISTORY_LIMIT);
  return { [LAST_EXPANSION]: formatTime(growth.at), [HISTORY]: JSON.stringify(kept.map(rowOf)) };
}

/** How many growths lie in the window that ends now. One from the future counts: the clock may have been set back. */
export function countWithin(history: History, windowMs: number, now: number): number {
  let count = 0;
  for (const growth of history.growths) if (growth.at > now - windowMs) count += 1;
  return count;
}

/** When one more growth fits below `limit` per window; undefined = at once. */
export function freeAt(history: History, limit: number, windowMs: number, now: number): number | undefined {
  const within = history.growths.filter((growth) => growth.at > now - windowMs).map((growth) => growth.at);
  if (within.length < limit) return undefined;
  within.sort((a, b) => a - b);
  const leaving = within[within.length - limit];
  return leaving === undefined ? undefined : leaving + windowMs;
}

/**
 * Moves growths that this process made to where they lie on its steady clock, so that a step of the wall clock neither
 * shortens nor lengthens a cooldown. `made` maps the stamp of a growth to how long ago it was made, in milliseconds.
 */
export function retimeHistory(history: History, made: ReadonlyMap<number, number>, now: number): History {
  if (made.size === 0) return history;
  const retimed = (at: number): number => {
    const agoMs = made.get(at);
    if (agoMs === undefined) return at;
    const steady = now - agoMs;
    // Without a step the stamp stays, so that the same history gives the same moments every time.
    return Math.abs(steady - at) < CLOCK_STEP_MS ? at : steady;
  };
  return {
    lastAt: history.lastAt === undefined ? undefined : retimed(history.lastAt),
    growths: history.growths.map((growth) => ({ ...growth, at: retimed(growth.at) })),
  };
}

/** RFC 3339 in UTC, whole seconds, as Go's tools write it. */
export function formatTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** What a stamp reads back as. */
export function wholeSeconds(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

export function parseTime(text: string): Parsed<number> {
  const at = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? bad('must be a time in RFC 3339, for example "2026-01-31T12:00:00Z"') : good(at);
}

const FORM = 'must be the list that Larder wrote; remove the annotation to forget past expansions';

function parseGrowths(text: string): Parsed<readonly Growth[]> {
  if (text.length > LONGEST_TEXT) return bad(FORM);
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    return bad(FORM); // given up: where it broke does not help anybody
  }
  if (!Array.isArray(rows)) return bad(FORM);
  const growths: Growth[] = [];
  for (const row of rows.slice(-HISTORY_LIMIT)) {
    const growth = growthOf(row);
    if (!growth) return bad(FORM);
    growths.push(growth);
  }
  return good(growths.sort((a, b) => a.at - b.at));
}

function rowOf(growth: Growth): object {
  return {
    at: formatTime(growth.at),
    from: String(growth.fromBytes),
    to: String(growth.toBytes),
    by: growth.trigger,
    usable: String(growth.usableBytes),
    ...(growth.inodes === undefined ? {} : { inodes: String(growth.inodes) }),
    origin: growth.origin,
    ...(growth.ownBytes === undefined ? {} : { own: String(growth.ownBytes) }),
  };
}

function growthOf(row: unknown): Growth | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...row };
  const at = typeof fields['at'] === 'string' ? parseTime(fields['at']) : undefined;
  const fromBytes = integer(fields['from']);
  const toBytes = integer(fields['to']);
  const usableBytes = integer(fields['usable']);
  const trigger = triggers.find((each) => each === fields['by']);
  const { origin } = fields;
  if (!at?.ok || fromBytes === undefined || toBytes === undefined || usableBytes === undefined) return undefined;
  if (trigger === undefined || typeof origin !== 'string') return undefined;
  const inodes = fields['inodes'] === undefined ? undefined : integer(fields['inodes']);
  if (fields['inodes'] !== undefined && inodes === undefined) return undefined;
  const ownBytes = fields['own'] === undefined ? undefined : integer(fields['own']);
  if (fields['own'] !== undefined && ownBytes === undefined) return undefined;
  const own = ownBytes === undefined ? {} : { ownBytes };
  return { at: at.value, fromBytes, toBytes, trigger, usableBytes, inodes, origin, ...own };
}

function integer(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d{1,30}$/.test(value) ? BigInt(value) : undefined;
}

function excerpt(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function good<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

function bad(reason: string): Parsed<never> {
  return { ok: false, reason };
}
