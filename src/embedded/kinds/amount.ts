/** Quantities in fields: comparing them and saying what is wrong with them. */
import { parseQuantity } from '../../kube/quantity.ts';
import { type FieldProblem, invalidValue } from '../field.ts';

/** Zero when absent or malformed, as an absent quantity compares in Go. */
export function amount(text: string | undefined): bigint {
  const parsed = text === undefined ? undefined : parseQuantity(text);
  return parsed?.ok ? parsed.value : 0n;
}

export function positiveProblems(text: string, field: string): readonly FieldProblem[] {
  return amount(text) > 0n ? [] : [invalidValue(field, text, 'must be greater than zero')];
}

/** `whole`: fractions are refused as well. */
export function nonnegativeProblems(text: string, field: string, whole: boolean): readonly FieldProblem[] {
  if (amount(text) < 0n) return [invalidValue(field, text, 'must be greater than or equal to 0')];
  return whole && /[num]$/.test(text) ? [invalidValue(field, text, 'must be an integer')] : [];
}
