import { convert } from './convert.ts';
import { add, compareDecimals, type Decimal, divide, multiply, negate, remainder, subtract } from './decimal.ts';
import type { BinaryOperator } from './syntax.ts';
import { boolValue, equal, numberValue, type Value } from './value.ts';
import { kindText } from './value-type.ts';

export type Operated =
  | { readonly kind: 'value'; readonly value: Value }
  /** A sentence without its end; `side` says which operand is meant. */
  | { readonly kind: 'refused'; readonly message: string; readonly side?: 'left' | 'right' };

const arithmetic: Partial<Record<BinaryOperator, (left: Decimal, right: Decimal) => Decimal | undefined>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': remainder,
};
const comparison: Partial<Record<BinaryOperator, (order: number) => boolean>> = {
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
};

/** Both operands have been evaluated: HCL's `&&` and `||` do not stop early. */
export function operate(operator: BinaryOperator, left: Value, right: Value): Operated {
  if (operator === '==') return given(boolValue(equal(left, right)));
  if (operator === '!=') return given(boolValue(!equal(left, right)));
  if (operator === '&&' || operator === '||') return logic(operator, left, right);
  const one = numberOf(left, 'left');
  if (one.kind === 'refused') return one;
  const other = numberOf(right, 'right');
  if (other.kind === 'refused') return other;
  const compare = comparison[operator];
  if (compare) return given(boolValue(compare(compareDecimals(one.number, other.number))));
  const result = arithmetic[operator]?.(one.number, other.number);
  return result ? given(numberValue(result)) : { kind: 'refused', message: 'division by zero', side: 'right' };
}

export function negative(value: Value): Operated {
  const operand = numberOf(value, 'right');
  return operand.kind === 'refused' ? operand : given(numberValue(negate(operand.number)));
}

export function not(value: Value): Operated {
  const operand = boolOf(value, 'right');
  return operand.kind === 'refused' ? operand : given(boolValue(!operand.bool));
}

function logic(operator: '&&' | '||', left: Value, right: Value): Operated {
  const one = boolOf(left, 'left');
  if (one.kind === 'refused') return one;
  const other = boolOf(right, 'right');
  if (other.kind === 'refused') return other;
  return given(boolValue(operator === '&&' ? one.bool && other.bool : one.bool || other.bool));
}

type Refused = Extract<Operated, { kind: 'refused' }>;

function numberOf(value: Value, side: 'left' | 'right'): { kind: 'number'; number: Decimal } | Refused {
  const converted = convert(value, { kind: 'number' });
  if (converted.kind === 'value' && converted.value.kind === 'number') {
    return { kind: 'number', number: converted.value.value };
  }
  return { kind: 'refused', message: `a number is required here, not ${kindText(value)}`, side };
}

function boolOf(value: Value, side: 'left' | 'right'): { kind: 'bool'; bool: boolean } | Refused {
  const converted = convert(value, { kind: 'bool' });
  if (converted.kind === 'value' && converted.value.kind === 'bool')
    return { kind: 'bool', bool: converted.value.value };
  return { kind: 'refused', message: `true or false is required here, not ${kindText(value)}`, side };
}

function given(value: Value): Operated {
  return { kind: 'value', value };
}
