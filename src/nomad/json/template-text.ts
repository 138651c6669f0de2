import type { MovedText } from './moved-text.ts';
import type { Span } from './parse.ts';

/** A string of JSON, character by character, each with the place of what it was written as. */
export interface Characters {
  readonly text: string;
  readonly places: readonly number[];
}

const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** `span` includes the quotes. */
export function charactersOf(source: string, { start, end }: Span): Characters {
  let text = '';
  const places: number[] = [];
  for (let at = start + 1; at < end - 1; ) {
    places.push(at);
    if (source[at] !== '\\') {
      text += source[at];
      at += 1;
      continue;
    }
    const selector = source[at + 1] ?? '';
    text +=
      selector === 'u'
        ? String.fromCharCode(Number.parseInt(source.slice(at + 2, at + 6), 16))
        : (SHORT[selector] ?? selector);
    at += selector === 'u' ? 6 : 2;
  }
  return { text, places };
}

/**
 * In JSON a whole string is one template; in HCL it stands in quotes, where everything has to be escaped that is not
 * inside `${…}` and `%{…}`.
 */
export function writeTemplate({ text, places }: Characters, into: MovedText): void {
  for (let at = 0; at < text.length; ) {
    const end = verbatimEnd(text, at);
    for (; at < end; at += 1) into.copy(text[at] ?? '', places[at] ?? 0);
    if (at < text.length && verbatimEnd(text, at) === at) {
      const character = text[at] ?? '';
      const written = escaped(character);
      if (written === character) into.copy(character, places[at] ?? 0);
      else into.add(written, places[at] ?? 0);
      at += 1;
    }
  }
}

/** An expression in a string, as the type of a variable is; converters write it as `${…}`. */
export function writeRaw({ text, places }: Characters, into: MovedText): void {
  const wrapped = /^\$\{.*\}$/s.test(text);
  for (let at = wrapped ? 2 : 0; at < text.length - (wrapped ? 1 : 0); at += 1)
    into.copy(text[at] ?? '', places[at] ?? 0);
}

/** A name in quotes, in which nothing is computed. */
export function quotedName(name: string): string {
  return `"${Array.from(name.replace(/[$%](?=\{)/g, '$&$&'), escaped).join('')}"`;
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return character < ' ' ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character;
}

/** Where a marker or an expression that starts here ends; `at` itself when none does. */
function verbatimEnd(text: string, at: number): number {
  if (text[at] !== '$' && text[at] !== '%') return at;
  if (/^(?:\$\$|%%)\{/.test(text.slice(at, at + 3))) return at + 3;
  return /^[$%]\{/.test(text.slice(at, at + 2)) ? expressionEnd(text, at + 2) : at;
}

/** After the brace that closes an expression. */
function expressionEnd(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at + 1) - 1;
    else if (character === '{') open += 1;
    else if (character === '}') open -= 1;
    if (open === 0) return at + 1;
  }
  return text.length;
}

/** After the quote that closes a string inside an expression. */
function stringEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\') at += 1;
    else if (/^[$%]\{/.test(text.slice(at, at + 2))) at = expressionEnd(text, at + 2) - 1;
  }
  return text.length;
}
