import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Exit, exitCodes } from '../../exit.ts';
import { inputText } from '../../input.ts';
import type { Terminal } from '../../output.ts';

/**
 * A value that nobody sees: typed at a terminal without being shown, else all of standard input without its last line break. It
 * is no argument, because those stand in the list of processes and in the history of the shell.
 */
export async function hiddenInput(terminal: Terminal, what: string): Promise<string> {
  const value = process.stdin.isTTY ? await typed(terminal, what) : inputText('-').replace(/\r?\n$/, '');
  if (value === '') throw new Exit(exitCodes.usage, `no value for ${what} came in; nothing was changed`);
  return value;
}

async function typed(terminal: Terminal, what: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const input = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    terminal.err(`${what} (not shown): `);
    return await input.question('');
  } finally {
    input.close();
    terminal.err('\n');
  }
}
