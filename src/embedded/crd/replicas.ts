/** The numbers that the subresource `scale` shows. */
import { type FieldProblem, invalidValue } from '../field.ts';
import { at, type Json, type JsonObject } from '../json.ts';

const MOST = 2 ** 31 - 1;

export function replicaProblems(object: JsonObject, path: readonly string[]): readonly FieldProblem[] {
  const field = `.${path.join('.')}`;
  const value = at(object, ...path);
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [
      invalidValue(
        field,
        0,
        `${field} accessor error: ${goText(value)} is of the type ${goType(value)}, expected int64`,
      ),
    ];
  }
  if (value < 0) return [invalidValue(field, value, 'should be a non-negative integer')];
  return value > MOST ? [invalidValue(field, value, `should be less than or equal to ${MOST}`)] : [];
}

function goText(value: Json): string {
  if (value === null) return '<nil>';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function goType(value: Json): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}
