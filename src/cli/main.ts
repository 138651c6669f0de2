import { type Command, CommanderError } from 'commander';
import { CodedError } from '../telemetry/registry.ts';
import { Exit, exitCodes } from './exit.ts';
import { type NomadVerbs, nomad } from './nomad/nomad.ts';
import { paint, processTerminal, type Terminal } from './output.ts';
import { rootCommand } from './program.ts';

/** Runs one command line (without `node` and the script) and returns its exit code. */
async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const program = await commandsFor(argv, terminal);
    await program.parseAsync([...argv], { from: 'user' });
    return exitCodes.ok;
  } catch (failure) {
    return report(failure, terminal);
  }
}

/** Of a migration nothing else is loaded: it starts in two thirds of the time. */
async function commandsFor(argv: readonly string[], terminal: Terminal): Promise<Command> {
  const verbs = await nomadVerbsFor(argv);
  if (argv[0] !== 'nomad') return (await import('./larder.ts')).larder(terminal, verbs);
  const program = rootCommand(terminal);
  nomad(program, { terminal }, verbs);
  return program;
}

/** The completion of a shell asks for every word that there is. */
async function nomadVerbsFor([word = '', verb]: readonly string[]): Promise<NomadVerbs | undefined> {
  if (word === 'nomad' && verb === 'convert') return (await import('./nomad/convert.ts')).convert;
  return ['nomad', 'complete', 'help'].includes(word) ? (await import('./nomad/verbs.ts')).verbs : undefined;
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

/** The whole process: what bin/start.js calls. */
export async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), processTerminal());
}
