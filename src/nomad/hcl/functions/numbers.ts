import {
  add,
  ceiling,
  compareDecimals,
  type Decimal,
  floor,
  negate,
  ofDouble,
  ofInteger,
  toDouble,
  ZERO,
} from '../decimal.ts';
import { listValue, numberValue, type Value, wholeValue } from '../value.ts';
import { type HclFunction, many, number, type Outcome, one, present, refuse, two, whole } from './hcl-function.ts';

/** A list longer than this is refused, by HCL too. */
const LONGEST_RANGE = 1024;
/** No job has such a number; keeps a hostile one from costing time. */
const LONGEST_NUMBER = 5000;
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export const numberFunctions: Readonly<Record<string, HclFunction>> = {
  abs: one(number, (value) => numberValue(value.digits < 0n ? negate(value) : value)),
  ceil: one(number, (value) => numberValue(ceiling(value))),
  floor: one(number, (value) => numberValue(floor(value))),
  log: two(number, number, (value, base) => double(Math.log(toDouble(value)) / Math.log(toDouble(base)))),
  max: many(number, (all) => most(all, (one, other) => compareDecimals(one, other) > 0)),
  min: many(number, (all) => most(all, (one, other) => compareDecimals(one, other) < 0)),
  parseint: two(present, whole, parseInteger),
  pow: two(number, number, (value, power) => double(toDouble(value) ** toDouble(power))),
  range: many(number, range),
  signum: one(whole, (value) => wholeValue(Math.sign(value))),
};

function double(value: number): Outcome {
  const decimal = ofDouble(value);
  return decimal ? numberValue(decimal) : refuse('the result is no finite number');
}

function most(all: readonly Decimal[], better: (one: Decimal, other: Decimal) => boolean): Outcome {
  const [first, ...rest] = all;
  if (!first) return refuse('at least one number is needed');
  return numberValue(rest.reduce((found, each) => (better(each, found) ? each : found), first));
}

/** Small letters stand for 10 to 35 in every base, capital ones for the same up to base 36 and for 36 to 61 above. */
function parseInteger(value: Value, base: number): Outcome {
  if (value.kind !== 'string') return refuse('a string is required', 0);
  if (base < 2 || base > 62) return refuse('the base must be from 2 to 62', 1);
  const digits = value.value.replace(/^[+-]/, '');
  if (digits.length > LONGEST_NUMBER) return refuse(`the text has more than ${LONGEST_NUMBER} digits`, 0);
  let total = 0n;
  for (const character of base <= 36 ? digits.toLowerCase() : digits) {
    const digit = DIGITS.indexOf(character);
    if (digit < 0 || digit >= base) return notInBase(value.value, base);
    total = total * BigInt(base) + BigInt(digit);
  }
  if (digits === '') return notInBase(value.value, base);
  return wholeValue(value.value.startsWith('-') ? -total : total);
}

function notInBase(written: string, base: number): Outcome {
  return refuse(`${JSON.stringify(written)} is no whole number in base ${base}`, 0);
}

function range(args: readonly Decimal[]): Outcome {
  const limits = limitsOf(args);
  if (!limits) return refuse('one, two or three numbers are needed');
  const { start, end, step } = limits;
  if (step.digits === 0n) return refuse('the step must not be zero', 2);
  const down = step.digits < 0n;
  const left = compareDecimals(end, start);
  if (down ? left > 0 : left < 0)
    return refuse(`the end must be ${down ? 'below' : 'above'} the start for this step`, 1);
  const items: Value[] = [];
  for (
    let next = start;
    down ? compareDecimals(next, end) > 0 : compareDecimals(next, end) < 0;
    next = add(next, step)
  ) {
    if (items.length >= LONGEST_RANGE) return refuse(`that is more than ${LONGEST_RANGE} numbers`);
    items.push(numberValue(next));
  }
  return listValue(items);
}

interface Limits {
  readonly start: Decimal;
  readonly end: Decimal;
  readonly step: Decimal;
}

/** Without a step, the one that leads from the start to the end. */
function limitsOf([first, second, third, ...more]: readonly Decimal[]): Limits | undefined {
  if (!first || more.length > 0) return undefined;
  const [start, end] = second ? [first, second] : [ZERO, first];
  return { start, end, step: third ?? ofInteger(compareDecimals(end, start) < 0 ? -1 : 1) };
}
