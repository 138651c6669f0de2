/**
 * Kubernetes quantities, exactly. The rules are those of k8s.io/apimachinery/pkg/api/resource (read 2025-11): three
 * notations (binary suffixes, decimal suffixes, decimal exponent), amounts below a billionth are rounded up to it, the
 * value in whole units is rounded away from zero. One deliberate difference: apimachinery caps binary amounts at
 * 2^63-1, here a larger amount keeps its value.
 */

export type ParsedQuantity =
  | { readonly ok: true; readonly value: bigint }
  | { readonly ok: false; readonly reason: string };

type Notation = 'binary' | 'decimal' | 'exponent';
interface Exact {
  readonly nanos: bigint;
  readonly notation: Notation;
}

const NANOS = 1_000_000_000n;
const BINARY_SUFFIXES: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Suffix per power of a thousand; the first stands for 10^-9. */
const DECIMAL_SUFFIXES: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d+))?$/;

/** No real quantity comes near; both keep hostile text from costing time. */
const LONGEST_TEXT = 100;
const LARGEST_EXPONENT = 100;

/** What was read before: many objects carry the same few sizes. Starts anew when it is full. */
const readBefore = new Map<string, Exact | string>();
const MOST_READ = 1_000;

/** The value in whole units (bytes, for storage), fractions rounded away from zero: `1500m` is 2, `0.1Gi` is 107374183. */
export function parseQuantity(text: string): ParsedQuantity {
  const exact = parseExact(text);
  return typeof exact === 'string'
    ? { ok: false, reason: exact }
    : { ok: true, value: awayFromZero(exact.nanos, NANOS) };
}

/** The whole value of a quantity field; undefined when the field is absent or malformed. */
export function bytesOf(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const parsed = parseQuantity(text);
  return parsed.ok ? parsed.value : undefined;
}

/** The exact amount in billionths of the unit; undefined when malformed. */
export function nanosOf(text: string): bigint | undefined {
  const exact = parseExact(text);
  return typeof exact === 'string' ? undefined : exact.nanos;
}

/**
 * The canonical text: the largest suffix that divides exactly (31457280n is `30Mi`, 1500n in decimal is `1500`).
 * Binary amounts below 1024 are written in decimal, as apimachinery does, so 1000n is `1k` in both formats.
 */
export function formatQuantity(value: bigint, format: 'binary' | 'decimal' = 'binary'): string {
  return formatExact({ nanos: value * NANOS, notation: format });
}

/** What the API server stores for this text (`1024Mi` becomes `1Gi`, `0.5` becomes `500m`); undefined when malformed. */
export function canonicalQuantity(text: string): string | undefined {
  const exact = parseExact(text);
  return typeof exact === 'string' ? undefined : formatExact(exact);
}

/** Returns the reason as a string when the text is not a quantity. */
function parseExact(text: string): Exact | string {
  const before = readBefore.get(text);
  if (before !== undefined) return before;
  const exact = readExact(text);
  if (readBefore.size >= MOST_READ) readBefore.clear();
  if (text.length <= LONGEST_TEXT) readBefore.set(text, exact);
  return exact;
}

function readExact(text: string): Exact | string {
  if (text === '') return 'a quantity must not be empty';
  if (text.length > LONGEST_TEXT) return `a quantity must not be longer than ${LONGEST_TEXT} characters`;
  const match = SHAPE.exec(text);
  if (!match)
    return `"${text}" is not a quantity: a number, then one of Ki Mi Gi Ti Pi Ei, n u m k M G T P E, or an exponent`;
  const [, sign = '', whole = '', fraction = '', suffix = '', exponentText] = match;
  if (whole === '' && fraction === '') return `"${text}" has no digits`;
  const exponent = exponentText === undefined ? 0 : Number(exponentText);
  if (Math.abs(exponent) > LARGEST_EXPONENT) return `the exponent of "${text}" is out of range`;

  const digits = BigInt(whole + fraction);
  const magnitude = scale(digits, fraction.length, suffix, exponent);
  return { nanos: sign === '-' ? -magnitude : magnitude, notation: notationOf(suffix, exponentText) };
}

function notationOf(suffix: string, exponent: string | undefined): Notation {
  if (exponent !== undefined) return 'exponent';
  return suffix.endsWith('i') ? 'binary' : 'decimal';
}

/** digits × 10^-places × suffix, in billionths, rounded up. */
function scale(digits: bigint, places: number, suffix: string, exponent: number): bigint {
  if (suffix.endsWith('i')) {
    const power = BINARY_SUFFIXES.indexOf(suffix);
    return awayFromZero((digits * NANOS) << BigInt(10 * power), 10n ** BigInt(places));
  }
  const power = DECIMAL_SUFFIXES.indexOf(suffix);
  const tens = 3 * power + exponent - places;
  return tens >= 0 ? digits * 10n ** BigInt(tens) : awayFromZero(digits, 10n ** BigInt(-tens));
}

/** The divisor is positive. */
function awayFromZero(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (dividend % divisor === 0n) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

function formatExact({ nanos, notation }: Exact): string {
  if (nanos === 0n) return '0';
  const whole = nanos / NANOS;
  const exact = whole * NANOS === nanos;
  const small = nanos > -1024n * NANOS && nanos < 1024n * NANOS;
  if (notation === 'binary' && exact && !small) {
    const [mantissa, power] = divideOut(whole, 1024n, BINARY_SUFFIXES.length - 1);
    return `${mantissa}${BINARY_SUFFIXES[power]}`;
  }
  if (notation === 'exponent') {
    const [mantissa, power] = divideOut(nanos, 1000n, Number.POSITIVE_INFINITY);
    return power === 3 ? `${mantissa}` : `${mantissa}e${3 * power - 9}`;
  }
  const [mantissa, power] = divideOut(nanos, 1000n, DECIMAL_SUFFIXES.length - 1);
  return `${mantissa}${DECIMAL_SUFFIXES[power]}`;
}

/** Divides by `base` as often as it goes exactly, at most `times` times. */
function divideOut(value: bigint, base: bigint, times: number): [mantissa: bigint, power: number] {
  let mantissa = value;
  let power = 0;
  while (power < times && mantissa % base === 0n) {
    mantissa /= base;
    power += 1;
  }
  return [mantissa, power];
}
