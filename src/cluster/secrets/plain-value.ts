/**
 * What a plain word of YAML means to sops, whose values have a type: the rules of go-yaml v3 (`resolve.go`), which differ from
 * YAML 1.2 where they are older. The same rules say which text must be quoted to stay a text.
 */

/** `text` is the canonical form: what is encrypted, and what the sum over all values is made of. */
export interface PlainValue {
  readonly type: 'str' | 'int' | 'float' | 'bool' | 'time';
  readonly text: string;
}

export type Resolved =
  | { readonly kind: 'value'; readonly value: PlainValue }
  /** Nothing stands there; sops leaves it as it is. */
  | { readonly kind: 'null' }
  /** A number that sops does not take. */
  | { readonly kind: 'unsupported'; readonly why: string };

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUE = new Set(['true', 'True', 'TRUE']);
const FALSE = new Set(['false', 'False', 'FALSE']);
/** Words that are true or false to readers of YAML 1.1, such as Ansible. */
const OLD_BOOLEANS = /^(y|n|yes|no|on|off)$/i;
const INFINITE = /^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/;
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const INTEGER = /^([-+]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]+|0|[1-9]\d*)$/;
const TIME = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?(Z|[-+]\d\d:\d\d)?)?$/;
const LARGEST = 2n ** 63n - 1n;

/** Of a word that stands without quotes. */
export function resolved(word: string): Resolved {
  if (NULLS.has(word)) return { kind: 'null' };
  if (TRUE.has(word)) return typed('bool', 'True');
  if (FALSE.has(word)) return typed('bool', 'False');
  if (INFINITE.test(word)) return { kind: 'unsupported', why: `${word} is no number that can be encrypted` };
  const time = timeOf(word);
  if (time !== undefined) return typed('time', time);
  const plain = /^[-+.\d]/.test(word) ? word.replaceAll('_', '') : word;
  const integer = INTEGER.exec(plain);
  if (integer) return integerOf(integer[1] ?? '', integer[2] ?? '');
  if (FLOAT.test(plain)) return typed('float', decimal(Number(plain)));
  return typed('str', word);
}

/** Whether a text has to be quoted, so that it is a text to every reader. */
export function needsQuotes(text: string): boolean {
  const meaning = resolved(text);
  return meaning.kind !== 'value' || meaning.value.type !== 'str' || OLD_BOOLEANS.test(text);
}

/** How a value is written in YAML or JSON, without quotes. */
export function wordOf({ type, text }: PlainValue): string {
  if (type === 'float' && /^-?\d+$/.test(text)) return `${text}.0`; // else it would be a whole number when it is read again
  return type === 'bool' ? text.toLowerCase() : text;
}

/** The text of a value as sops sums it up, from the type and the text that were encrypted. */
export function canonical(type: string, text: string): PlainValue {
  if (type === 'int') return { type, text: /^[-+]?\d+$/.test(text) ? String(BigInt(text.replace('+', ''))) : text };
  if (type === 'float') return { type, text: FLOAT.test(text) ? decimal(Number(text)) : text };
  if (type === 'bool') return { type, text: /^(1|t|true)$/i.test(text) ? 'True' : 'False' };
  return { type: type === 'time' ? 'time' : 'str', text };
}

function typed(type: PlainValue['type'], text: string): Resolved {
  return { kind: 'value', value: { type, text } };
}

function integerOf(sign: string, digits: string): Resolved {
  const old = /^0[0-7]+$/.test(digits);
  const size = BigInt(old ? `0o${digits.slice(1)}` : digits);
  const number = sign === '-' ? -size : size;
  if (number > LARGEST || number < -LARGEST - 1n) {
    return { kind: 'unsupported', why: 'a number beyond 64 bits cannot be encrypted; write it in quotes' };
  }
  return typed('int', String(number));
}

/** The shortest text that is this number, without an exponent. */
function decimal(number: number): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(String(number)) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(power);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** RFC 3339, as Go writes it; undefined for what is no time. */
function timeOf(word: string): string | undefined {
  const found = TIME.exec(word);
  if (!found) return undefined;
  const [, year = '', month = '', day = '', separator, hour = '0', minute = '0', second = '0', fraction = '', zone] =
    found;
  // Three forms: a date, one with a zone after a T, and one without a zone after a space.
  if (separator !== undefined && (separator === ' ') !== (zone === undefined)) return undefined;
  const [mm, dd, h, m, s] = [month, day, hour, minute, second].map((part) => part.padStart(2, '0'));
  const whole = `${year}-${mm}-${dd}T${h}:${m}:${s}`;
  const at = Date.parse(`${whole}Z`);
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(whole)) return undefined;
  const rest = fraction.replace(/0+$/, '');
  return `${whole}${rest === '' ? '' : `.${rest}`}${zone === undefined || zone === '+00:00' ? 'Z' : zone}`;
}
