/** What goes when a manager no longer applies it (sigs.k8s.io/structured-merge-diff merge/update.go, read in 6.4). */
import { difference, type FieldSet, fieldsOf, intersection, union, withNamedFields } from './field-set.ts';
import type { Json } from './json.ts';
import { withoutFields } from './merge.ts';
import type { Shape } from './schema.ts';

export interface Pruning {
  /** What the manager applied the time before. */
  readonly last: FieldSet;
  /** What anybody owns now, the manager itself included. */
  readonly held: FieldSet;
}

/** Removes what the manager applied last time and nobody owns any more; what was never its own stays. */
export function prune(shape: Shape, merged: Json, { last, held }: Pruning): Json {
  const named = (set: FieldSet): FieldSet => withNamedFields(shape, set);
  const all = named(fieldsOf(shape, merged));
  const fieldsLeft = (value: Json | undefined): FieldSet => named(fieldsOf(shape, value ?? {}));
  const removed = withoutFields(shape, merged, named(last));
  const owned = union(fieldsLeft(removed), named(held));
  const restored = withoutFields(shape, merged, difference(all, owned));
  const lost = difference(all, fieldsLeft(restored));
  return withoutFields(shape, merged, intersection(lost, named(last))) ?? {};
}
