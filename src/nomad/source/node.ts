import type { Position } from './position.ts';

/**
 * An input after its language has been read: HCL, HCL JSON and API JSON all become blocks and attributes whose values
 * know where they were written. Variables, locals, functions and dynamic blocks are gone; references that nothing
 * defines stand in strings as they were written (`${NOMAD_PORT_http}`), as Nomad keeps them.
 */
export interface Body {
  /** In source order, except that what a `dynamic` block makes stands where it stood. */
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
}

export interface Block extends Body {
  readonly type: string;
  readonly labels: readonly Label[];
  readonly at: Position;
}

export interface Label {
  readonly text: string;
  readonly at: Position;
}

export interface Attribute {
  readonly name: string;
  readonly value: Node;
  /** Of name and value together. */
  readonly at: Position;
}

/** A value and where it was written. A map keeps the order of its source. */
export type Node =
  | {
      readonly kind: 'scalar';
      readonly value: Scalar;
      readonly at: Position;
      /** Made from a variable that is marked `sensitive`: no report and no message may show it. */
      readonly sensitive?: true;
    }
  | { readonly kind: 'list'; readonly items: readonly Node[]; readonly at: Position }
  | { readonly kind: 'map'; readonly entries: readonly Entry[]; readonly at: Position };

export interface Entry {
  readonly key: string;
  readonly value: Node;
  readonly at: Position;
}

/** HCL's numbers are decimal with 512 bits; what a jobspec holds fits a double, and is written as HCL writes it. */
export type Scalar = string | number | boolean | null;

export type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };

/** The value without positions. */
export function plain(node: Node): Plain {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plain);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
    default:
      return node satisfies never;
  }
}
