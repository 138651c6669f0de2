/** Numbers in fields that may not be negative. */
import { type FieldProblem, invalidValue } from '../field.ts';
import { type JsonObject, numberAt } from '../json.ts';

export const NEGATIVE = 'must be greater than or equal to 0';

/** `paths`: `spec.replicas`. */
export function negativeProblems(object: JsonObject, ...paths: readonly string[]): readonly FieldProblem[] {
  return paths.flatMap((path) => {
    const value = numberAt(object, ...path.split('.'));
    return value !== undefined && value < 0 ? [invalidValue(path, value, NEGATIVE)] : [];
  });
}
