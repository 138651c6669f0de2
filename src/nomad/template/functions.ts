import { createHash } from 'node:crypto';
import { printed, type Scalar, scalar, type Value } from './value.ts';

/**
 * Functions of consul-template and of Go's templates whose arguments are known. Undefined: refused, because arguments do
 * not fit or Go's answer would differ. What asks the world (time, files, Consul) is not here.
 */
export type Call = (args: readonly Value[]) => Value | undefined;

export const functions: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['toLower', texts(1, (text = '') => text.toLowerCase())],
  ['toUpper', texts(1, (text = '') => text.toUpperCase())],
  ['trimSpace', texts(1, (text = '') => text.trim())],
  ['trim', texts(2, (set = '', text = '') => trimEnd(trimStart(text, set), set))],
  ['trimPrefix', texts(2, (prefix = '', text = '') => (text.startsWith(prefix) ? text.slice(prefix.length) : text))],
  [
    'trimSuffix',
    texts(2, (suffix = '', text = '') =>
      suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
    ),
  ],
  [
    'replaceAll',
    texts(3, (from = '', to = '', text = '') => (from === '' ? undefined : text.replaceAll(from, () => to))),
  ],
  ['split', splitText],
  ['join', joinTexts],
  ['base64Encode', texts(1, (text = '') => Buffer.from(text).toString('base64'))],
  ['base64URLEncode', texts(1, (text = '') => urlSafe(Buffer.from(text).toString('base64')))],
  ['base64Decode', texts(1, (text = '') => decode(text))],
  ['md5sum', texts(1, (text = '') => createHash('md5').update(text).digest('hex'))],
  ['sha256Hex', texts(1, (text = '') => createHash('sha256').update(text).digest('hex'))],
  ['parseInt', parseWhole],
  ['parseUint', parseWhole],
  ['parseBool', parseTruth],
  ['indent', indentText],
  ['add', whole((left, right) => left + right)],
  ['subtract', whole((left, right) => right - left)],
  ['multiply', whole((left, right) => left * right)],
  ['divide', whole((left, right) => (left === 0 ? undefined : Math.trunc(right / left)))],
  ['modulo', whole((left, right) => (left === 0 ? undefined : right % left))],
  ['minimum', whole((left, right) => Math.min(left, right))],
  ['maximum', whole((left, right) => Math.max(left, right))],
  ['loop', loop],
  ['in', ([list, item]) => (list && item ? has(list, item) : undefined)],
  ['contains', ([item, list]) => (list && item ? has(list, item) : undefined)],
  ['toJSON', ([value]) => jsonText(value, true)],
  ['toUnescapedJSON', ([value]) => jsonText(value, false)],
  ['len', length],
  ['index', index],
  ['print', print],
  ['printf', printFormat],
  ['eq', ([left, ...others]) => equal(left, others)],
  ['ne', ([left, right]) => (right ? negated(equal(left, [right])) : undefined)],
  ['lt', ordered((order) => order < 0)],
  ['le', ordered((order) => order <= 0)],
  ['gt', ordered((order) => order > 0)],
  ['ge', ordered((order) => order >= 0)],
]);

function text(value: Value | undefined): string | undefined {
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

function integer(value: Value | undefined): number | undefined {
  return value?.kind === 'scalar' && typeof value.value === 'number' ? value.value : undefined;
}

function texts(count: number, of: (...args: readonly string[]) => string | undefined): Call {
  return (args) => {
    const values = args.map(text).filter((each) => each !== undefined);
    if (values.length !== count || args.length !== count) return undefined;
    const result = of(...values);
    return result === undefined ? undefined : scalar(result);
  };
}

function trimStart(of: string, set: string): string {
  const characters = [...of];
  const first = characters.findIndex((character) => !set.includes(character));
  return first < 0 ? '' : characters.slice(first).join('');
}

function trimEnd(of: string, set: string): string {
  const characters = [...of];
  return characters.slice(0, characters.findLastIndex((character) => !set.includes(character)) + 1).join('');
}

function urlSafe(of: string): string {
  return of.replaceAll('+', '-').replaceAll('/', '_');
}

/** Only what is text afterwards, and only what Go's strict decoder takes. */
function decode(of: string): string | undefined {
  const bytes = Buffer.from(of, 'base64');
  const result = bytes.toString('utf8');
  return bytes.toString('base64') === of && Buffer.from(result).equals(bytes) ? result : undefined;
}

function splitText([separator, of]: readonly Value[]): Value | undefined {
  const [at, from] = [text(separator), text(of)];
  if (at === undefined || from === undefined || at === '') return undefined;
  const trimmed = from.trim();
  return { kind: 'list', items: trimmed === '' ? [] : trimmed.split(at).map(scalar) };
}

function joinTexts([separator, list]: readonly Value[]): Value | undefined {
  const by = text(separator);
  if (by === undefined || list?.kind !== 'list') return undefined;
  const items = list.items.map(text);
  return items.includes(undefined) ? undefined : scalar(items.join(by));
}

function parseWhole([of]: readonly Value[]): Value | undefined {
  const from = text(of);
  if (from === '') return scalar(0);
  return from !== undefined && /^[+-]?\d{1,15}$/.test(from) ? scalar(Number(from)) : undefined;
}

function parseTruth([of]: readonly Value[]): Value | undefined {
  const from = text(of);
  if (from === undefined) return undefined;
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(from)) return scalar(true);
  return ['', '0', 'f', 'F', 'FALSE', 'false', 'False'].includes(from) ? scalar(false) : undefined;
}

function indentText([by, of]: readonly Value[]): Value | undefined {
  const [spaces, from] = [integer(by), text(of)];
  if (spaces === undefined || from === undefined || spaces < 0 || spaces > 1000) return undefined;
  return scalar(from.replaceAll(/^(?=.)/gm, ' '.repeat(spaces)));
}

/** consul-template takes the value that is piped in as the left side of `subtract` and `divide`. */
function whole(of: (left: number, right: number) => number | undefined): Call {
  return ([left, right]) => {
    const [first, second] = [integer(left), integer(right)];
    const result = first === undefined || second === undefined ? undefined : of(first, second);
    return result === undefined || !Number.isSafeInteger(result) ? undefined : scalar(result);
  };
}

function loop(args: readonly Value[]): Value | undefined {
  const [first, second] = args.map((each) => integer(each) ?? integer(parseWhole([each])));
  const start = args.length === 2 ? first : 0;
  const end = args.length === 2 ? second : first;
  if (start === undefined || end === undefined || end - start > 10_000) return undefined;
  return { kind: 'list', items: Array.from({ length: Math.max(0, end - start) }, (_, at) => scalar(start + at)) };
}

function has(list: Value, item: Value): Value | undefined {
  if (item.kind !== 'scalar') return undefined;
  if (list.kind === 'list') {
    return scalar(list.items.some((each) => each.kind === 'scalar' && each.value === item.value));
  }
  const [within, part] = [text(list), text(item)];
  return within === undefined || part === undefined ? undefined : scalar(within.includes(part));
}

/** Go's encoder writes `<`, `>` and `&` as escapes unless told not to, and the two line separators always. */
function jsonText(value: Value | undefined, html: boolean): Value | undefined {
  const plain = plainOf(value);
  if (plain === undefined) return undefined;
  const written = JSON.stringify(plain);
  const escaped = html ? written.replaceAll(/[<>&]/g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`) : written;
  return scalar(escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'));
}

type Plain = Scalar | readonly Plain[];

function plainOf(value: Value | undefined): Plain | undefined {
  if (value?.kind === 'scalar') return value.value;
  if (value?.kind !== 'list') return undefined;
  const items = value.items.map(plainOf).filter((each) => each !== undefined);
  return items.length === value.items.length ? items : undefined;
}

function length([value]: readonly Value[]): Value | undefined {
  // only `loop` makes lists of numbers, and what it gives has no length in Go
  if (value?.kind === 'list')
    return value.items.some((each) => text(each) === undefined) ? undefined : scalar(value.items.length);
  const of = text(value);
  return of === undefined ? undefined : scalar(Buffer.byteLength(of));
}

function index([value, ...path]: readonly Value[]): Value | undefined {
  let found = value;
  for (const step of path) {
    if (found?.kind === 'list') found = found.items[integer(step) ?? -1];
    else if (found?.kind === 'map') found = found.entries.get(text(step) ?? '');
    else return undefined;
  }
  return found;
}

/** Go puts a blank between two operands when neither is text. */
function print(args: readonly Value[]): Value | undefined {
  let result = '';
  for (const [at, value] of args.entries()) {
    const of = printed(value);
    if (of === undefined) return undefined;
    const before = args[at - 1];
    if (before && text(before) === undefined && text(value) === undefined) result += ' ';
    result += of;
  }
  return scalar(result);
}

function printFormat([format, ...args]: readonly Value[]): Value | undefined {
  const from = text(format);
  if (from === undefined) return undefined;
  let next = 0;
  let fits = true;
  const result = from.replaceAll(/%(0?)(\d*)(.)/gs, (_all, zero: string, width: string, verb: string) => {
    if (verb === '%' && zero + width === '') return '%';
    const formatted = formatOne(verb, args[next++]);
    if (formatted === undefined || width.length > 3) fits = false;
    if (zero !== '' && (verb !== 'd' || formatted?.startsWith('-'))) fits = false;
    return (formatted ?? '').padStart(Number(width), zero === '' ? ' ' : '0');
  });
  return fits && next === args.length && !/%$/.test(from.replaceAll('%%', '')) ? scalar(result) : undefined;
}

function formatOne(verb: string, value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  switch (verb) {
    case 's':
      return text(value);
    case 'd':
      return integer(value)?.toString();
    case 'v':
      return printed(value);
    case 't':
      return value.kind === 'scalar' && typeof value.value === 'boolean' ? String(value.value) : undefined;
    case 'q': {
      const of = text(value);
      return of !== undefined && /^[ -~]*$/.test(of) ? JSON.stringify(of) : undefined;
    }
    default:
      return undefined;
  }
}

function equal(left: Value | undefined, others: readonly Value[]): Value | undefined {
  if (left?.kind !== 'scalar' || others.length === 0) return undefined;
  let found = false;
  for (const right of others) {
    if (right.kind !== 'scalar' || typeof right.value !== typeof left.value) return undefined;
    found ||= right.value === left.value;
  }
  return scalar(found);
}

function negated(value: Value | undefined): Value | undefined {
  return value?.kind === 'scalar' ? scalar(value.value !== true) : undefined;
}

function ordered(holds: (order: number) => boolean): Call {
  return ([left, right]) => {
    const [first, second] = [integer(left), integer(right)];
    if (first !== undefined && second !== undefined) return scalar(holds(first - second));
    const [one, other] = [text(left), text(right)];
    return one === undefined || other === undefined
      ? undefined
      : scalar(holds(Buffer.compare(Buffer.from(one), Buffer.from(other))));
  };
}
