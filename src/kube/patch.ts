/**
 * The patches that need no schema: JSON patch (RFC 6902) and merge patch (RFC 7386). Nothing is mutated: a result
 * shares the parts that did not change with the document it came from.
 */
import { KubeError } from './error.ts';

export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** `apply` is server-side apply: `value` is the whole of what the field manager wants. */
export type Patch =
  | { readonly kind: 'json'; readonly operations: readonly JsonPatchOperation[] }
  | { readonly kind: 'merge' | 'strategic' | 'apply'; readonly value: object };

/** What all copies of one patch may copy, roughly in bytes, as the API server limits it: each can double the document. */
const LARGEST_COPIES = 3 * 1024 * 1024;

/**
 * Applies the operations in order, all or nothing.
 * @throws KubeError KUBE_INVALID naming the operation that does not fit the document, or copies too much.
 */
export function applyJsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  let copies = 0;
  return operations.reduce((current, operation, index) => {
    try {
      if (operation.op === 'copy') {
        copies += sizeOf(read(current, parsePointer(operation.from)), LARGEST_COPIES - copies);
        if (copies > LARGEST_COPIES) throw new Misfit(`more than ${LARGEST_COPIES} bytes are copied`);
      }
      return applyOperation(current, operation);
    } catch (cause) {
      if (!(cause instanceof Misfit)) throw cause;
      throw invalid(`JSON patch operation ${index} (${operation.op} ${operation.path}): ${cause.message}`);
    }
  }, document);
}

/** Reads untrusted JSON as JSON patch operations. @throws KubeError KUBE_INVALID */
export function parseJsonPatch(value: unknown): readonly JsonPatchOperation[] {
  if (!Array.isArray(value)) throw invalid('a JSON patch must be a list of operations');
  return value.map((operation: unknown, index) => {
    const parsed = isObject(operation) ? parseOperation(operation) : undefined;
    if (!parsed) throw invalid(`JSON patch operation ${index} is not one of RFC 6902`);
    return parsed;
  });
}

/** A null in the patch removes the member; lists and scalars replace what was there. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const members = new Map(isObject(document) ? Object.entries(document) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, applyMergePatch(members.get(name), value));
  }
  return Object.fromEntries(members);
}

type Json = Readonly<Record<string, unknown>>;

/** An operation that does not fit; always rethrown as a KubeError with the operation's place. */
class Misfit extends Error {}

function applyOperation(document: unknown, operation: JsonPatchOperation): unknown {
  const path = parsePointer(operation.path);
  switch (operation.op) {
    case 'add':
      return edit(document, path, (place) => place.insert(operation.value));
    case 'remove':
      return edit(document, path, (place) => place.remove());
    case 'replace':
      read(document, path);
      return edit(document, path, (place) => place.replace(operation.value));
    case 'move':
      return move(document, parsePointer(operation.from), path);
    case 'copy': {
      const value = read(document, parsePointer(operation.from));
      return edit(document, path, (place) => place.insert(value));
    }
    case 'test':
      if (!sameJson(read(document, path), operation.value)) throw new Misfit('the value is a different one');
      return document;
    default:
      throw new Misfit(`unknown operation ${JSON.stringify(operation satisfies never)}`);
  }
}

/** Stops counting above the limit: a value that was copied into itself is far larger than the memory it takes. */
function sizeOf(value: unknown, limit: number): number {
  const waiting = [value];
  let size = 0;
  while (waiting.length > 0 && size <= limit) {
    const next = waiting.pop();
    size += typeof next === 'string' ? next.length + 2 : 1;
    if (Array.isArray(next)) for (const item of next) waiting.push(item);
    else if (isObject(next)) {
      for (const [name, inner] of Object.entries(next)) {
        size += name.length + 4;
        waiting.push(inner);
      }
    }
  }
  return size;
}

function move(document: unknown, from: readonly string[], path: readonly string[]): unknown {
  const value = read(document, from);
  const within = from.length < path.length && from.every((token, index) => path[index] === token);
  if (within) throw new Misfit('a value cannot move into itself');
  const same = from.length === path.length && from.every((token, index) => path[index] === token);
  if (same) return document;
  const without = edit(document, from, (place) => place.remove());
  return edit(without, path, (place) => place.insert(value));
}

/** What can be done at the end of a pointer; each returns the changed container. */
interface Place {
  insert(value: unknown): unknown;
  replace(value: unknown): unknown;
  remove(): unknown;
}

/** Rebuilds the containers along the path with the last one changed. */
function edit(container: unknown, path: readonly string[], change: (place: Place) => unknown): unknown {
  const [token, ...rest] = path;
  if (token === undefined) return change(WHOLE);
  if (rest.length === 0) return change(placeIn(container, token));
  const child = edit(read(container, [token]), rest, change);
  return placeIn(container, token).replace(child);
}

const WHOLE: Place = {
  insert: (value) => value,
  replace: (value) => value,
  remove: () => {
    throw new Misfit('the whole document cannot be removed');
  },
};

function placeIn(container: unknown, token: string): Place {
  if (Array.isArray(container)) return placeInList(container, token);
  if (isObject(container)) return placeInObject(container, token);
  throw new Misfit('its parent is neither an object nor a list');
}

function placeInList(list: readonly unknown[], token: string): Place {
  const existing = (): number => indexOf(token, list.length - 1);
  return {
    insert: (value) => list.toSpliced(token === '-' ? list.length : indexOf(token, list.length), 0, value),
    replace: (value) => list.with(existing(), value),
    remove: () => list.toSpliced(existing(), 1),
  };
}

function placeInObject(object: Json, token: string): Place {
  // A computed key in a literal defines an own property even when it is `__proto__`.
  const put = (value: unknown): Json => ({ ...object, [token]: value });
  return {
    insert: put,
    replace: put,
    remove: () => {
      read(object, [token]);
      return Object.fromEntries(Object.entries(object).filter(([name]) => name !== token));
    },
  };
}

function read(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, token) => {
    if (Array.isArray(current)) return current[indexOf(token, current.length - 1)];
    if (isObject(current) && Object.hasOwn(current, token)) return current[token];
    throw new Misfit(`there is no "${token}"`);
  }, document);
}

function indexOf(token: string, largest: number): number {
  const index = /^(?:0|[1-9]\d{0,9})$/.test(token) ? Number(token) : -1;
  if (index < 0 || index > largest) throw new Misfit(`there is no list index "${token}"`);
  return index;
}

/** RFC 6901: `~1` is a slash, `~0` a tilde; the empty pointer is the whole document. */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new Misfit(`the pointer "${pointer}" does not begin with a slash`);
  if (/~(?![01])/.test(pointer)) throw new Misfit(`the pointer "${pointer}" has a tilde that escapes nothing`);
  const tokens = pointer.slice(1).split('/');
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function parseOperation(operation: Json): JsonPatchOperation | undefined {
  const { op, path, from } = operation;
  if (typeof path !== 'string') return undefined;
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return 'value' in operation ? { op, path, value: operation['value'] } : undefined;
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return typeof from === 'string' ? { op, from, path } : undefined;
    default:
      return undefined;
  }
}

/** Equality of JSON values: members in any order, numbers by value. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && sameJson(left[name], right[name]));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): KubeError {
  return new KubeError('KUBE_INVALID', message, { status: 422, reason: 'Invalid' });
}
