import type { Command } from 'commander';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { addGroups, lazyGroups, loadGroups } from './lazy-groups.ts';
import { lazyVerb } from './lazy-verbs.ts';
import { processTerminal, type Terminal } from './output.ts';
import { type CommandContext, rootCommand } from './program.ts';
import { runLine, take } from './run-line.ts';
import { verbFirst } from './verb-first.ts';

/** What shells ask, and kubectl: no verb for people. */
const COMPLETE = 'complete';

/** Runs one command line (without `node` and the script) and returns its exit code. */
export function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const argv = verbFirst(words);
  return runLine(argv, terminal, async (context) => {
    if (argv[0] === COMPLETE) return suggestions(argv.slice(1), context);
    await take(await commandsFor(argv, context), argv, context);
  });
}

/** For a shell, which asks at each press of a key: of the tree only what the line needs is loaded. */
async function suggestions(asked: readonly string[], context: CommandContext): Promise<void> {
  const { complete, questionOf, wordsOf } = await import('./completion/complete.ts');
  const question = questionOf(asked);
  const words = wordsOf(question);
  // a word that is still being typed may become another verb
  const program = await commandsFor(words.length > 1 ? verbFirst(words) : [], context);
  await complete(program, question, context);
}

/** Beside the verb or the group that was said nothing else is loaded: most of a short command is its start. */
async function commandsFor(argv: readonly string[], context: CommandContext): Promise<Command> {
  const { terminal, changes } = context;
  const own = lazyGroups.filter(({ name }) => name === argv[0]);
  const [verb, loaded] = await Promise.all([lazyVerb(argv[0] ?? ''), loadGroups(argv)]);
  if (verb === undefined && own.length === 0) {
    return (await import('./larder.ts')).larder(terminal, loaded, changes);
  }
  const program = rootCommand(terminal);
  verb?.(program, context);
  addGroups({ program, context }, own, loaded);
  return program;
}

/** After an answer to a shell nothing may keep the process: a question to a cluster that hangs is not waited for. */
const GRACE_MS = 50;

/** The whole process: what bin/start.js calls. */
export async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  process.exitCode = await run(argv, processTerminal(systemRandom));
  if (argv[0] === COMPLETE) systemClock.after(GRACE_MS, () => process.exit());
}
