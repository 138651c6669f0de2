/**
 * What changed between two values, as sets of fields (sigs.k8s.io/structured-merge-diff typed/compare.go, read in 6.4).
 * No field is in more than one of the sets.
 */
import { sameJson } from '../kube/patch.ts';
import { type FieldSet, isEmpty, itemsByElement, NOTHING, nodeOf, SELF } from './field-set.ts';
import { isList, isObject, type Json, member } from './json.ts';
import { type ListShape, memberShape, type Shape, seenAs } from './schema.ts';

export interface Comparison {
  readonly removed: FieldSet;
  /** Fields of both whose values differ. */
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

const SAME: Comparison = { removed: NOTHING, modified: NOTHING, added: NOTHING };

export function compare(shape: Shape, before: Json | undefined, after: Json | undefined): Comparison {
  if (before === undefined && after === undefined) return SAME;
  const parts = partsOf(shape, before, after);
  if (!parts) return compareWhole(before, after);
  return {
    removed: gather(parts, 'removed', after === undefined),
    modified: gather(parts, 'modified', false),
    added: gather(parts, 'added', before === undefined),
  };
}

function compareWhole(before: Json | undefined, after: Json | undefined): Comparison {
  if (before === undefined) return { ...SAME, added: SELF };
  if (after === undefined) return { ...SAME, removed: SELF };
  return sameJson(before, after) ? SAME : { ...SAME, modified: SELF };
}

type Part = readonly [element: string, comparison: Comparison];

function gather(parts: readonly Part[], which: keyof Comparison, self: boolean): FieldSet {
  const set = nodeOf(
    self,
    parts.map(([element, comparison]) => [element, comparison[which]] as const),
  );
  return isEmpty(set) ? NOTHING : set;
}

/** Undefined for what is compared as a whole: scalars, what belongs to one owner only, and empty containers. */
function partsOf(given: Shape, before: Json | undefined, after: Json | undefined): readonly Part[] | undefined {
  const shape = seenAs(given, before, after);
  switch (shape.kind) {
    case 'struct':
    case 'map': {
      const names = [...new Set([...namesOf(before), ...namesOf(after)])];
      if (shape.atomic || names.length === 0) return undefined;
      return names.map((name) => {
        const [left, right] = [member(before, name), member(after, name)];
        const inner = memberShape(shape, name);
        return [`f:${name}`, inner ? compare(inner, left, right) : compareWhole(left, right)];
      });
    }
    case 'list': {
      const [left, right] = [isList(before) ? before : [], isList(after) ? after : []];
      if (shape.owned === 'atomic' || left.length + right.length === 0) return undefined;
      return itemParts(shape, left, right);
    }
    case 'leaf':
      return undefined;
    default:
      return shape satisfies never;
  }
}

function namesOf(value: Json | undefined): readonly string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function itemParts(shape: ListShape, before: readonly Json[], after: readonly Json[]): readonly Part[] {
  const had = itemsByElement(shape, before);
  const has = itemsByElement(shape, after);
  return [...new Set([...had.keys(), ...has.keys()])].map((element) => [
    element,
    compareItems(shape.items, had.get(element) ?? [], has.get(element) ?? []),
  ]);
}

/** Items of one name. Where a list repeats itself, the repetition is one field. */
function compareItems(shape: Shape, before: readonly Json[], after: readonly Json[]): Comparison {
  const [left] = before;
  const [right] = after;
  if (before.length > 1 && after.length > 1) return compareWhole(before, after);
  if (before.length > 1) {
    const comparison = right === undefined ? SAME : compare(shape, undefined, right);
    return { ...comparison, removed: { ...comparison.removed, self: true } };
  }
  if (after.length > 1) {
    const comparison = left === undefined ? SAME : compare(shape, left, undefined);
    return { ...comparison, added: { ...comparison.added, self: true } };
  }
  return compare(shape, left, right);
}
