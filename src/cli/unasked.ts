/** Exports that gave no answer: each is named beside what the others said, and the command does not end as if all was seen. */
import type { ExportProblem } from '../operator/api.ts';
import { Exit, exitCodes } from './exit.ts';
import type { Terminal } from './output.ts';

export function tellUnasked(terminal: Terminal, problems: readonly ExportProblem[]): void {
  for (const { message, code } of problems) terminal.err(`not looked at: ${message} (${code})\n`);
}

/** Throws Exit 2 where there is one. */
export function endUnasked(problems: readonly ExportProblem[]): void {
  if (problems.length > 0) throw new Exit(exitCodes.usage, '');
}
