import type { Node } from '../source/node.ts';
import type { BlockItem, Free, Item } from './field.ts';
import { bodiesOf } from './read.ts';

/** Every line of a plugin's own block, by the names under which a schema of the plugin would call them. */
export function leavesOf({ path, body }: Pick<Free, 'path' | 'body'>): readonly (Item & { readonly node?: Node })[] {
  const lines = body.attributes.filter(({ value }) => !holdsBlocks(value));
  const names = [...body.attributes.filter(({ value }) => holdsBlocks(value)), ...body.blocks].map((each) =>
    'name' in each ? each.name : each.type,
  );
  return [
    ...lines.map(({ name, at, value }) => ({ path: `${path}.${name}`, at, node: value })),
    ...[...new Set(names)].flatMap((name) => bodiesOf(name, { path, body }).flatMap(inside)),
  ];
}

type Inside = ReturnType<typeof bodiesOf>[number];

function inside({ path, at, body, labels }: Inside): readonly (Item & { readonly node?: Node })[] {
  const own = labels.length > 0 || body.attributes.length + body.blocks.length === 0 ? [{ path, at }] : [];
  return [...own, ...leavesOf({ path, body })];
}

/** A map, or a list of maps, stands for blocks. */
function holdsBlocks(value: Node): boolean {
  if (value.kind === 'map') return value.entries.length > 0;
  return value.kind === 'list' && value.items.length > 0 && value.items.every(({ kind }) => kind === 'map');
}

/** The lines of all plugins' blocks below a part of a typed job. */
export function freeLines(part: unknown): ReturnType<typeof leavesOf> {
  if (typeof part !== 'object' || part === null || isWritten(part)) return [];
  if (Array.isArray(part)) return part.flatMap(freeLines);
  if (isFree(part)) return leavesOf(part);
  return Object.entries(part).flatMap(([key, each]) => (aside.has(key) ? [] : freeLines(each)));
}

/** Every item below a part of a typed job, as reading it has counted them. */
export function itemsOf(part: unknown): readonly Item[] {
  if (typeof part !== 'object' || part === null) return [];
  if (Array.isArray(part)) return part.flatMap(itemsOf);
  if (isFree(part)) return leavesOf(part);
  if (isWritten(part)) return [part];
  const own = isCounted(part) ? [part.item] : [];
  return [...own, ...Object.entries(part).flatMap(([key, each]) => (aside.has(key) ? [] : itemsOf(each)))];
}

/** Keys that hold no part of a block; `path` and `label` may be fields of it. */
const aside = new Set(['at', 'node']);

/** A check of a service has a field `body` too. */
function isFree(part: object): part is Free {
  return 'body' in part && typeof part.body === 'object' && part.body !== null && 'attributes' in part.body;
}

function isWritten(part: object): part is Item {
  return 'written' in part && part.written === true && 'path' in part && 'at' in part;
}

function isCounted(part: object): part is BlockItem {
  return 'counted' in part && part.counted === true && 'item' in part;
}

/** A scalar of a plugin's own block, as text. */
export function textAt(
  { path, body }: Pick<Free, 'path' | 'body'>,
  name: string,
): (Item & { value: string }) | undefined {
  const attribute = body.attributes.find((each) => each.name === name);
  if (attribute?.value.kind !== 'scalar' || attribute.value.value === null) return undefined;
  return { path: `${path}.${name}`, at: attribute.at, value: String(attribute.value.value) };
}

/** What tells an item from all others of a project. */
export function keyOf({ path, at }: Item): string {
  return `${at.file}\n${path}`;
}
