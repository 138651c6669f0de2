/** What JSON.parse does not tell: what is wrong in the words of Go's encoding/json, and which members come twice. */

export type Inspection =
  | { readonly kind: 'sound' /** Paths such as `spec.containers[0].name`. */; readonly duplicates: readonly string[] }
  | { readonly kind: 'broken'; readonly reason: string };

/** Thrown and caught in this file only. */
class Broken extends Error {}

export function inspectJson(text: string): Inspection {
  const scanner: Scanner = { text, at: 0, depth: 0, duplicates: new Set() };
  try {
    value(scanner, '');
    skipSpace(scanner);
    if (scanner.at < text.length) throw unexpected(scanner, 'after top-level value');
    return { kind: 'sound', duplicates: [...scanner.duplicates] };
  } catch (cause) {
    if (!(cause instanceof Broken)) throw cause;
    return { kind: 'broken', reason: cause.message };
  }
}

/** Far more than any kind needs; Go's own limit is 10,000. */
const DEEPEST = 1000;
export const TOO_DEEP = 'exceeded max depth';

interface Scanner {
  readonly text: string;
  at: number;
  depth: number;
  readonly duplicates: Set<string>;
}

function unexpected({ text, at }: Scanner, where: string): Broken {
  const found = text.codePointAt(at);
  if (found === undefined) return new Broken('unexpected end of JSON input');
  const character = String.fromCodePoint(found);
  const shown = character === "'" ? "'\\''" : `'${JSON.stringify(character).slice(1, -1).replace('\\"', '"')}'`;
  return new Broken(`invalid character ${shown} ${where}`);
}

function skipSpace(scanner: Scanner): void {
  while (/[ \t\r\n]/.test(scanner.text[scanner.at] ?? '')) scanner.at += 1;
}

const WORDS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

function value(scanner: Scanner, path: string): void {
  skipSpace(scanner);
  const first = scanner.text[scanner.at] ?? '';
  const word = WORDS[first];
  if (first === '{') nested(scanner, path, members);
  else if (first === '[') nested(scanner, path, items);
  else if (first === '"') string(scanner);
  else if (word !== undefined) literal(scanner, word);
  else number(scanner);
}

function nested(scanner: Scanner, path: string, read: (scanner: Scanner, path: string) => void): void {
  scanner.depth += 1;
  if (scanner.depth > DEEPEST) throw new Broken(TOO_DEEP);
  read(scanner, path);
  scanner.depth -= 1;
}

function members(scanner: Scanner, path: string): void {
  const seen = new Set<string>();
  scanner.at += 1;
  skipSpace(scanner);
  if (take(scanner, '}')) return;
  for (;;) {
    skipSpace(scanner);
    if (scanner.text[scanner.at] !== '"') throw unexpected(scanner, 'looking for beginning of object key string');
    const name = string(scanner);
    const inner = path === '' ? name : `${path}.${name}`;
    if (seen.has(name)) scanner.duplicates.add(inner);
    seen.add(name);
    skipSpace(scanner);
    if (!take(scanner, ':')) throw unexpected(scanner, 'after object key');
    value(scanner, inner);
    skipSpace(scanner);
    if (take(scanner, '}')) return;
    if (!take(scanner, ',')) throw unexpected(scanner, 'after object key:value pair');
  }
}

function items(scanner: Scanner, path: string): void {
  scanner.at += 1;
  skipSpace(scanner);
  if (take(scanner, ']')) return;
  for (let index = 0; ; index += 1) {
    value(scanner, `${path}[${index}]`);
    skipSpace(scanner);
    if (take(scanner, ']')) return;
    if (!take(scanner, ',')) throw unexpected(scanner, 'after array element');
  }
}

function take(scanner: Scanner, character: string): boolean {
  if (scanner.text[scanner.at] !== character) return false;
  scanner.at += 1;
  return true;
}

/** What needs no look at each character. */
const PLAIN = /[^"\\\p{Cc}]*/uy;

function string(scanner: Scanner): string {
  const { text } = scanner;
  const start = scanner.at;
  for (scanner.at += 1; ; scanner.at += 1) {
    PLAIN.lastIndex = scanner.at;
    PLAIN.test(text);
    scanner.at = PLAIN.lastIndex;
    const character = text[scanner.at];
    if (character === undefined || character < ' ') throw unexpected(scanner, 'in string literal');
    if (character === '"') break;
    if (character !== '\\') continue;
    scanner.at += 1;
    if (!/["\\/bfnrtu]/.test(text[scanner.at] ?? '')) throw unexpected(scanner, 'in string escape code');
    if (text[scanner.at] === 'u') hexadecimal(scanner);
  }
  scanner.at += 1;
  return JSON.parse(text.slice(start, scanner.at));
}

function hexadecimal(scanner: Scanner): void {
  for (let digit = 0; digit < 4; digit += 1) {
    scanner.at += 1;
    if (!/[0-9a-fA-F]/.test(scanner.text[scanner.at] ?? '')) {
      throw unexpected(scanner, 'in \\u hexadecimal character escape');
    }
  }
}

function literal(scanner: Scanner, word: string): void {
  for (const [index, expected] of [...word].entries()) {
    if (scanner.text[scanner.at] !== expected) {
      throw unexpected(
        scanner,
        index === 0 ? 'looking for beginning of value' : `in literal ${word} (expecting '${expected}')`,
      );
    }
    scanner.at += 1;
  }
}

function number(scanner: Scanner): void {
  const { text } = scanner;
  const start = scanner.at;
  take(scanner, '-');
  if (!/[0-9]/.test(text[scanner.at] ?? '')) {
    throw unexpected(scanner, scanner.at > start ? 'in numeric literal' : 'looking for beginning of value');
  }
  if (!take(scanner, '0')) digits(scanner);
  if (take(scanner, '.')) fraction(scanner, 'after decimal point in numeric literal');
  if (/[eE]/.test(text[scanner.at] ?? '')) {
    scanner.at += 1;
    if (!take(scanner, '+')) take(scanner, '-');
    fraction(scanner, 'in exponent of numeric literal');
  }
}

function fraction(scanner: Scanner, where: string): void {
  if (!/[0-9]/.test(scanner.text[scanner.at] ?? '')) throw unexpected(scanner, where);
  digits(scanner);
}

function digits(scanner: Scanner): void {
  while (/[0-9]/.test(scanner.text[scanner.at] ?? '')) scanner.at += 1;
}
