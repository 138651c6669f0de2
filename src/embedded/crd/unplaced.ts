/** Problems of which the API server does not say the field. */
import type { FieldProblem } from '../field.ts';

export function unplaced(text: string): FieldProblem {
  return { reason: 'FieldValueInvalid', field: '<nil>', body: `Invalid value: "": ${text}` };
}
