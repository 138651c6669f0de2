/**
 * A live value with an applied one laid over it, and values without some of their fields
 * (sigs.k8s.io/structured-merge-diff typed/merge.go and remove.go, read in 6.4). Nothing is mutated.
 */
import { elementOf, type FieldSet, isEmpty, itemsByElement, NOTHING } from './field-set.ts';
import { isList, isObject, type Json, type JsonObject } from './json.ts';
import { type ListShape, memberShape, type Shape, seenAs } from './schema.ts';

/** What the applied value says wins; a list that merges takes its order. */
export function merge(given: Shape, live: Json | undefined, applied: Json): Json {
  const shape = seenAs(given, applied);
  switch (shape.kind) {
    case 'struct':
    case 'map':
      return shape.atomic || !isObject(live) ? applied : mergeMembers(shape, live, applied);
    case 'list':
      if (shape.owned === 'atomic' || !isList(live) || live.length === 0) return applied;
      return mergeItems(shape, live, isList(applied) ? applied : []);
    case 'leaf':
      return applied;
    default:
      return shape satisfies never;
  }
}

function mergeMembers(shape: Shape, live: JsonObject, applied: Json): Json {
  if (!isObject(applied)) return Object.keys(live).length === 0 ? applied : live;
  const members = new Map(Object.entries(live));
  for (const [name, value] of Object.entries(applied)) {
    const inner = memberShape(shape, name);
    members.set(name, inner ? merge(inner, members.get(name), value) : value);
  }
  return Object.fromEntries(members);
}

/** The applied items in their order; those that only the live list has stay after the live neighbours that they followed. */
function mergeItems(shape: ListShape, live: readonly Json[], applied: readonly Json[]): readonly Json[] {
  const mine = itemsByElement(shape, applied);
  const theirs = itemsByElement(shape, live);
  return mergedOrder([...live.map((item) => elementOf(shape, item))], [...mine.keys()]).map(
    ({ from, index, element }) => {
      const own = live[index] ?? null;
      if (from === 'live') return own;
      const same = theirs.get(element) ?? [];
      const [item = null] = mine.get(element) ?? [];
      // what the live list has more than once is not merged with
      return merge(shape.items, same.length === 1 ? same[0] : undefined, item);
    },
  );
}

interface Taken {
  readonly from: 'live' | 'applied';
  /** In the list that it is from. */
  readonly index: number;
  readonly element: string;
}

function mergedOrder(live: readonly string[], applied: readonly string[]): readonly Taken[] {
  const isLive = new Set(live);
  const isApplied = new Set(applied);
  const shared = applied.filter((element) => isLive.has(element));
  const done = new Set<string>();
  const order: Taken[] = [];
  let left = 0;
  const takeApplied = (): void => {
    const element = applied[done.size] ?? '';
    order.push({ from: 'applied', index: done.size, element });
    done.add(element);
    if (shared[0] === element) shared.shift();
  };
  while (left < live.length || done.size < applied.length) {
    const element = live[left];
    if (element === undefined) takeApplied();
    else if (element === applied[done.size]) {
      left += 1;
      takeApplied();
    } else if (!isApplied.has(element)) {
      order.push({ from: 'live', index: left, element });
      left += 1;
    } else {
      const later = done.size < applied.length && shared.length > 0 && shared[0] !== element; // it comes in the applied order
      if (later || done.has(element)) left += 1;
      if (!later && done.size < applied.length) takeApplied();
    }
  }
  return order;
}

/** The value without the fields of the set; undefined when nothing is left of it. */
export function withoutFields(given: Shape, value: Json, fields: FieldSet): Json | undefined {
  const shape = seenAs(given, value);
  switch (shape.kind) {
    case 'struct':
    case 'map': {
      if (shape.atomic || !isObject(value)) return undefined;
      const kept = Object.entries(value).flatMap(([name, inner]): [string, Json][] => {
        const left = withoutPart(memberShape(shape, name), inner, fields.children.get(`f:${name}`));
        return left === undefined ? [] : [[name, left]];
      });
      return kept.length === 0 ? undefined : Object.fromEntries(kept);
    }
    case 'list': {
      if (shape.owned === 'atomic' || !isList(value)) return undefined;
      const kept = value.flatMap((item) => {
        const left = withoutPart(shape.items, item, fields.children.get(elementOf(shape, item)));
        return left === undefined ? [] : [left];
      });
      return kept.length === 0 ? undefined : kept;
    }
    case 'leaf':
      return value;
    default:
      return shape satisfies never;
  }
}

/** Null where everything in it went: the member itself is still said, which counts for those who own it. */
function withoutPart(shape: Shape | undefined, value: Json, fields: FieldSet = NOTHING): Json | undefined {
  if (fields.self) return undefined;
  return shape && !isEmpty(fields) ? (withoutFields(shape, value, fields) ?? null) : value;
}
