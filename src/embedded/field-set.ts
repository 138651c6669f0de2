/**
 * Sets of fields, as managedFields name them (sigs.k8s.io/structured-merge-diff fieldpath, fieldsV1). A node's children
 * are keyed by the element as it is written: `f:name`, `k:{"name":"x"}`, `v:"x"`. Nothing is mutated.
 */
import { isList, isObject, type Json, type JsonObject, member } from './json.ts';
import { type ListShape, memberShape, type Shape } from './schema.ts';

export interface FieldSet {
  /** Whether the field itself is in the set, not only fields below it. */
  readonly self: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const NOTHING: FieldSet = { self: false, children: new Map() };
const SELF: FieldSet = { self: true, children: new Map() };

export function isEmpty({ self, children }: FieldSet): boolean {
  return !self && children.size === 0;
}

/** The fields that a value has. Items of keyed lists count themselves, other containers only when they are empty. */
export function fieldsOf(shape: Shape, value: Json): FieldSet {
  switch (shape.kind) {
    case 'struct':
    case 'map': {
      if (shape.atomic || !isObject(value) || Object.keys(value).length === 0) return SELF;
      const children = Object.entries(value).map(([name, inner]) => {
        const below = memberShape(shape, name);
        return [`f:${name}`, below ? fieldsOf(below, inner) : SELF] as const;
      });
      return { self: false, children: new Map(children) };
    }
    case 'list': {
      if (shape.owned === 'atomic' || !isList(value) || value.length === 0) return SELF;
      const children = value.map((item) => {
        const below = shape.owned === 'map' ? fieldsOf(shape.items, item) : SELF;
        return [elementOf(shape, item), { self: true, children: below.children }] as const;
      });
      return { self: false, children: new Map(children) };
    }
    case 'leaf':
      return SELF;
    default:
      return shape satisfies never;
  }
}

/** How an item of a set or of a keyed list is named. Absent keys take their default, as a port's protocol does. */
export function elementOf(shape: ListShape, item: Json): string {
  if (shape.owned !== 'map') return `v:${JSON.stringify(item)}`;
  const { items } = shape;
  const keys = [...shape.keys].sort().flatMap((key): [string, Json][] => {
    const fallback = items.kind === 'struct' ? items.members.get(key)?.fallback : undefined;
    const value = member(item, key) ?? fallback;
    return value === undefined ? [] : [[key, value]];
  });
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  const children = new Map(left.children);
  for (const [element, set] of right.children) children.set(element, union(children.get(element) ?? NOTHING, set));
  return { self: left.self || right.self, children };
}

/** What is in `left` and not in `right`. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (a, b) => a && !b);
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (a, b) => a && b);
}

/** Only fields of `left` can remain. */
function combine(left: FieldSet, right: FieldSet, keeps: (inLeft: boolean, inRight: boolean) => boolean): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, a] of left.children) {
    const b = right.children.get(element) ?? NOTHING;
    const both = combine(a, b, keeps);
    if (!isEmpty(both)) children.set(element, both);
  }
  return { self: keeps(left.self, right.self), children };
}

/** The fields whose values differ, and those that only one of the two has. */
export interface Comparison {
  readonly changed: FieldSet;
  readonly added: FieldSet;
  readonly removed: FieldSet;
}

export function compare(shape: Shape, before: Json, after: Json): Comparison {
  const had = fieldsOf(shape, before);
  const has = fieldsOf(shape, after);
  const kept = intersection(has, had);
  const changed = filterFields(kept, [], (path) => !same(valueAt(shape, before, path), valueAt(shape, after, path)));
  return { changed, added: difference(has, had), removed: difference(had, has) };
}

function same(left: Json | undefined, right: Json | undefined): boolean {
  return left === right || stable(left) === stable(right);
}

/** Members in the order of their names, so that equal values have equal texts. */
function stable(value: Json | undefined): string {
  return JSON.stringify(value, (_name, inner) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** The fields themselves (not those above them) that the predicate keeps. */
export function filterFields(
  set: FieldSet,
  path: readonly string[],
  keeps: (path: readonly string[]) => boolean,
): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, below] of set.children) {
    const kept = filterFields(below, [...path, element], keeps);
    if (!isEmpty(kept)) children.set(element, kept);
  }
  // an item of a list is its key: it has no value of its own that could differ
  const comparable = set.children.size === 0 && set.self;
  return { self: comparable && keeps(path), children };
}

/** The value of a field; undefined when it is not there. */
export function valueAt(shape: Shape, value: Json | undefined, path: readonly string[]): Json | undefined {
  const [element, ...rest] = path;
  if (element === undefined || value === undefined) return value;
  if (element.startsWith('f:')) {
    const name = element.slice(2);
    const below = memberShape(shape, name);
    return below ? valueAt(below, member(value, name), rest) : member(value, name);
  }
  if (shape.kind !== 'list' || !isList(value)) return undefined;
  const item = value.find((candidate) => elementOf(shape, candidate) === element);
  return valueAt(shape.items, item, rest);
}

/** Every field in the set, as a path of elements. */
export function* pathsOf(set: FieldSet, path: readonly string[] = []): Generator<readonly string[]> {
  if (set.self) yield path;
  for (const [element, below] of set.children) yield* pathsOf(below, [...path, element]);
}

/** `.spec.containers[name="x"].image` */
export function describePath(path: readonly string[]): string {
  return path.map(describeElement).join('');
}

function describeElement(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  const keys: Json = JSON.parse(rest);
  const parts = isObject(keys) ? Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`) : [];
  return `[${parts.join(',')}]`;
}

/** As it is written in `fieldsV1`. */
export function formatSet({ self, children }: FieldSet): JsonObject {
  const entries = [...children].map(([element, below]) => [element, formatSet(below)] as const);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  const dot = self && children.size > 0 ? [['.', {}] as const] : [];
  return Object.fromEntries([...dot, ...entries]);
}

/** Elements of kinds that are not known are left out. */
export function parseSet(value: Json | undefined): FieldSet {
  return isObject(value) ? { ...parseNode(value), self: false } : NOTHING;
}

function parseNode(node: JsonObject): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, below] of Object.entries(node)) {
    if (/^[fkv]:/.test(element) && isObject(below)) children.set(element, parseNode(below));
  }
  return { self: children.size === 0 || Object.hasOwn(node, '.'), children };
}

/** Without a field and everything below it. */
export function withoutBranch(set: FieldSet, path: readonly string[]): FieldSet {
  const [element, ...rest] = path;
  if (element === undefined) return NOTHING;
  const child = set.children.get(element);
  if (!child) return set;
  const children = new Map(set.children);
  const left = withoutBranch(child, rest);
  if (isEmpty(left)) children.delete(element);
  else children.set(element, left);
  return { self: set.self, children };
}
