import { type Command, CommanderError } from 'commander';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { CodedError } from '../telemetry/registry.ts';
import { Changes } from './changes.ts';
import { Exit, exitCodes } from './exit.ts';
import { withoutHelpOfNothing } from './help-of-nothing.ts';
import { paint, type Terminal } from './output.ts';
import type { CommandContext } from './program.ts';

/** What the work of one line gets: `changes` are its own. */
export interface LineContext extends CommandContext {
  readonly changes: Changes;
}

/** Does the work of one command line (without `node` and the script), says what went wrong, and returns the exit code. */
export async function runLine(
  argv: readonly string[],
  terminal: Terminal,
  work: (context: LineContext) => Promise<void>,
): Promise<number> {
  const changes = new Changes({ terminal, argv, clock: systemClock, random: systemRandom });
  try {
    await work({ terminal, changes });
    return await changes.end({ exitCode: exitCodes.ok, message: '' });
  } catch (failure) {
    const exitCode = report(failure, terminal);
    return changes.end({ exitCode, message: failure instanceof Error ? failure.message : String(failure) });
  }
}

/** Has the commands that were made for a line take it. */
export async function take(program: Command, argv: readonly string[], { changes }: LineContext): Promise<void> {
  const said = withoutHelpOfNothing(program, argv);
  program.hook('preAction', (_program, verb) => changes.recordIn(verb.opts()));
  await program.parseAsync([...said], { from: 'user' });
}

function report(failure: unknown, terminal: Terminal): number {
  if (failure instanceof CommanderError) return failure.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (failure instanceof Exit) {
    if (failure.message !== '') terminal.err(`${paint(terminal, 'red', 'larder:')} ${failure.message}\n`);
    return failure.exitCode;
  }
  if (failure instanceof CodedError) {
    terminal.err(`${paint(terminal, 'red', 'larder:')} ${failure.message} (${failure.code})\n`);
    return exitCodes.usage;
  }
  terminal.err(`larder: internal failure, please report it: ${failure instanceof Error ? failure.stack : failure}\n`);
  return exitCodes.finding;
}
