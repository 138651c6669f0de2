import type { Problem } from './piece.ts';

/** A template cut at its delimiters. Trim markers have done their work on the text, comments are gone. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly offset: number };

export interface Token {
  readonly kind: 'word' | 'field' | 'variable' | 'dot' | 'text' | 'integer' | 'fraction' | 'sign';
  /** Of a field and a variable without `.` and `$`; of a text what it stands for. */
  readonly text: string;
  readonly offset: number;
  /** Whether white space stands before it: `f .x` are two operands, `$v.x` is one. */
  readonly apart: boolean;
}

export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

export type Lexed =
  | { readonly kind: 'lexed'; readonly parts: readonly Part[] }
  | ({ readonly kind: 'refused' } & Problem);

const space = /[ \t\r\n]/;

export function lex(source: string, { left, right }: Delimiters): Lexed {
  const parts: Part[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf(left, at);
    const end = open < 0 ? source.length : open;
    const trims = open >= 0 && source[open + left.length] === '-' && space.test(source[open + left.length + 1] ?? '');
    let text = source.slice(at, end);
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, '');
    if (trims) text = trimEnd(text);
    if (text !== '') parts.push({ kind: 'text', text });
    if (open < 0) break;
    const inner = open + left.length + (trims ? 2 : 0);
    const action = source.startsWith('/*', inner)
      ? readComment(source, { inner, right, open })
      : readAction(source, { inner, right, open });
    if (action.kind === 'refused') return action;
    if (action.tokens) parts.push({ kind: 'action', tokens: action.tokens, offset: open });
    at = action.end;
    trimNext = action.trims;
  }
  return { kind: 'lexed', parts };
}

/** Without a regular expression: one that is anchored at the end looks from every blank. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && space.test(text[end - 1] ?? '')) end -= 1;
  return text.slice(0, end);
}

interface Place {
  readonly inner: number;
  readonly open: number;
  readonly right: string;
}

type Action =
  | { readonly kind: 'read'; readonly tokens?: readonly Token[]; readonly end: number; readonly trims: boolean }
  | ({ readonly kind: 'refused' } & Problem);

function readComment(source: string, { inner, right, open }: Place): Action {
  const close = source.indexOf('*/', inner + 2);
  if (close < 0) return { kind: 'refused', offset: open, message: 'a comment that begins with /* has no */' };
  const trims = /^[ \t\r\n]-/.test(source.slice(close + 2, close + 4));
  const end = close + 2 + (trims ? 2 : 0);
  if (!source.startsWith(right, end)) {
    return { kind: 'refused', offset: open, message: `a comment ends with */${right}` };
  }
  return { kind: 'read', end: end + right.length, trims };
}

function readAction(source: string, { inner, right, open }: Place): Action {
  const tokens: Token[] = [];
  let at = inner;
  let apart = false;
  for (;;) {
    if (source.startsWith(right, at)) return { kind: 'read', tokens, end: at + right.length, trims: false };
    const character = source[at];
    if (character === undefined) return { kind: 'refused', offset: open, message: `an action has no ${right}` };
    if (space.test(character)) {
      if (source[at + 1] === '-' && source.startsWith(right, at + 2)) {
        return { kind: 'read', tokens, end: at + 2 + right.length, trims: true };
      }
      apart = true;
      at += 1;
      continue;
    }
    const token = readToken(source, at);
    if (token.kind === 'refused') return token;
    tokens.push({ kind: token.kind, text: token.text, offset: at, apart });
    apart = false;
    at = token.end;
  }
}

type Found =
  | { readonly kind: Token['kind']; readonly text: string; readonly end: number }
  | ({ readonly kind: 'refused' } & Problem);

const name = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const quoted = /"(?:[^"\\\n]|\\.)*"/y;
const raw = /`[^`]*`/y;
const rune = /'(?:[^'\\\n]|\\.[^']*)'/uy;
const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y;

function readToken(source: string, at: number): Found {
  const character = source[at] ?? '';
  if (character === '"') return readText(source, at, quoted);
  if (character === '`') return readText(source, at, raw);
  if (character === "'") return readRune(source, at);
  const digits = match(number, source, at);
  if (digits !== undefined) return readNumber(digits, at);
  if (character === '.') {
    const field = match(name, source, at + 1);
    if (field === undefined) return { kind: 'dot', text: '.', end: at + 1 };
    return { kind: 'field', text: field, end: at + 1 + field.length };
  }
  if (character === '$') {
    const variable = match(name, source, at + 1) ?? '';
    return { kind: 'variable', text: variable, end: at + 1 + variable.length };
  }
  const word = match(name, source, at);
  if (word !== undefined) return { kind: 'word', text: word, end: at + word.length };
  if (source.startsWith(':=', at)) return { kind: 'sign', text: ':=', end: at + 2 };
  if ('|(),='.includes(character)) return { kind: 'sign', text: character, end: at + 1 };
  return { kind: 'refused', offset: at, message: `${JSON.stringify(character)} may not stand in an action` };
}

function readText(source: string, at: number, pattern: RegExp): Found {
  const found = match(pattern, source, at);
  if (found === undefined) return { kind: 'refused', offset: at, message: 'a text has no end' };
  const inner = found.slice(1, -1);
  const text = pattern === raw ? inner.replaceAll('\r', '') : decodeEscapes(inner);
  if (text === undefined)
    return { kind: 'refused', offset: at, message: `${found} holds an escape that Go does not know` };
  return { kind: 'text', text, end: at + found.length };
}

function readRune(source: string, at: number): Found {
  const found = match(rune, source, at);
  const text = found === undefined ? undefined : decodeEscapes(found.slice(1, -1));
  const point = text?.codePointAt(0);
  if (found === undefined || text === undefined || point === undefined || [...text].length !== 1) {
    return { kind: 'refused', offset: at, message: 'a character stands between single quotes, one alone' };
  }
  return { kind: 'integer', text: String(point), end: at + found.length };
}

function readNumber(digits: string, at: number): Found {
  const plain = digits.replaceAll('_', '');
  const negative = plain.startsWith('-');
  const value = Number(plain.replace(/^[+-]/, '').replace(/^0(?=\d+$)/, '0o')) * (negative ? -1 : 1);
  const end = at + digits.length;
  if (Number.isSafeInteger(value) && !/[.eE]/.test(plain.replace(/^[+-]?0[xX].*/, ''))) {
    return { kind: 'integer', text: String(value), end };
  }
  return { kind: 'fraction', text: digits, end };
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** Escapes of a Go string; bytes that are no text of their own (`\xff`) are refused. */
function decodeEscapes(text: string): string | undefined {
  let known = true;
  const result = text.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gsu,
    (_all, byte?: string, short?: string, long?: string, octal?: string, other?: string) => {
      const point = byte ?? short ?? long;
      const code = point === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(point, 16);
      if (other !== undefined) {
        if (!Object.hasOwn(escapes, other)) known = false;
        return escapes[other] ?? '';
      }
      const isByte = byte !== undefined || octal !== undefined;
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || (isByte && code > 0x7f)) {
        known = false;
        return '';
      }
      return String.fromCodePoint(code);
    },
  );
  return known ? result : undefined;
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
