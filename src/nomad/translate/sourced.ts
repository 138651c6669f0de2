import type { Item } from '../jobspec/field.ts';
import type { Plain, Scalar } from '../source/node.ts';

/** A value of a manifest that knows which lines of the input it came from. `explain` and the report's links live from it. */
export class Sourced<T extends Tree = Tree> {
  readonly value: T;
  readonly from: readonly Item[];
  constructor(value: T, from: readonly Item[]) {
    this.value = value;
    this.from = from;
  }
}

/** A value that may know where it came from. */
export type S<T extends Tree> = T | Sourced<T>;

/** A manifest in the making: JSON whose parts may know where they came from. Keys without a value are left out. */
export type Tree = Scalar | Sourced | readonly Tree[] | Branch;
export interface Branch {
  readonly [key: string]: Tree | undefined;
}

/** The value alone. */
export function bare<T extends Scalar>(value: T | Sourced<T>): T {
  return value instanceof Sourced ? value.value : value;
}

/** Which items stand behind a part of a manifest. */
export interface Origin {
  /** JSON pointer (RFC 6901) into the manifest. */
  readonly pointer: string;
  readonly items: readonly Item[];
}

export interface Settled {
  readonly value: Plain;
  readonly origins: readonly Origin[];
}

/** Takes a manifest and its origins apart. */
export function settle(tree: Tree): Settled {
  const origins: Origin[] = [];
  return { value: walk(tree, '', origins), origins };
}

function walk(tree: Tree, pointer: string, origins: Origin[]): Plain {
  if (tree instanceof Sourced) {
    origins.push({ pointer, items: tree.from });
    return walk(tree.value, pointer, origins);
  }
  if (tree === null || typeof tree !== 'object') return tree;
  if (isList(tree)) return tree.map((each, index) => walk(each, `${pointer}/${index}`, origins));
  const value: Record<string, Plain> = {};
  for (const [key, each] of Object.entries(tree)) {
    if (each === undefined) continue;
    // a key may be `__proto__`, which an assignment does not write
    Object.defineProperty(value, key, {
      value: walk(each, `${pointer}/${pointerKey(key)}`, origins),
      enumerable: true,
    });
  }
  return value;
}

export function isList(tree: Tree | undefined): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** A map of the manifest, and no value that knows where it came from. */
export function isBranch(tree: Tree | undefined): tree is Branch {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !(tree instanceof Sourced);
}

/** A key as a part of a JSON pointer (RFC 6901). */
export function pointerKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
