import type { Diagnostic } from '../source/diagnostic.ts';
import type { Branch } from './branch.ts';
import type { Source, Span } from './source.ts';

/** One pass over the syntax of one text: what is refused on the way is collected. */
export interface Reading {
  readonly source: Source;
  /** Says no, and gives the nothing that the caller returns. */
  refuse(span: Span, message: string): undefined;
  /** Text of a branch. */
  text(span: Span): string;
}

/** One mistake makes others seem wrong; a screen of them helps nobody. */
const MOST = 20;

export function readingOf(source: Source, diagnostics: Diagnostic[]): Reading {
  return {
    source,
    refuse: (span, message) => {
      if (diagnostics.length < MOST) diagnostics.push(source.diagnostic('LARDER_NOMAD_SYNTAX', span, message));
      return undefined;
    },
    text: ({ start, end }) => source.text.slice(start, end),
  };
}

/** Outside of strings there are only spaces and comments between two tokens. The end of a comment that ends with its line counts. */
export function newlineBetween({ text }: Source, before: Span, after: Span): boolean {
  const next = text.indexOf('\n', before.end);
  if (next < 0 || next >= after.start) return false;
  return text
    .slice(before.end, after.start)
    .replace(/#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .includes('\n');
}

/** Where a line ends an expression, all its tokens stand on one line. */
export function onOneLine(children: readonly Branch[], reading: Reading): boolean {
  for (const [index, child] of children.entries()) {
    const before = children[index - 1];
    if (!before || !newlineBetween(reading.source, before, child)) continue;
    reading.refuse(
      endOf(before),
      'the line ends in the middle of an expression: put it on one line, or in parentheses',
    );
    return false;
  }
  return true;
}

/** The place after something, where what is missing is expected. */
export function endOf({ end }: Span): Span {
  return { start: end, end };
}

const WORDS: ReadonlySet<string> = new Set(['for', 'in', 'if', 'else', 'endif', 'endfor']);

/** The grammar sees the word `if` at the beginning of `iffy`. */
export function wordsApart(children: readonly Branch[], reading: Reading): boolean {
  const glued = children.find(
    ({ type, end }) => WORDS.has(type) && /^[\p{ID_Continue}-]/u.test(reading.source.text.slice(end, end + 2)),
  );
  if (glued) reading.refuse(glued, `a space is expected after "${glued.type}"`);
  return glued === undefined;
}
