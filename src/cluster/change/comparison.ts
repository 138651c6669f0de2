/** What one manifest would change, as the API server says it. */

import { sameJson } from '../../kube/patch.ts';
import type { EventData } from '../../ledger/event.ts';
import { at, idOf, type JsonObject, keyOfObject, type Manifest, type ObjectId, objectAt } from './manifest.ts';
import type { Sides } from './masking.ts';

/** Who owns the fields that a change sets. */
export const FIELD_MANAGER = 'larder-change';

/** Of a live object: enough to see whether it is still the one that was compared. */
export interface LiveState {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly object: JsonObject;
}

/** A field that somebody else has set otherwise. */
export interface Conflict {
  readonly field: string;
  /** The API server's words about who: `conflict with "helm" using apps/v1`. */
  readonly owner: string;
}

export type Outcome =
  /** The server has merged and checked it, without storing it. */
  | { readonly kind: 'merged'; readonly after: JsonObject }
  /** It cannot be asked yet: its namespace or its kind is made by the same change. Not checked by the server. */
  | { readonly kind: 'to-create'; readonly because: string; readonly after: JsonObject }
  | { readonly kind: 'to-delete' }
  /** `after` is what taking over the fields in conflict would give, where the server said it. */
  | {
      readonly kind: 'unknown';
      readonly why: string;
      readonly conflicts: readonly Conflict[];
      readonly after?: JsonObject;
    };

export interface Comparison {
  /** With the namespace that it goes to. */
  readonly manifest: Manifest;
  /** Absent: it does not exist, or nobody could tell. */
  readonly live?: LiveState;
  readonly outcome: Outcome;
}

export type Observed = NonNullable<EventData<'evidence-attached'>['objects']>[number];

export function changeOf({ live, outcome }: Comparison): Observed['change'] {
  switch (outcome.kind) {
    case 'unknown':
      return 'unknown';
    case 'to-delete':
      return 'deleted';
    case 'to-create':
      return 'created';
    case 'merged':
      if (live === undefined) return 'created';
      return sameJson(visible(live.object), visible(outcome.after)) ? 'unchanged' : 'changed';
    default:
      return outcome satisfies never;
  }
}

/** As the record keeps it. */
export function observed(comparison: Comparison): Observed {
  const { manifest, live } = comparison;
  const id: ObjectId = idOf(manifest);
  const state = live === undefined ? {} : { uid: live.uid, resourceVersion: live.resourceVersion };
  return { ...id, ...state, change: changeOf(comparison) };
}

/**
 * The generation of each live object, by its key: it counts changes of what is wanted, and not of the status or the metadata.
 * Kinds without one are not in it.
 */
export function generationsOf(comparisons: readonly Comparison[]): Readonly<Record<string, number>> {
  const pairs = comparisons.flatMap(({ manifest, live }) => {
    const generation = live && at(live.object, 'metadata', 'generation');
    return typeof generation === 'number' ? [[keyOfObject(manifest), generation] as const] : [];
  });
  return Object.fromEntries(pairs);
}

export function sidesOf({ live, outcome }: Comparison): Sides {
  const before = live === undefined ? {} : { before: visible(live.object) };
  if (outcome.kind === 'to-delete') return before;
  return outcome.after === undefined ? { ...before, ...before } : { ...before, after: visible(outcome.after) };
}

/** The server's own bookkeeping: it changes with every write and is nobody's change. */
const BOOKKEEPING: readonly string[] = [
  'managedFields',
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'selfLink',
];

function visible(object: JsonObject): JsonObject {
  const metadata = Object.entries(objectAt(object, 'metadata')).filter(([name]) => !BOOKKEEPING.includes(name));
  return { ...object, metadata: Object.fromEntries(metadata) };
}
