/**
 * HCL's numbers. HCL computes with binary numbers of 512 bits and writes them in decimal; here they are decimal, so what
 * is written in a jobspec stays exactly what it is, however long. Only a division that does not end is cut, where HCL's
 * precision ends.
 */
export interface Decimal {
  /** The number is `digits` divided by 10 to the `scale`. Canonical: no zero at the end of `digits` while `scale` is above 0. */
  readonly digits: bigint;
  readonly scale: number;
}

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** No jobspec comes near; keeps a hostile exponent from costing time and memory. */
const LONGEST = 5000;
/** 512 bits are 154 decimal digits and a little. */
const PRECISION = 155;

export const ZERO: Decimal = { digits: 0n, scale: 0 };

/** A number as HCL and JSON write it; undefined when it is none, or has thousands of digits. */
export function parseDecimal(text: string): Decimal | undefined {
  const shape = SHAPE.exec(text);
  if (!shape || text.length > LONGEST) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = shape;
  const scale = fraction.length - Number(exponent);
  if (whole + fraction === '' || Math.abs(scale) > LONGEST) return undefined;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  return scale < 0 ? { digits: digits * tenTo(-scale), scale: 0 } : canonical(digits, scale);
}

export function ofInteger(value: bigint | number): Decimal {
  return { digits: BigInt(value), scale: 0 };
}

/** A double by its shortest text; undefined for what is not finite. */
export function ofDouble(value: number): Decimal | undefined {
  return Number.isFinite(value) ? parseDecimal(String(value)) : undefined;
}

/** As HCL writes it: never an exponent, no zeros that say nothing. */
export function decimalText({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const all = magnitude(digits)
    .toString()
    .padStart(scale + 1, '0');
  return scale === 0 ? sign + all : `${sign}${all.slice(0, -scale)}.${all.slice(-scale)}`;
}

export function toDouble(value: Decimal): number {
  return Number(decimalText(value));
}

/** Undefined for a number that is not whole. */
export function wholeOf({ digits, scale }: Decimal): bigint | undefined {
  return scale === 0 ? digits : undefined;
}

export function add(one: Decimal, other: Decimal): Decimal {
  const [left, right, scale] = aligned(one, other);
  return canonical(left + right, scale);
}

export function subtract(one: Decimal, other: Decimal): Decimal {
  return add(one, negate(other));
}

export function multiply(one: Decimal, other: Decimal): Decimal {
  return canonical(one.digits * other.digits, one.scale + other.scale);
}

/** Undefined when the divisor is zero. */
export function divide(one: Decimal, other: Decimal): Decimal | undefined {
  if (other.digits === 0n) return undefined;
  const [left, right] = aligned(one, other);
  const surplus = magnitude(left).toString().length - magnitude(right).toString().length;
  const scale = Math.max(0, PRECISION - surplus);
  const twice = (left * tenTo(scale) * 2n) / right;
  return canonical((twice + (twice < 0n ? -1n : 1n)) / 2n, scale);
}

/** What is left after dividing without a fraction, with the sign of `one`; undefined when the divisor is zero. */
export function remainder(one: Decimal, other: Decimal): Decimal | undefined {
  const [left, right, scale] = aligned(one, other);
  return right === 0n ? undefined : canonical(left % right, scale);
}

export function negate({ digits, scale }: Decimal): Decimal {
  return { digits: -digits, scale };
}

/** Below zero when `one` is smaller, above when it is larger. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  const [left, right] = aligned(one, other);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function floor({ digits, scale }: Decimal): Decimal {
  const unit = tenTo(scale);
  const towardZero = digits / unit;
  return ofInteger(digits < 0n && digits % unit !== 0n ? towardZero - 1n : towardZero);
}

export function ceiling(value: Decimal): Decimal {
  return negate(floor(negate(value)));
}

function aligned(one: Decimal, other: Decimal): readonly [bigint, bigint, number] {
  const scale = Math.max(one.scale, other.scale);
  return [one.digits * tenTo(scale - one.scale), other.digits * tenTo(scale - other.scale), scale];
}

function canonical(digits: bigint, scale: number): Decimal {
  let [rest, left] = [digits, scale];
  while (left > 0 && rest % 10n === 0n) {
    rest /= 10n;
    left -= 1;
  }
  return { digits: rest, scale: left };
}

function magnitude(digits: bigint): bigint {
  return digits < 0n ? -digits : digits;
}

function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
