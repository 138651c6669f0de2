/**
 * Strategic merge patch: a merge patch that knows from the schema which lists are merged, and by what key
 * (k8s.io/apimachinery/pkg/util/strategicpatch, read in 0.36). Nothing is mutated.
 */
import { sameJson } from '../kube/patch.ts';
import { isList, isObject, type Json, type JsonObject, listAt, member, textAt } from './json.ts';
import { badRequest, Refusal } from './refusal.ts';
import { type ListShape, memberShape, type Shape } from './schema.ts';

const DIRECTIVE = '$patch';
const RETAIN = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

/** @throws Refusal 400 when a directive is unknown or an item of a merged list has no key. */
export function applyStrategicPatch(shape: Shape, document: JsonObject, patch: JsonObject): JsonObject {
  const directive = textAt(patch, DIRECTIVE);
  if (directive === 'replace') return clean(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw new Refusal(500, '', `unknown patch type: ${directive} in map: map[${DIRECTIVE}:${directive}]`);
  }
  const retained = member(patch, RETAIN);
  const members = new Map(Object.entries(isList(retained) ? keepOnly(document, retained) : document));
  for (const [name, value] of Object.entries(patch)) {
    if (name === DIRECTIVE || name === RETAIN || name.startsWith(ORDER)) continue;
    if (name.startsWith(DELETE_FROM)) {
      const target = name.slice(DELETE_FROM.length);
      members.set(target, withoutValues(listOf(members.get(target)), listAt(value)));
      continue;
    }
    if (value === null) members.delete(name);
    else if (isReplaced(shape, name)) members.set(name, value);
    else members.set(name, merge(memberShape(shape, name), members.get(name), value));
  }
  return Object.fromEntries(sorted(shape, members, patch, document));
}

function isReplaced(shape: Shape, name: string): boolean {
  return shape.kind === 'struct' && shape.members.get(name)?.replaced === true;
}

function merge(shape: Shape | undefined, current: Json | undefined, patch: Json): Json {
  if (isObject(patch)) return applyStrategicPatch(shape ?? ANY, isObject(current) ? current : {}, patch);
  if (!isList(patch) || shape?.kind !== 'list' || shape.patched.kind === 'replace') return patch;
  if (!isList(current)) return cleanItems(patch); // what is new merges with nothing, not even with itself
  const list = current;
  const { mergeKey } = shape.patched;
  if (mergeKey !== undefined)
    return arranged(mergeByKey(shape, mergeKey, { list, patch }), patch, { before: list, mergeKey });
  const added = patch.filter((value, index) => !contains(list, value) && firstOf(patch, value) === index);
  return arranged([...list, ...added], patch, { before: list, mergeKey });
}

/** For members that the schema does not know: they are merged like a plain merge patch. */
const ANY: Shape = { kind: 'leaf', type: 'any' };

function mergeByKey(
  shape: ListShape,
  key: string,
  { list, patch }: { readonly list: readonly Json[]; readonly patch: readonly Json[] },
): readonly Json[] {
  const replaces = patch.some((item) => textAt(item, DIRECTIVE) === 'replace');
  let merged: Json[] = replaces ? [] : [...list];
  for (const item of patch) {
    if (!isObject(item)) throw badRequest('an item of a list that is merged by a key must be an object');
    const directive = textAt(item, DIRECTIVE);
    if (directive === 'replace' && Object.keys(item).length === 1) continue;
    const value = member(item, key);
    if (value === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const index = merged.findIndex((existing) => sameJson(member(existing, key) ?? null, value));
    if (directive === 'delete') merged = merged.filter((existing) => !sameJson(member(existing, key) ?? null, value));
    else if (index < 0) merged.push(clean(applyStrategicPatch(shape.items, {}, item)));
    else {
      const existing = merged[index];
      merged[index] = applyStrategicPatch(shape.items, isObject(existing) ? existing : {}, item);
    }
  }
  return merged;
}

/** Puts merged lists into the order that the patch asks for. */
function sorted(shape: Shape, members: Map<string, Json>, patch: JsonObject, document: JsonObject): Map<string, Json> {
  for (const [directive, wanted] of Object.entries(patch)) {
    if (!directive.startsWith(ORDER) || !isList(wanted)) continue;
    const name = directive.slice(ORDER.length);
    const list = members.get(name);
    const inner = memberShape(shape, name);
    if (!isList(list) || inner?.kind !== 'list') continue;
    const mergeKey = inner.patched.kind === 'merge' ? inner.patched.mergeKey : undefined;
    members.set(name, arranged(list, wanted, { before: listOf(member(document, name)), mergeKey }));
  }
  return members;
}

interface Arrangement {
  readonly before: readonly Json[];
  readonly mergeKey: string | undefined;
}

/** The items that are wanted, in that order; each of the others before the first wanted one that it preceded. */
function arranged(list: readonly Json[], wanted: readonly Json[], { before, mergeKey }: Arrangement): readonly Json[] {
  const identity = (item: Json): string =>
    JSON.stringify(mergeKey === undefined ? item : (member(item, mergeKey) ?? null));
  const rankIn = (items: readonly Json[]): Map<string, number> =>
    new Map(items.map((item, index) => [identity(item), index]));
  const [rank, old] = [rankIn(wanted), rankIn(before)];
  const by = (ranks: Map<string, number>) => (left: Json, right: Json) =>
    (ranks.get(identity(left)) ?? ranks.size) - (ranks.get(identity(right)) ?? ranks.size);
  const named = list.filter((item) => rank.has(identity(item))).sort(by(rank));
  const others = list.filter((item) => !rank.has(identity(item))).sort(by(old));
  const order: Json[] = [];
  for (const item of named) {
    const place = old.get(identity(item)) ?? -1;
    while (others.length > 0 && (old.get(identity(others[0] ?? null)) ?? place) < place)
      order.push(...others.splice(0, 1));
    order.push(item);
  }
  return [...order, ...others];
}

function keepOnly(document: JsonObject, names: readonly Json[]): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([name]) => names.includes(name)));
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function contains(list: readonly Json[], value: Json): boolean {
  return list.some((item) => sameJson(item, value));
}

function firstOf(list: readonly Json[], value: Json): number {
  return list.findIndex((item) => sameJson(item, value));
}

function withoutValues(list: readonly Json[], values: readonly Json[]): readonly Json[] {
  return list.filter((item) => !contains(values, item));
}

function cleanItems(patch: readonly Json[]): readonly Json[] {
  const kept = patch.filter((item) => textAt(item, DIRECTIVE) === undefined);
  return kept.map((item) => (isObject(item) ? clean(item) : item));
}

/** Without directives and nulls, for what is new and thus merges with nothing. */
function clean(patch: JsonObject): JsonObject {
  const kept = Object.entries(patch).filter(([name, value]) => !name.startsWith('$') && value !== null);
  return Object.fromEntries(kept.map(([name, value]) => [name, isObject(value) ? clean(value) : value]));
}
