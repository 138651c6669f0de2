import type { NomadCode } from '../registry.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Position } from '../source/position.ts';

/** A stretch of a text, as offsets in UTF-16 units; `end` is that of the first character after it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text with a name, which finds lines and columns. */
export interface Source {
  readonly file: string;
  readonly text: string;
  at(span: Span): Position;
  diagnostic(code: NomadCode, span: Span, message: string): Diagnostic;
}

/** An excerpt is for reading: of a line with an embedded file it shows the beginning. */
const EXCERPT = 300;

export function sourceOf(file: string, text: string): Source {
  const starts = lineStarts(text);
  const point = (offset: number): Position['end'] => {
    const index = lineOf(starts, offset);
    return { line: index + 1, column: offset - (starts[index] ?? 0) + 1, offset };
  };
  const at = ({ start, end }: Span): Position => ({ file, ...point(start), end: point(end) });
  const lineAt = (offset: number): string => {
    const index = lineOf(starts, offset);
    return text.slice(starts[index], (starts[index + 1] ?? text.length + 1) - 1).replace(/\r$/, '');
  };
  return {
    file,
    text,
    at,
    diagnostic: (code, span, message) => {
      const position = at(span);
      const shown = position.column > EXCERPT ? {} : { excerpt: lineAt(span.start).slice(0, EXCERPT) };
      return { severity: 'error', code, message, at: position, ...shown };
    },
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let next = text.indexOf('\n'); next >= 0; next = text.indexOf('\n', next + 1)) starts.push(next + 1);
  return starts;
}

/** Index of the last line that starts at or before the offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
