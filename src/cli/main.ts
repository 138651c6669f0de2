import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { version as larderVersion } from '../operator/version.ts';
import { CodedError } from '../telemetry/registry.ts';
import { claimActions } from './claim-actions.ts';
import { config } from './config.ts';
import { doctor } from './doctor.ts';
import { Exit, exitCodes } from './exit.ts';
import { explain } from './explain.ts';
import { gitops } from './gitops.ts';
import { importSettings } from './import.ts';
import { operator } from './operator.ts';
import { paint, processTerminal, type Terminal } from './output.ts';
import { examples } from './program.ts';
import { recommend } from './recommend.ts';
import { record } from './record.ts';
import { simulate } from './simulate.ts';
import { statefulSet } from './stateful-set.ts';
import { takeover } from './takeover.ts';
import { up } from './up.ts';
import { version } from './version.ts';
import { volumes } from './volumes.ts';

/** The whole command tree; verbs load what they need when they run, so that `--help` stays quick. */
export function larder(terminal: Terminal): Command {
  const program = new Command('larder')
    .description('Storage for small Kubernetes clusters: a named directory for every claim, growth before it fills.')
    .version(larderVersion)
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  const context = { terminal };
  up(program, context);
  operator(program, context);
  volumes(program, context);
  takeover(program, context);
  explain(program, context);
  claimActions(program, context);
  gitops(program, context);
  importSettings(program, context);
  recommend(program, context);
  record(program, context);
  simulate(program, context);
  statefulSet(program, context);
  doctor(program, context);
  config(program, context);
  version(program, context);
  examples(program, ['larder up --demo', 'larder volumes list', 'larder explain pvc/myapp-data -n default']);
  tab(program);
  return program;
}

/** Runs one command line (without `node` and the script) and returns its exit code. */
async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await larder(terminal).parseAsync([...argv], { from: 'user' });
    return exitCodes.ok;
  } catch (failure) {
    return report(failure, terminal);
  }
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
