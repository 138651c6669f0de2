/** Fields by which lists can be selected, as a definition names them. */
import { duplicate, type FieldProblem, invalidValue, required } from '../field.ts';
import { isObject, type Json, type JsonObject, member, textAt } from '../json.ts';
import { readJsonPath } from './json-path.ts';

const SCALARS = ['string', 'boolean', 'integer'];

export function selectableFieldProblems(
  fields: readonly Json[],
  schema: JsonObject,
  path: string,
): readonly FieldProblem[] {
  const seen = new Set<string>();
  return fields.flatMap((entry, index): readonly FieldProblem[] => {
    const field = `${path}[${index}].jsonPath`;
    const text = textAt(entry, 'jsonPath') ?? '';
    if (text === '') return [required(field)];
    if (seen.has(text)) return [duplicate(field, text)];
    seen.add(text);
    const found = readFieldPath(text, schema);
    if (typeof found === 'string') return [invalidValue(field, text, `is an invalid path: ${found}`)];
    return SCALARS.includes(textAt(found, 'type') ?? '') ? [] : [invalidValue(field, text, WRONG_TYPE)];
  });
}

const WRONG_TYPE =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

/** The schema of the field that a path of names leads to; a text says why there is none. */
export function readFieldPath(text: string, schema: JsonObject): JsonObject | string {
  const [head = ''] = text.split(/[.[]/);
  if (head !== '') return `expected [ or . but got: ${head}`;
  const names = [...text.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)].map((match) => match[1] ?? match[2] ?? '');
  if (names.length === 0) return 'unexpected end of JSON path';
  let current: JsonObject = schema;
  for (const name of names) {
    const below = member(member(current, 'properties'), name) ?? member(current, 'additionalProperties');
    if (!isObject(below)) return 'does not refer to a valid field';
    current = below;
  }
  return current;
}

type Fields = Readonly<Record<string, (object: JsonObject) => string | undefined>>;

/** As a kind offers them: by their path without the first point. Absent values select like empty ones. */
export function selectableFieldsOf(fields: readonly Json[]): Fields {
  const entries = fields.flatMap((entry): [string, (object: JsonObject) => string][] => {
    const text = textAt(entry, 'jsonPath') ?? '';
    const find = readJsonPath(text);
    return find ? [[text.replace(/^\./, ''), (object) => textOf(find(object)[0])]] : [];
  });
  return Object.fromEntries(entries);
}

function textOf(value: Json | undefined): string {
  return value === undefined || value === null ? '' : String(value);
}
