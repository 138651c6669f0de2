import { parseDecimal } from '../hcl/decimal.ts';
import type { Source } from '../hcl/source.ts';
import { numberValue, plainOf } from '../hcl/value.ts';
import type { Entry, Node, Scalar } from '../source/node.ts';
import type { JsonNode } from './parse.ts';

/** A value of JSON with the position of each part. */
export function nodeFrom(json: JsonNode, source: Source): Node {
  const at = source.at(json);
  switch (json.kind) {
    case 'array':
      return { kind: 'list', items: json.items.map((item) => nodeFrom(item, source)), at };
    case 'object': {
      const entries = json.members.map((member): Entry => {
        return { key: member.key, value: nodeFrom(member.value, source), at: source.at(member) };
      });
      return { kind: 'map', entries, at };
    }
    case 'number':
    case 'scalar':
      return { kind: 'scalar', value: scalarFrom(json), at };
    default:
      return json satisfies never;
  }
}

/** A number that a double cannot hold stays its digits. */
export function scalarFrom(json: Extract<JsonNode, { kind: 'number' | 'scalar' }>): Scalar {
  if (json.kind === 'scalar') return json.value;
  const decimal = parseDecimal(json.text);
  const plain = decimal && plainOf(numberValue(decimal));
  return typeof plain === 'number' ? plain : typeof plain === 'string' ? plain : json.text;
}
