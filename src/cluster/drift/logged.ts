/** What the ledger says was done to which object and when. */

import { momentOf } from '../../ledger/moment.ts';
import type { State } from '../../ledger/state.ts';
import { FIELD_MANAGER } from '../change/comparison.ts';
import { keyOfObject, type ObjectId } from '../change/manifest.ts';
import type { Write } from './live-object.ts';

/** Something that was recorded, with the time that it took. */
interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Logged {
  /** Epoch milliseconds: what is older, nobody could have recorded. */
  readonly since: number;
  /** Whether a record is about that write to the object. An apply is about its own writes alone. */
  covers(object: ObjectId, write: Pick<Write, 'manager' | 'at'>): boolean;
}

/**
 * Records have the time of the operator's machine, objects that of the API server, which also drops the fractions of a
 * second. Two clocks that are kept by NTP are far nearer than this.
 */
const APART_MS = 120_000;
/** A run without an end was cut off; its machine did not go on for longer. */
const RUN_AT_MOST_MS = 4 * 3_600_000;

export function logged(state: State): Logged {
  const applies = spansOfApplies(state);
  const actions = spansOfActions(state);
  const everywhere = clusterSpans(state);
  return {
    since: state.ledger === undefined ? Number.POSITIVE_INFINITY : momentOf(state.ledger.openedAt),
    covers(object, { manager, at }) {
      const key = keyOfObject(object);
      const own = manager === FIELD_MANAGER ? (applies.get(key) ?? []) : [];
      const told = [...(actions.get(key) ?? []), ...(actions.get(looseKey(object)) ?? [])];
      return [...own, ...told, ...everywhere].some(({ from, to }) => at >= from - APART_MS && at <= to + APART_MS);
    },
  };
}

type Spans = ReadonlyMap<string, readonly Span[]>;

function spansOfApplies(state: State): Spans {
  const applies = [...state.changes.values()].flatMap((change) => change.applies);
  return grouped(
    applies.flatMap(({ objects, startedAt, completedAt }) =>
      objects
        .filter(({ outcome }) => outcome !== 'not-tried')
        .map((object) => [keyOfObject(object), spanOf(startedAt, completedAt)] as const),
    ),
  );
}

function spansOfActions(state: State): Spans {
  return grouped(
    [...state.actions.values()].flatMap(({ objects, startedAt, completedAt }) =>
      objects.map(({ apiVersion, kind, namespace, name }) => {
        const id = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
        const key = apiVersion === undefined ? looseKey(id) : keyOfObject({ ...id, apiVersion });
        return [key, spanOf(startedAt, completedAt)] as const;
      }),
    ),
  );
}

function spanOf(from: string, to: string): Span {
  return { from: momentOf(from), to: momentOf(to) };
}

function grouped(pairs: readonly (readonly [string, Span])[]): Spans {
  const groups = Map.groupBy(pairs, ([key]) => key);
  return new Map([...groups].map(([key, group]) => [key, group.map(([, span]) => span)]));
}

/** Of a record that does not say the version. */
function looseKey({ kind, namespace = '', name }: Omit<ObjectId, 'apiVersion'>): string {
  return ['*', kind, namespace, name].join('/');
}

/** Runs and drills touch nodes and base manifests at any place. */
function clusterSpans(state: State): readonly Span[] {
  const runs = [...state.runs.values()].map(({ startedAt, completedAt }) => {
    const from = momentOf(startedAt);
    return { from, to: completedAt === undefined ? from + RUN_AT_MOST_MS : momentOf(completedAt) };
  });
  const drills = [...state.drills.values()].map(({ startedAt, completedAt }) => spanOf(startedAt, completedAt));
  return [...runs, ...drills];
}
