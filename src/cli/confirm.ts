import { createInterface } from 'node:readline/promises';
import { Exit, exitCodes } from './exit.ts';
import { type Terminal, visible } from './output.ts';

/** Whether somebody is there who could answer. */
export function canAsk(terminal: Terminal): boolean {
  return terminal.interactive && process.stdin.isTTY === true;
}

/**
 * Asks on a terminal; without one `--yes` must have been given. `first` shows what would be done, where the verb has that: a
 * flag or a command. Throws Exit when the answer is not yes, and Exit 3 where nobody can be asked.
 */
export async function confirm(terminal: Terminal, question: string, yes: boolean, first?: string): Promise<void> {
  if (yes) return;
  if (!canAsk(terminal)) {
    const next =
      first === undefined ? 'Nobody can be asked here: say --yes.' : `Look at it with ${first}, then say --yes.`;
    throw new Exit(exitCodes.approval, `${question} ${next}`);
  }
  if (!(await agrees(question))) throw new Exit(exitCodes.finding, 'nothing was changed');
}

/** Asks on a terminal, where somebody is there (`canAsk`). */
export async function agrees(question: string): Promise<boolean> {
  const input = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await input.question(`${visible(question)} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    input.close();
  }
}
