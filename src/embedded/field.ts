/** What is wrong with one field, in the words of k8s.io/apimachinery/pkg/util/validation/field (read in 0.36). */
import type { Json } from './json.ts';

export interface FieldProblem {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid';
  /** For example `spec.resources[storage]`. */
  readonly field: string;
  /** The text without the field. */
  readonly body: string;
}

export const IMMUTABLE = 'field is immutable';

export function required(field: string, detail = ''): FieldProblem {
  return problem('FieldValueRequired', field, 'Required value', detail);
}

export function invalidValue(field: string, value: Json, detail: string): FieldProblem {
  return problem('FieldValueInvalid', field, `Invalid value: ${JSON.stringify(value)}`, detail);
}

export function forbiddenField(field: string, detail: string): FieldProblem {
  return problem('FieldValueForbidden', field, 'Forbidden', detail);
}

export function notSupported(field: string, value: Json, supported: readonly string[]): FieldProblem {
  const list = [...supported].sort().map((name) => JSON.stringify(name));
  return problem('FieldValueNotSupported', field, `Unsupported value: ${JSON.stringify(value)}`, supportedText(list));
}

/** As `notSupported`, where the real text has the values in an order of their own. */
export function notAmong(field: string, value: Json, supported: readonly string[]): FieldProblem {
  const list = supported.map((name) => JSON.stringify(name));
  return problem('FieldValueNotSupported', field, `Unsupported value: ${JSON.stringify(value)}`, supportedText(list));
}

export function duplicate(field: string, value: Json): FieldProblem {
  return problem('FieldValueDuplicate', field, `Duplicate value: ${JSON.stringify(value)}`, '');
}

/** `limit` in the unit of the field: bytes for maps, characters for text. */
export function tooLong(field: string, limit: number): FieldProblem {
  const unit = limit === 1 ? 'byte' : 'bytes';
  return problem('FieldValueTooLong', field, 'Too long', `may not be more than ${limit} ${unit}`);
}

/** One problem as it is, several in brackets, repeated ones once. */
export function toAggregate(problems: readonly FieldProblem[]): string {
  const texts = [...new Set(problems.map(({ field, body }) => `${field}: ${body}`))];
  return texts.length === 1 ? `${texts[0]}` : `[${texts.join(', ')}]`;
}

function supportedText(values: readonly string[]): string {
  return values.length === 0 ? '' : `supported values: ${values.join(', ')}`;
}

function problem(reason: FieldProblem['reason'], field: string, head: string, detail: string): FieldProblem {
  return { reason, field, body: detail === '' ? head : `${head}: ${detail}` };
}
