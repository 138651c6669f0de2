/**
 * A patched object as the API server quotes it when it is none of its kind: members that the patch reached are in the
 * order of their names, the others as Go's structs have them.
 */
import { isList, isObject, type Json, type JsonObject, member, parseJson, textAt } from './json.ts';

const META = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];
const MANAGER = ['manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'fieldsV1', 'subresource'];

export function patchedText(object: JsonObject, patch: string): string {
  const reached = membersOf(parseJson(patch));
  const metadata = member(object, 'metadata');
  const order = reached.has('metadata') ? [...META].sort() : META;
  const whole = isObject(metadata) ? { ...object, metadata: inOrder(metadata, order) } : object;
  return JSON.stringify(byName(whole));
}

function membersOf(patch: Json): ReadonlySet<string> {
  if (isObject(patch)) return new Set(Object.keys(patch));
  const paths = isList(patch) ? patch.map((operation) => textAt(operation, 'path') ?? '') : [];
  return new Set(paths.map((path) => path.split('/')[1] ?? ''));
}

function byName(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function inOrder(object: JsonObject, names: readonly string[]): JsonObject {
  const known = names.filter((name) => member(object, name) !== undefined);
  const ordered = Object.fromEntries(known.map((name) => [name, part(name, member(object, name) ?? null)]));
  return { ...ordered, ...Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) };
}

function part(name: string, value: Json): Json {
  if (name === 'managedFields' && isList(value)) {
    return value.map((entry) => (isObject(entry) ? inOrder(entry, MANAGER) : entry));
  }
  return (name === 'labels' || name === 'annotations') && isObject(value) ? byName(value) : value;
}
