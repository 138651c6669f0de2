import { convert } from '../convert.ts';
import { type Decimal, decimalText, wholeOf } from '../decimal.ts';
import { isSequence, NULL, stringValue, type Value } from '../value.ts';
import { graphemesOf } from './graphemes.ts';
import {
  type HclFunction,
  nullable,
  type Outcome,
  oneThenMany,
  type Refused,
  refuse,
  stringList,
  text,
} from './hcl-function.ts';
import { jsonText } from './json.ts';
import { exponentNotation, fixedNotation, shortNotation } from './notation.ts';

export const formatFunctions: Readonly<Record<string, HclFunction>> = {
  format: oneThenMany(text, nullable, (template, args) => {
    const made = formatted(template, args);
    return typeof made === 'string' ? stringValue(made) : made;
  }),
  formatlist: oneThenMany(text, nullable, formatEach),
};

/** `%`, flags, width, precision, number of the argument, verb. */
const VERB = /%([0#+ -]*)([1-9]\d*)?(?:\.(\d*))?(?:\[([1-9]\d*)\])?([A-Za-z])/y;
/** Wider than any text in a job; keeps a hostile number from filling the memory. */
const WIDEST = 10_000;

interface Verb {
  readonly written: string;
  readonly flags: string;
  /** Undefined where none is written. */
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly mode: string;
}

function formatted(template: string, args: readonly Value[]): string | Refused {
  let made = '';
  let next = 1;
  let highest = 0;
  for (let at = 0; at < template.length; ) {
    const literal = literalAt(template, at);
    if (literal) {
      made += literal.text;
      at = literal.end;
      continue;
    }
    VERB.lastIndex = at;
    const found = VERB.exec(template);
    if (!found)
      return refuse(`the format has no verb that is known at ${JSON.stringify(template.slice(at, at + 10))}`, 0);
    const number = found[4] === undefined ? next : Number(found[4]);
    const arg = args[number - 1];
    if (!arg) return refuse(`${JSON.stringify(found[0])} wants argument ${number} of ${args.length}`, 0);
    const text = verbText(verbOf(found), arg);
    if (typeof text !== 'string') return { ...text, argument: number };
    made += text;
    at = VERB.lastIndex;
    next = number + 1;
    highest = Math.max(highest, number);
  }
  return highest < args.length ? refuse(`the format uses ${highest} of ${args.length} arguments`, highest + 1) : made;
}

function literalAt(template: string, at: number): { readonly text: string; readonly end: number } | undefined {
  if (template.startsWith('%%', at)) return { text: '%', end: at + 2 };
  if (template[at] === '%') return undefined;
  const end = template.indexOf('%', at);
  return end < 0 ? { text: template.slice(at), end: template.length } : { text: template.slice(at, end), end };
}

function verbOf([written, flags = '', width, precision, , mode = '']: RegExpExecArray): Verb {
  return {
    written,
    flags,
    width: width === undefined ? undefined : Math.min(Number(width), WIDEST),
    precision: precision === undefined ? undefined : Math.min(Number(precision), WIDEST),
    mode,
  };
}

function verbText(verb: Verb, arg: Value): string | Refused {
  if (verb.mode === 'v') return asItIs(verb, arg);
  if (arg.kind === 'null') return refuse(`null cannot be written as ${verb.written}`);
  switch (verb.mode) {
    case 't': {
      const converted = convert(arg, { kind: 'bool' });
      return converted.kind === 'value' && converted.value.kind === 'bool'
        ? String(converted.value.value)
        : refuse('a bool is required');
    }
    case 's':
    case 'q':
      return stringText(verb, arg);
    case 'b':
    case 'd':
    case 'o':
    case 'x':
    case 'X':
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': {
      const converted = convert(arg, { kind: 'number' });
      return converted.kind === 'value' && converted.value.kind === 'number'
        ? numberText(verb, converted.value.value)
        : refuse('a number is required');
    }
    default:
      return refuse(`${verb.written} is no format`);
  }
}

/** Numbers are short here, `1e+06` for a million; everything that is no string or number is JSON. */
function asItIs(verb: Verb, arg: Value): string {
  if (!verb.flags.includes('#') && arg.kind === 'string') return padded(verb, arg.value);
  if (!verb.flags.includes('#') && arg.kind === 'number') return padded(verb, shortNotation(arg.value));
  return padded(verb, jsonText(arg));
}

function stringText(verb: Verb, arg: Value): string | Refused {
  const converted = convert(arg, { kind: 'string' });
  if (converted.kind === 'refused' || converted.value.kind !== 'string') return refuse('a string is required');
  // A precision of zero cuts nothing.
  const cut = verb.precision
    ? graphemesOf(converted.value.value).slice(0, verb.precision).join('')
    : converted.value.value;
  return padded(verb, verb.mode === 'q' ? jsonText(stringValue(cut)) : cut);
}

function padded({ flags, width = 0 }: Verb, made: string): string {
  const padding = (flags.includes('0') ? '0' : ' ').repeat(Math.max(0, width - graphemesOf(made).length));
  return flags.includes('-') ? made + padding : padding + made;
}

function numberText(verb: Verb, value: Decimal): string | Refused {
  const negative = value.digits < 0n;
  const size = negative ? { ...value, digits: -value.digits } : value;
  const sign = negative ? '-' : positiveSign(verb.flags);
  switch (verb.mode) {
    case 'e':
    case 'E':
      return signed(verb, sign, capital(verb, exponentNotation(size, verb.precision ?? 6)));
    case 'f':
      return signed(verb, sign, fixedNotation(size, verb.precision ?? 6));
    case 'g':
    case 'G':
      return signed(verb, sign, capital(verb, shortNotation(size, verb.precision)));
    default:
      return integerText(verb, sign, size);
  }
}

function positiveSign(flags: string): string {
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function capital({ mode }: Verb, made: string): string {
  return mode === 'E' || mode === 'G' ? made.toUpperCase() : made;
}

const BASES: Readonly<Record<string, { readonly base: number; readonly prefix: string }>> = {
  b: { base: 2, prefix: '0b' },
  d: { base: 10, prefix: '' },
  o: { base: 8, prefix: '0' },
  x: { base: 16, prefix: '0x' },
  X: { base: 16, prefix: '0X' },
};

function integerText(verb: Verb, sign: string, size: Decimal): string | Refused {
  const whole = wholeOf(size);
  if (whole === undefined) return refuse(`a whole number is required for ${verb.written}, not ${decimalText(size)}`);
  const { base, prefix } = BASES[verb.mode] ?? { base: 10, prefix: '' };
  const digits = whole === 0n && verb.precision === 0 ? '' : whole.toString(base).padStart(verb.precision ?? 0, '0');
  const cased = verb.mode === 'X' ? digits.toUpperCase() : digits;
  // A precision says how many digits there are, so the width no longer fills with zeros.
  const filled = verb.precision === undefined ? verb : { ...verb, flags: verb.flags.replaceAll('0', '') };
  return signed(filled, sign + (verb.flags.includes('#') ? prefix : ''), cased);
}

/** Zeros stand between the sign and the digits, spaces before the sign or behind all. */
function signed({ flags, width = 0 }: Verb, sign: string, digits: string): string {
  const missing = Math.max(0, width - sign.length - digits.length);
  if (flags.includes('-')) return sign + digits + ' '.repeat(missing);
  return flags.includes('0') ? sign + '0'.repeat(missing) + digits : ' '.repeat(missing) + sign + digits;
}

/** Lists among the arguments go in step; what is no list is the same each time. */
function formatEach(template: string, args: readonly Value[]): Outcome {
  const lists = args.filter(isSequence);
  const count = lists[0]?.items.length ?? 1;
  const uneven = args.findIndex((arg) => isSequence(arg) && arg.items.length !== count);
  if (uneven >= 0) return refuse(`all lists must have the same length, here ${count}`, uneven + 1);
  const made: string[] = [];
  for (let row = 0; row < count; row += 1) {
    const text = formatted(
      template,
      args.map((arg) => (isSequence(arg) ? (arg.items[row] ?? NULL) : arg)),
    );
    if (typeof text !== 'string') return text;
    made.push(text);
  }
  return stringList(made);
}
