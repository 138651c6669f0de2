import { type Command, CommanderError } from 'commander';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { CodedError } from '../telemetry/registry.ts';
import { Changes } from './changes.ts';
import { Exit, exitCodes } from './exit.ts';
import { withoutHelpOfNothing } from './help-of-nothing.ts';
import { addGroups, lazyGroups, loadGroups } from './lazy-groups.ts';
import { paint, processTerminal, type Terminal } from './output.ts';
import { type CommandContext, rootCommand } from './program.ts';
import { verbFirst } from './verb-first.ts';

/** What shells ask, and kubectl: no verb for people. */
const COMPLETE = 'complete';

/** Runs one command line (without `node` and the script) and returns its exit code. */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const argv = verbFirst(words);
  const changes = new Changes({ terminal, argv, clock: systemClock, random: systemRandom });
  try {
    if (argv[0] === COMPLETE) return await suggestions(argv.slice(1), { terminal, changes });
    const program = await commandsFor(argv, { terminal, changes });
    const said = withoutHelpOfNothing(program, argv);
    program.hook('preAction', (_program, verb) => changes.recordIn(verb.opts()));
    await program.parseAsync([...said], { from: 'user' });
    return await changes.end({ exitCode: exitCodes.ok, message: '' });
  } catch (failure) {
    const exitCode = report(failure, terminal);
    return changes.end({ exitCode, message: failure instanceof Error ? failure.message : String(failure) });
  }
}

/** For a shell, which asks at each press of a key: of the tree only what the line needs is loaded. */
async function suggestions(asked: readonly string[], context: CommandContext): Promise<number> {
  const { complete, questionOf, wordsOf } = await import('./completion/complete.ts');
  const question = questionOf(asked);
  const program = await commandsFor(verbFirst(wordsOf(question)), context);
  await complete(program, question, context);
  return exitCodes.ok;
}

/** Of a room with a group of its own nothing else is loaded: it starts in two thirds of the time. */
async function commandsFor(argv: readonly string[], { terminal, changes }: CommandContext): Promise<Command> {
  const loaded = await loadGroups(argv);
  const own = lazyGroups.filter(({ name }) => name === argv[0]);
  if (own.length === 0) return (await import('./larder.ts')).larder(terminal, loaded, changes);
  const program = rootCommand(terminal);
  addGroups({ program, context: { terminal, changes } }, own, loaded);
  return program;
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

/** After an answer to a shell nothing may keep the process: a question to a cluster that hangs is not waited for. */
const GRACE_MS = 50;

/** The whole process: what bin/start.js calls. */
export async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  process.exitCode = await run(argv, processTerminal(systemRandom));
  if (argv[0] === COMPLETE) systemClock.after(GRACE_MS, () => process.exit());
}
