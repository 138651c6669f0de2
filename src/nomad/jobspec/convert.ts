import type { Node, Plain } from '../source/node.ts';
import { plain } from '../source/node.ts';
import { durationMs } from './duration.ts';
import type { Kind } from './schema/spec.ts';

export type Converted =
  | { readonly kind: 'value'; readonly value: Plain }
  | { readonly kind: 'refused'; readonly found: string; readonly accepted: string };

const accepted: Readonly<Record<Kind, string>> = {
  text: 'text',
  integer: 'a whole number',
  flag: 'true or false',
  duration: 'a duration such as "30s", or whole nanoseconds',
  texts: 'a list of text',
  integers: 'a list of whole numbers',
  any: 'anything',
};

/** A value as Nomad's decoder takes it: numbers and truth values stand for their text, and text for them. */
export function convert(node: Node, kind: Kind): Converted {
  const value = converted(node, kind);
  if (value !== undefined) return { kind: 'value', value };
  return { kind: 'refused', found: describe(node), accepted: accepted[kind] };
}

function converted(node: Node, kind: Kind): Plain | undefined {
  switch (kind) {
    case 'text':
      return node.kind === 'scalar' ? textOf(node.value) : undefined;
    case 'integer':
      return node.kind === 'scalar' ? integerOf(node.value) : undefined;
    case 'flag':
      return node.kind === 'scalar' ? flagOf(node.value) : undefined;
    case 'duration':
      return node.kind === 'scalar' ? durationMs(node.value) : undefined;
    case 'texts':
      return all(node, (value) => textOf(value));
    case 'integers':
      return all(node, (value) => integerOf(value));
    case 'any':
      return plain(node);
    default:
      return kind satisfies never;
  }
}

function all(
  node: Node,
  of: (value: string | number | boolean | null) => Plain | undefined,
): readonly Plain[] | undefined {
  if (node.kind !== 'list') return undefined;
  const values = node.items.map((item) => (item.kind === 'scalar' ? of(item.value) : undefined));
  const present = values.filter((value) => value !== undefined);
  return present.length === values.length ? present : undefined;
}

function textOf(value: string | number | boolean | null): string | undefined {
  return value === null ? undefined : String(value);
}

function integerOf(value: string | number | boolean | null): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : undefined;
}

function flagOf(value: string | number | boolean | null): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === '1') return true;
  return value === 'false' || value === '0' ? false : undefined;
}

function describe(node: Node): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  return node.value === null ? 'null' : JSON.stringify(node.value);
}
