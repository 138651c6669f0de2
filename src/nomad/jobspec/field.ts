import type { Attribute, Block, Label, Node } from '../source/node.ts';
import type { Position } from '../source/position.ts';
import type { BlockSpec, FieldSpec, MapSpec, Schema, ValueOf } from './schema/spec.ts';

/** Something written in a job that the report must account for: an attribute, an entry of a map, a block with a label or without content. */
export interface Item {
  /** `job.web.group.web.task.web.config.image`: unique within its file; repeated blocks without a label carry an index from the second on. */
  readonly path: string;
  readonly at: Position;
}

/** An attribute that was written. */
export interface Written<T> extends Item {
  readonly written: true;
  readonly value: T;
  readonly node: Node;
}

/** An attribute that was not written, with the value that Nomad takes. */
export interface Defaulted<T> {
  readonly written: false;
  readonly value: T;
}

export type Field<T> = Written<T> | Defaulted<T>;

/** An entry of `env`, `meta` and the like. */
export interface Pair extends Written<string> {
  readonly key: string;
}

/** The content of a block whose keys belong to a plugin (`config` of a task), read again by that plugin's own schema. */
export interface Free {
  readonly path: string;
  readonly at: Position;
  readonly body: { readonly attributes: readonly Attribute[]; readonly blocks: readonly Block[] };
}

/** What reading a block by its schema gives. */
export type Read<S extends Schema> = Omit<BlockItem, keyof S> & {
  readonly [K in keyof S]: S[K] extends FieldSpec<infer T, infer D>
    ? D extends undefined
      ? Written<ValueOf[T]> | undefined
      : Field<ValueOf[T]>
    : S[K] extends BlockSpec<infer B, infer M>
      ? M extends 'one'
        ? Read<B> | undefined
        : M extends 'labelled'
          ? readonly (Read<B> & { readonly label: Label })[]
          : readonly Read<B>[]
      : S[K] extends MapSpec<infer F>
        ? F extends 'entries'
          ? readonly Pair[]
          : F extends 'lists'
            ? readonly (Written<readonly string[]> & { readonly key: string })[]
            : Free | undefined
        : never;
};

export interface BlockItem extends Item {
  /** Whether the report must account for the block itself: it has a label, or nothing in it. */
  readonly counted: boolean;
  /** Its own place; `path` of the block itself is hidden where a key of it is called so (a check's). */
  readonly item: Item;
}
