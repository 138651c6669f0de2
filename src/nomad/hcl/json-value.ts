import type { JsonNode } from '../json/parse.ts';
import { parseDecimal } from './decimal.ts';
import type { Source } from './source.ts';
import { boolValue, NULL, numberValue, objectValue, stringValue, tupleValue, type Value } from './value.ts';

/** A value of a JSON text with its place; of two members with one name the last counts. */
export function jsonValue(node: JsonNode, source: Source): Value {
  return { ...bare(node, source), at: source.at(node) };
}

function bare(node: JsonNode, source: Source): Value {
  switch (node.kind) {
    case 'array':
      return tupleValue(node.items.map((item) => jsonValue(item, source)));
    case 'object':
      return objectValue(node.members.map(({ key, value }) => [key, jsonValue(value, source)]));
    case 'number': {
      const number = parseDecimal(node.text);
      return number ? numberValue(number) : stringValue(node.text);
    }
    case 'scalar':
      if (node.value === null) return NULL;
      return typeof node.value === 'string' ? stringValue(node.value) : boolValue(node.value);
    default:
      return node satisfies never;
  }
}
