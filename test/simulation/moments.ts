/** When a claim may grow, written down once more: in its change window, and with the snapshots that are asked for. */
import { guardKinds } from '../../src/expand/guard/guard-kinds.ts';
import { START_MS } from './scheduler.ts';
import type { Ledger } from './truth.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** Places whose clocks no summer changes, by the minutes that they are ahead. */
const ZONES: Readonly<Record<string, number>> = { UTC: 0, 'Asia/Tokyo': 540, 'America/Phoenix': -420 };
const FORM = /^(?:(Sun|Mon|Tue|Wed|Thu|Fri|Sat) )?(\d\d):(\d\d)-(\d\d):(\d\d)(?: (\S+))?$/;
/** From then on nobody waits for a backup that does not end. */
const PATIENCE_MS = 4 * 3_600_000;

/** A snapshot as the cluster knows it; times in milliseconds since the start of the history. */
export interface SnapshotSeen {
  readonly madeMs: number;
  /** When it was cut; undefined: nothing can be restored from it. */
  readonly cutMs: number | undefined;
}

export interface Snapshots {
  /** Of the claim with this `namespace/name`. */
  readonly of: (key: string) => readonly SnapshotSeen[];
  /** How old one may be that is asked for. */
  readonly freshMs: number;
}

/** Whether it is open at a moment between these two, milliseconds since the start of the history. */
export function opensWithin(window: string | undefined, fromMs: number, toMs: number): boolean {
  if (window === undefined || window === 'always') return true;
  for (let atMs = fromMs; atMs < toMs; atMs += MINUTE_MS) if (isOpen(window, atMs)) return true;
  return isOpen(window, toMs);
}

function isOpen(window: string, atMs: number): boolean {
  const [, day, ...rest] = FORM.exec(window) ?? [];
  const ahead = ZONES[rest[4] ?? 'UTC'];
  if (rest.length === 0 || ahead === undefined) throw new RangeError(`a window that nobody here can read: ${window}`);
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = rest.slice(0, 4).map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  const end = to > from ? to : to + DAY_MINUTES;
  const wall = Math.floor((START_MS + atMs) / MINUTE_MS) + ahead;
  // A span belongs to the day on which it begins: that of today, or what is left of yesterday's.
  return [0, 1].some((ago) => {
    const began = Math.floor(wall / DAY_MINUTES) - ago;
    const minute = wall - began * DAY_MINUTES;
    const name = DAYS[(began + EPOCH_DAY) % DAYS.length];
    return (day === undefined || day === name) && minute >= from && minute < end;
  });
}
/** 1970-01-01 was a Thursday. */
const EPOCH_DAY = 4;

/** Of a claim that grows by `percent`: one was cut in time. */
export const isCovered = ({ of, freshMs }: Snapshots, key: string, growth: { atMs: number; lateMs: number }): boolean =>
  of(key).some(({ cutMs }) => cutMs !== undefined && cutMs >= growth.atMs - freshMs - growth.lateMs);

/** Somebody reads the claim since long enough that everybody knows of it, and not for so long that nobody waits any more. */
export const isBeingRead = ({ of }: Snapshots, key: string, growth: { atMs: number; lateMs: number }): boolean =>
  of(key).some(
    ({ madeMs, cutMs }) =>
      cutMs === undefined && madeMs < growth.atMs - growth.lateMs && madeMs > growth.atMs - PATIENCE_MS,
  );

export function snapshotsOf(ledger: Ledger, key: string): readonly SnapshotSeen[] {
  const { VolumeSnapshot } = guardKinds;
  return ledger.list(`${VolumeSnapshot.plural}.${VolumeSnapshot.group}`).flatMap(({ object }) => {
    const { metadata, spec, status } = VolumeSnapshot.project(object);
    if (`${metadata.namespace}/${spec.source.persistentVolumeClaimName}` !== key) return [];
    const cut = status?.readyToUse === true ? Date.parse(status.creationTime ?? '') - START_MS : undefined;
    return [{ madeMs: Date.parse(metadata.creationTimestamp ?? '') - START_MS, cutMs: cut }];
  });
}

/** What an administrator configured, in minutes. */
export function freshFor(configured: Readonly<Record<string, string>> | undefined): number {
  const minutes = configured?.['snapshotAge'];
  return minutes === undefined ? DAY_MS : Number(minutes.replace('m', '')) * MINUTE_MS;
}
