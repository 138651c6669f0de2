/** Numbers as Go's `%f`, `%e` and `%g` write them, for numbers that are not negative. */
import { type Decimal, decimalText } from '../decimal.ts';

/** The number is `0.digits` times 10 to the `point`. No zero at either end; zero has no digits. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

/** From here on `%g` without a precision turns to an exponent. */
const SHORT_EXPONENT = 6;

export function fixedNotation(value: Decimal, places: number): string {
  const { digits, point } = rounded(digitsOf(value), (all) => all.point + places);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = '0'.repeat(Math.max(0, -point)) + digits.slice(Math.max(0, point));
  return places === 0 ? whole : `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`;
}

export function exponentNotation(value: Decimal, places: number): string {
  return withExponent(
    rounded(digitsOf(value), () => places + 1),
    places,
  );
}

/** The precision counts all digits; without one there are as many as the number has. */
export function shortNotation(value: Decimal, precision?: number): string {
  const wanted = precision === 0 ? 1 : precision;
  const all = digitsOf(value);
  const cut = wanted === undefined ? all : rounded(all, () => wanted);
  const exponent = cut.digits === '' ? 0 : cut.point - 1;
  if (exponent < -4 || exponent >= exponentFrom(cut, wanted))
    return withExponent(cut, Math.max(0, cut.digits.length - 1));
  return fixedNotation(value, Math.max(0, cut.digits.length - cut.point));
}

function exponentFrom({ digits, point }: Digits, precision: number | undefined): number {
  if (precision === undefined) return SHORT_EXPONENT;
  return precision > digits.length && digits.length >= point ? digits.length : precision;
}

function withExponent({ digits, point }: Digits, places: number): string {
  const exponent = digits === '' ? 0 : point - 1;
  const fraction = digits.slice(1).padEnd(places, '0');
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0] ?? '0'}${fraction === '' ? '' : `.${fraction}`}e${exponent < 0 ? '-' : '+'}${power}`;
}

function digitsOf(value: Decimal): Digits {
  const [whole = '', fraction = ''] = decimalText(value).split('.');
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '');
  const point = whole.length - (all.length - digits.length);
  const significant = digits.replace(/0+$/, '');
  return { digits: significant, point: significant === '' ? 0 : point };
}

/** To a number of digits, half to even. */
function rounded(all: Digits, keep: (all: Digits) => number): Digits {
  const kept = keep(all);
  const { digits, point } = all;
  if (kept >= digits.length) return all;
  if (kept < 0) return { digits: '', point: 0 };
  const rest = digits.slice(kept);
  const last = Number(digits[kept - 1] ?? '0');
  const up = rest[0] !== '5' ? rest > '5' : rest.length > 1 || last % 2 === 1;
  const whole = (BigInt(`0${digits.slice(0, kept)}`) + (up ? 1n : 0n)).toString().padStart(kept, '0');
  const significant = whole.replace(/0+$/, '');
  return { digits: significant, point: significant === '' ? 0 : point + whole.length - kept };
}
