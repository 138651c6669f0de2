/**
 * What the console shows live, and how it changes: the operator makes patches from two states, the page applies them. Both
 * sides have this one file, so that what is applied is what was meant. Pure.
 */
import type { ExportRow, VolumeRow } from '../api.ts';

export interface FeedHead {
  readonly version: string;
  /** What the operator works for, as a person names it. */
  readonly cluster: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly leader: boolean;
  /** The API server was heard from lately. */
  readonly apiUp: boolean;
  /** No provisioner runs here, on purpose: there are no exports, and volumes are those of other drivers. */
  readonly growsOnly?: true;
}

/** Something that Larder told about an object. */
export interface Happening {
  /** The same for the same words about the same object. */
  readonly id: string;
  /** Epoch ms, of the last time. */
  readonly at: number;
  readonly count: number;
  readonly type: 'Normal' | 'Warning';
  readonly kind: string;
  /** Empty for objects without one. */
  readonly namespace: string;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
}

export interface Feed {
  readonly head: FeedHead;
  /** By name. */
  readonly exports: ReadonlyMap<string, ExportRow>;
  /** By `keyOfVolume`. */
  readonly volumes: ReadonlyMap<string, VolumeRow>;
  /** Newest first. */
  readonly happenings: readonly Happening[];
}

interface RowsPatch<Row> {
  /** Whole rows: new ones, and those that lost a field, which a change could not say. */
  readonly set?: readonly Row[];
  /** Fields that are different now. */
  readonly change?: Readonly<Record<string, Partial<Row>>>;
  readonly gone?: readonly string[];
}

export interface FeedPatch {
  readonly head?: FeedHead;
  readonly exports?: RowsPatch<ExportRow>;
  readonly volumes?: RowsPatch<VolumeRow>;
  /** New ones and those that happened again, newest first. */
  readonly happened?: readonly Happening[];
}

export interface FeedSnapshot {
  readonly head: FeedHead;
  readonly exports: readonly ExportRow[];
  readonly volumes: readonly VolumeRow[];
  readonly happenings: readonly Happening[];
}

/** Sent now and then, so that a connection that died without a word is noticed. */
export interface FeedBeat {
  /** The operator's clock, epoch ms. */
  readonly at: number;
}

/** So many are kept and shown. */
export const HAPPENINGS_AT_MOST = 200;

export function keyOfVolume({ namespace, claim, volume }: VolumeRow): string {
  return `${namespace}/${claim}/${volume}`;
}

export function feedOf({ head, exports, volumes, happenings }: FeedSnapshot): Feed {
  return {
    head,
    exports: new Map(exports.map((row) => [row.name, row])),
    volumes: new Map(volumes.map((row) => [keyOfVolume(row), row])),
    happenings,
  };
}

export function snapshotOf({ head, exports, volumes, happenings }: Feed): FeedSnapshot {
  return { head, exports: [...exports.values()], volumes: [...volumes.values()], happenings };
}

/** What makes `after` of `before`; undefined: nothing changed. */
export function patchBetween(before: Feed, after: Feed): FeedPatch | undefined {
  const exports = rowsBetween(before.exports, after.exports);
  const volumes = rowsBetween(before.volumes, after.volumes);
  const happened = happenedSince(before.happenings, after.happenings);
  const patch: FeedPatch = {
    ...(sameFields(before.head, after.head) ? {} : { head: after.head }),
    ...(exports ? { exports } : {}),
    ...(volumes ? { volumes } : {}),
    ...(happened.length > 0 ? { happened } : {}),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

export function reduceFeed(feed: Feed, patch: FeedPatch): Feed {
  const { head, exports, volumes, happened } = patch;
  return {
    head: head ?? feed.head,
    exports: exports ? reduceRows(feed.exports, exports, ({ name }) => name) : feed.exports,
    volumes: volumes ? reduceRows(feed.volumes, volumes, keyOfVolume) : feed.volumes,
    happenings: happened ? withHappened(feed.happenings, happened) : feed.happenings,
  };
}

/** Newest first; what happened again moves to the front, and what is learned late goes where it belongs. */
export function withHappened(known: readonly Happening[], happened: readonly Happening[]): readonly Happening[] {
  const again = new Set(happened.map(({ id }) => id));
  const all = [...happened, ...known.filter(({ id }) => !again.has(id))];
  return all.sort((one, other) => other.at - one.at).slice(0, HAPPENINGS_AT_MOST);
}

function happenedSince(before: readonly Happening[], after: readonly Happening[]): readonly Happening[] {
  if (before === after) return [];
  const known = new Map(before.map((each) => [each.id, each]));
  return after.filter(({ id, at, count }) => {
    const old = known.get(id);
    return old === undefined || old.at !== at || old.count !== count;
  });
}

function rowsBetween<Row extends object>(
  before: ReadonlyMap<string, Row>,
  after: ReadonlyMap<string, Row>,
): RowsPatch<Row> | undefined {
  const set: Row[] = [];
  const change: Record<string, Partial<Row>> = {};
  for (const [key, row] of after) {
    const old = before.get(key);
    if (old === row) continue;
    if (old === undefined || lostField(old, row)) set.push(row);
    else {
      const fields = changedFields(old, row);
      if (fields !== undefined) change[key] = fields;
    }
  }
  const gone = [...before.keys()].filter((key) => !after.has(key));
  const patch: RowsPatch<Row> = {
    ...(set.length > 0 ? { set } : {}),
    ...(Object.keys(change).length > 0 ? { change } : {}),
    ...(gone.length > 0 ? { gone } : {}),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function lostField(before: object, after: object): boolean {
  return Object.keys(before).some((name) => !Object.hasOwn(after, name));
}

function changedFields<Row extends object>(before: Row, after: Row): Partial<Row> | undefined {
  const fields: Partial<Row> = {};
  let some = false;
  for (const name in after) {
    if (before[name] === after[name]) continue;
    fields[name] = after[name];
    some = true;
  }
  return some ? fields : undefined;
}

function sameFields<T extends object>(one: T, other: T): boolean {
  return !lostField(one, other) && changedFields(one, other) === undefined;
}

function reduceRows<Row extends object>(
  rows: ReadonlyMap<string, Row>,
  { set = [], change = {}, gone = [] }: RowsPatch<Row>,
  keyOf: (row: Row) => string,
): ReadonlyMap<string, Row> {
  const next = new Map(rows);
  for (const key of gone) next.delete(key);
  for (const [key, fields] of Object.entries(change)) {
    const old = next.get(key);
    if (old !== undefined) next.set(key, { ...old, ...fields });
  }
  for (const row of set) next.set(keyOf(row), row);
  return next;
}
