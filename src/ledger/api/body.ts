/** The body of a request, read so that what is recorded is what was sent: nothing is dropped, rounded to infinity or repaired. */
import type { Json } from '../canonical.ts';

export type Body =
  | { readonly kind: 'body'; readonly value: Json }
  /** No JSON in UTF-8 at all. */
  | { readonly kind: 'malformed'; readonly why: string }
  /** JSON that no record can hold as it was sent. */
  | { readonly kind: 'unfit'; readonly why: string };

/** Containers in each other. A record is written and read by functions that call themselves. */
const DEPTH_AT_MOST = 32;

const decoder = new TextDecoder('utf-8', { fatal: true });

export function readBody(bytes: Uint8Array): Body {
  const text = decoded(bytes);
  if (text === undefined) return { kind: 'malformed', why: 'the body is not text in UTF-8' };
  const parsed = parse(text);
  if (parsed.kind !== 'body') return parsed;
  const why = unfit(text);
  return why === undefined ? parsed : { kind: 'unfit', why };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // the caller says that it is no text
  }
}

function parse(text: string): Body {
  try {
    return { kind: 'body', value: JSON.parse(text) };
  } catch (failure) {
    return {
      kind: 'malformed',
      why: `the body is not JSON: ${failure instanceof Error ? failure.message : 'unreadable'}`,
    };
  }
}

const NUMBER = /-?\d[\d.eE+-]*/y;

/**
 * Strings, containers, colons and numbers of a text that is JSON; what stands between them says nothing here. By hand, because
 * a regular expression for strings runs out of stack at a few MiB, and an artifact is a string.
 */
function* tokensOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at);
    if (token !== '') yield token;
    at += Math.max(1, token.length);
  }
}

/** Empty where none begins. */
function tokenAt(text: string, at: number): string {
  const first = text.charAt(at);
  if ('{}[]:,'.includes(first)) return first;
  if (first === '"') return text.slice(at, endOfString(text, at));
  NUMBER.lastIndex = at;
  return NUMBER.exec(text)?.[0] ?? '';
}

/** Behind the first quote that no odd number of backslashes stands before. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charAt(quote - 1 - backslashes) === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
}

/** Of a text that JSON.parse has taken: two members of one name, a number beyond all numbers, half a character, too deep. */
function unfit(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const token of tokensOf(text)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const why = repeated(last, open.at(-1));
      if (why !== undefined) return why;
    } else {
      const why = unfitValue(token);
      if (why !== undefined) return why;
    }
    if (open.length > DEPTH_AT_MOST) return `lists and objects are in each other more than ${DEPTH_AT_MOST} deep`;
    last = token;
  }
  return undefined;
}

function repeated(token: string, names: Set<string> | undefined): string | undefined {
  const name = String(JSON.parse(token));
  if (name === '__proto__') return 'a member is called __proto__, which programs read as something else';
  if (names?.has(name)) return `the member ${JSON.stringify(name)} is there twice, and only one of them can be meant`;
  names?.add(name);
  return undefined;
}

function unfitValue(token: string): string | undefined {
  if (token.startsWith('"')) {
    // The text came as UTF-8: only an escape can stand for half a character.
    const isWhole = !token.includes('\\u') || String(JSON.parse(token)).isWellFormed();
    return isWhole ? undefined : 'a string holds half a character (a lone surrogate)';
  }
  return token === ',' || Number.isFinite(Number(token)) ? undefined : `the number ${token.slice(0, 20)} is too large`;
}
