import { type JsonNode, parseJson } from '../../json/parse.ts';
import { decimalText, parseDecimal } from '../decimal.ts';
import {
  boolValue,
  inKeyOrder,
  isMapping,
  isSequence,
  NULL,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  type Value,
} from '../value.ts';
import { type HclFunction, nullable, one, refuse, text } from './hcl-function.ts';

export const jsonFunctions: Readonly<Record<string, HclFunction>> = {
  jsondecode: one(text, (written) => {
    const parsed = parseJson(written);
    return parsed.kind === 'broken' ? refuse(`the text is no JSON: ${parsed.message}`, 0) : decoded(parsed.root);
  }),
  jsonencode: one(nullable, (value) => stringValue(jsonText(value))),
};

/** Go writes these so that the text may stand inside HTML and JavaScript. */
const ESCAPED = /[<>&\u2028\u2029]/g;

/** As HCL writes it: no spaces, names in order, all digits of a number. */
export function jsonText(value: Value): string {
  if (isSequence(value)) return `[${value.items.map(jsonText).join(',')}]`;
  if (isMapping(value))
    return `{${inKeyOrder(value)
      .map(([name, inner]) => `${quoted(name)}:${jsonText(inner)}`)
      .join(',')}}`;
  if (value.kind === 'null') return 'null';
  if (value.kind === 'number') return decimalText(value.value);
  return value.kind === 'bool' ? String(value.value) : quoted(value.value);
}

function quoted(value: string): string {
  return JSON.stringify(value.toWellFormed()).replace(
    ESCAPED,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Numbers keep every digit; of two members with one name the last counts. */
function decoded(node: JsonNode): Value {
  switch (node.kind) {
    case 'array':
      return tupleValue(node.items.map(decoded));
    case 'object':
      return objectValue(node.members.map(({ key, value }) => [key, decoded(value)]));
    case 'number': {
      // With thousands of digits it stays the text that it is.
      const parsed = parseDecimal(node.text);
      return parsed ? numberValue(parsed) : stringValue(node.text);
    }
    case 'scalar':
      if (node.value === null) return NULL;
      return typeof node.value === 'string' ? stringValue(node.value) : boolValue(node.value);
    default:
      return node satisfies never;
  }
}
