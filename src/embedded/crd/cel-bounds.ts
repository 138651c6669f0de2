/** How large the values of a schema can be in one request (k8s.io/apiserver/pkg/cel/common/schemas.go, read in 0.36). */
import { escapeName } from '../cel/environment.ts';
import type { Bounds } from '../cel/estimate.ts';
import { type JsonObject, listAt, numberAt, textAt, textsAt } from '../json.ts';
import type { Structural } from './structural.ts';

export const LARGEST_REQUEST = 3 * 1024 * 1024;

export interface Sized {
  readonly bounds: Bounds;
  /** The fewest bytes of such a value in a request. */
  readonly least: number;
}

const TEXT: Sized = { bounds: { kind: 'text', most: 0 }, least: 2 };

/** Undefined when expressions cannot see such values. */
export function celBounds(node: Structural, root = false): Sized | undefined {
  if (node.intOrString) return { bounds: { kind: 'text', most: mostOf(node.schema) }, least: 1 };
  switch (node.type) {
    case 'array': {
      const items = node.items && celBounds(node.items, node.items.embedded);
      if (!items) return undefined;
      const most = numberAt(node.schema, 'maxItems') ?? Math.floor((LARGEST_REQUEST - 2) / (items.least + 1));
      return { bounds: { kind: 'list', most, items: items.bounds }, least: 2 };
    }
    case 'object':
      return objectBounds(node, root || node.embedded);
    case 'string':
      return textBounds(node.schema);
    case 'boolean':
      return { bounds: { kind: 'scalar', most: 0 }, least: 4 };
    case 'integer':
    case 'number':
      return { bounds: { kind: 'scalar', most: 0 }, least: 1 };
    default:
      return undefined;
  }
}

function mostOf(schema: JsonObject): number {
  const longest = numberAt(schema, 'maxLength');
  return longest === undefined ? LARGEST_REQUEST - 2 : longest * 4; // a character takes up to four bytes
}

const TIMED: Readonly<Record<string, Sized>> = {
  duration: { bounds: { kind: 'scalar', most: 32 }, least: 3 },
  date: { bounds: { kind: 'scalar', most: 12 }, least: 12 },
  'date-time': { bounds: { kind: 'scalar', most: 32 }, least: 21 },
};

function textBounds(schema: JsonObject): Sized {
  const format = textAt(schema, 'format') ?? '';
  const timed = TIMED[format];
  if (timed) return timed;
  const longest = numberAt(schema, 'maxLength');
  if (format === 'byte') return { bounds: { kind: 'text', most: longest ?? LARGEST_REQUEST - 2 }, least: 2 };
  const choices = listAt(schema, 'enum').map((choice) => (typeof choice === 'string' ? choice.length : 0));
  const most = longest === undefined && choices.length > 0 ? Math.max(...choices) : mostOf(schema);
  return { bounds: { kind: 'text', most }, least: 2 };
}

function objectBounds(node: Structural, own: boolean): Sized | undefined {
  const { additional, schema } = node;
  if (additional) {
    const values = celBounds(additional, additional.embedded);
    if (!values) return undefined;
    const most = numberAt(schema, 'maxProperties') ?? Math.floor((LARGEST_REQUEST - 2) / (values.least + 6));
    return { bounds: { kind: 'map', most, items: values.bounds }, least: 2 };
  }
  const needed = new Set(textsAt(schema, 'required'));
  const fields: [string, Bounds][] = [];
  let least = 2;
  for (const [name, below] of node.properties) {
    const sized = celBounds(below, below.embedded);
    if (!sized) continue;
    fields.push([escapeName(name), sized.bounds]);
    if (needed.has(name) && below.fallback === undefined) least += name.length + sized.least + 4;
  }
  const whole: Readonly<Record<string, Bounds>> = own ? { apiVersion: LONG, kind: LONG, metadata: METADATA } : {};
  return { bounds: { kind: 'object', most: 0, fields: { ...Object.fromEntries(fields), ...whole } }, least };
}

const LONG: Bounds = { ...TEXT.bounds, most: LARGEST_REQUEST - 2 };
const METADATA: Bounds = { kind: 'object', most: 0, fields: { name: LONG, generateName: LONG } };
