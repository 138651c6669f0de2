/** The bounds of numbers in a schema. */
import { type FieldProblem, invalidValue } from '../field.ts';
import { type JsonObject, numberAt, textAt } from '../json.ts';
import { unplaced } from './unplaced.ts';

export function rangeProblems(schema: JsonObject, path: string, value: number): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const wrong = (text: string): void =>
    void problems.push(invalidValue(path, value, `${path} in body should be ${text}`));
  const step = numberAt(schema, 'multipleOf');
  if (step !== undefined && !isMultiple(value, step)) wrong(`a multiple of ${step}`);
  const [least, most] = [numberAt(schema, 'minimum'), numberAt(schema, 'maximum')];
  const above = schema['exclusiveMinimum'] === true;
  const below = schema['exclusiveMaximum'] === true;
  if (most !== undefined && (below ? value >= most : value > most)) {
    wrong(`less than ${below ? '' : 'or equal to '}${most}`);
  }
  if (least !== undefined && (above ? value <= least : value < least)) {
    wrong(`greater than ${above ? '' : 'or equal to '}${least}`);
  }
  if (textAt(schema, 'type') === 'integer' && !fitsFormat(value, textAt(schema, 'format') ?? '')) {
    problems.push(unplaced(`Checked value must be of type integer ${formatText(schema)} in ${path}`));
  }
  return problems;
}

function isMultiple(value: number, step: number): boolean {
  const quotient = step < 1 ? (1 / step) * value : value / step;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}

function fitsFormat(value: number, format: string): boolean {
  return format === 'int32' ? (value | 0) === value : Number.isInteger(value) && Math.abs(value) <= 2 ** 63;
}

function formatText(schema: JsonObject): string {
  const format = textAt(schema, 'format') ?? '';
  return format === 'int32' || format === 'int64' ? `with format ${format}` : '(default format)';
}
