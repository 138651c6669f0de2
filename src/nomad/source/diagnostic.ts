import type { NomadCode } from '../registry.ts';
import { type Position, place } from './position.ts';

/** What is wrong with an input, or worth knowing about it. An error keeps the file's jobs from being converted. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: NomadCode;
  /** A sentence: what, and what is accepted or to be done. */
  readonly message: string;
  /** Absent where the whole tree is meant. */
  readonly at?: Position;
  /** The line of the input at `at`, without its end. */
  readonly excerpt?: string;
}

/** As a person reads it: where, what, and the line with a caret under it. */
export function describe({ severity, code, message, at, excerpt }: Diagnostic): string {
  const where = at ? `${place(at)}:${at.column}: ` : '';
  const line = at && excerpt !== undefined ? `\n  ${excerpt}\n  ${caret(excerpt, at.column)}` : '';
  return `${where}${severity}: ${message} (${code})${line}`;
}

/** Tabs stay tabs, so that the caret stands where the terminal shows the column. */
function caret(excerpt: string, column: number): string {
  return `${excerpt.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`;
}
