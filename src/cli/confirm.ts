import { createInterface } from 'node:readline/promises';
import { Exit, exitCodes } from './exit.ts';
import { type Terminal, visible } from './output.ts';

/** Asks on a terminal; without one `--yes` must have been given. Throws Exit when the answer is not yes. */
export async function confirm(terminal: Terminal, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!terminal.interactive || !process.stdin.isTTY) {
    throw new Exit(exitCodes.usage, `${question} Look at it with --dry-run, then say --yes.`);
  }
  const input = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await input.question(`${visible(question)} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Exit(exitCodes.finding, 'nothing was changed');
  } finally {
    input.close();
  }
}
