/**
 * Sets of fields, as managedFields name them (sigs.k8s.io/structured-merge-diff fieldpath, fieldsV1). A node's children
 * are keyed by the element as it is written: `f:name`, `k:{"name":"x"}`, `v:"x"`. Nothing is mutated.
 */
import { isList, isObject, type Json, type JsonObject, member } from './json.ts';
import { type ListShape, type MapShape, memberShape, type Shape, type StructShape, seenAs } from './schema.ts';

export interface FieldSet {
  /** Whether the field itself is in the set, not only fields below it. */
  readonly self: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const NOTHING: FieldSet = { self: false, children: new Map() };
export const SELF: FieldSet = { self: true, children: new Map() };

export function isEmpty({ self, children }: FieldSet): boolean {
  return !self && children.size === 0;
}

/**
 * The fields that a value has. Members of maps and items of lists count themselves; members of structs, which are always
 * there, only when they are leaves or empty.
 */
export function fieldsOf(given: Shape, value: Json): FieldSet {
  const shape = seenAs(given, value);
  switch (shape.kind) {
    case 'struct':
    case 'map': {
      if (shape.atomic) return SELF;
      if (!isObject(value)) return NOTHING;
      const children = Object.entries(value).map(
        ([name, inner]) => [`f:${name}`, memberFields(shape, name, inner)] as const,
      );
      return nodeOf(false, children);
    }
    case 'list': {
      if (shape.owned === 'atomic') return SELF;
      if (!isList(value)) return NOTHING;
      return nodeOf(
        false,
        [...itemsByElement(shape, value)].map(([element, items]) => [element, itemFields(shape, items)]),
      );
    }
    case 'leaf':
      return SELF;
    default:
      return shape satisfies never;
  }
}

function memberFields(shape: StructShape | MapShape, name: string, value: Json): FieldSet {
  const below = memberShape(shape, name);
  if (!below) return SELF;
  const { self, children } = fieldsOf(below, value);
  const bare = value === null || (isObject(value) && Object.keys(value).length === 0);
  return { self: self || bare || shape.kind === 'map', children };
}

/** An item that comes twice belongs to its owner as a whole. */
function itemFields(shape: ListShape, items: readonly Json[]): FieldSet {
  const [item = null] = items;
  return { self: true, children: items.length > 1 ? NOTHING.children : fieldsOf(shape.items, item).children };
}

/** The items of a list by how they are named, in their order; more than one where a list repeats itself. */
export function itemsByElement(shape: ListShape, list: readonly Json[]): ReadonlyMap<string, readonly Json[]> {
  const items = new Map<string, readonly Json[]>();
  for (const item of list) {
    const element = elementOf(shape, item);
    items.set(element, [...(items.get(element) ?? []), item]);
  }
  return items;
}

/** A set of its parts; parts without fields are left out. */
export function nodeOf(self: boolean, parts: Iterable<readonly [element: string, set: FieldSet]>): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, set] of parts) if (!isEmpty(set)) children.set(element, set);
  return { self, children };
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

/** The set with the members of structs that have fields below them in it, as if these were fields themselves. */
export function withNamedFields(shape: Shape | undefined, set: FieldSet): FieldSet {
  const children = [...set.children].map(([element, child]): [string, FieldSet] => {
    const inner = shape && shapeBelow(shape, element);
    const below = withNamedFields(inner, child);
    const named = shape?.kind === 'struct' && inner !== undefined && child.children.size > 0;
    return [element, named ? { ...below, self: true } : below];
  });
  return { self: set.self, children: new Map(children) };
}

function shapeBelow(shape: Shape, element: string): Shape | undefined {
  if (element.startsWith('f:')) return memberShape(shape, element.slice(2));
  return shape.kind === 'list' ? shape.items : undefined;
}

/** Every field in the set, as a path of elements: at each level the fields themselves first, then what is below them. */
export function* pathsOf(set: FieldSet, path: readonly string[] = []): Generator<readonly string[]> {
  const children = [...set.children].sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [element, { self }] of children) if (self) yield [...path, element];
  for (const [element, below] of children) yield* pathsOf(below, [...path, element]);
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

/** Without a field itself; what is below it stays. */
export function withoutField(set: FieldSet, path: readonly string[]): FieldSet {
  const [element, ...rest] = path;
  if (element === undefined) return { self: false, children: set.children };
  const child = set.children.get(element);
  if (!child) return set;
  return nodeOf(
    set.self,
    [...set.children].map(([name, below]) => [name, name === element ? withoutField(below, rest) : below] as const),
  );
}
