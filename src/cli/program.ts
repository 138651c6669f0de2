import { Command, Option } from 'commander';
import { version } from '../operator/version.ts';
import type { ChangeLog } from './changes.ts';
import { folded } from './folded.ts';
import type { OutputFormat, Terminal } from './output.ts';
import { outputFormats } from './output.ts';

/** What every verb gets: where to write, and whom to tell before it changes something. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly changes: ChangeLog;
}

/** Beside the longest flags 80 columns leave less than the 40 below which commander does not wrap. */
const LEAST_WRAPPED = 20;

/** Set by bin/kubectl-larder, so that help and examples say what its user types. */
const CALLED_AS = 'LARDER_CALLED_AS';

/** `larder` without a verb. */
export function rootCommand(terminal: Terminal): Command {
  return new Command(terminal.env[CALLED_AS] === 'kubectl' ? 'kubectl larder' : 'larder')
    .description('Storage for small Kubernetes clusters: a named directory for every claim, growth before it fills.')
    .version(version)
    .exitOverride()
    .configureHelp({
      minWidthToWrap: LEAST_WRAPPED,
      // In a list no line ends in a full stop, whether its description is one sentence or several.
      subcommandDescription: (command) => (command.summary() || command.description()).replace(/\.$/, ''),
    }) // inherited by all verbs
    .showHelpAfterError('(add --help for the options and examples)')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
}

/** Options of every verb that asks the operator. */
export interface AskOptions {
  readonly output: OutputFormat;
  readonly namespace?: string;
  readonly operator?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print').choices([...outputFormats]).default('table');
}

/** Adds the options of a verb that asks the operator; `output: false` for one with formats of its own. */
export function asking(command: Command, { output = true }: { readonly output?: boolean } = {}): Command {
  if (output) command.addOption(outputOption());
  return command
    .addOption(new Option('-n, --namespace <namespace>', "namespace (default: the kubeconfig context's)"))
    .addOption(new Option('--operator <url>', 'address of the operator (default: from the kubeconfig of `larder up`)'))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig (default: its current one)'));
}

/** Adds the options of a verb that changes something; it calls `changes.begin` before it does. */
export function recording(command: Command): Command {
  return command
    .addOption(
      new Option('--ledger <ledger>', 'record the change here: a folder with a ledger, or its address').env(
        'LARDER_LEDGER',
      ),
    )
    .addOption(new Option('--ledger-key <file>', 'ssh key that signs the record (default: as for git and ssh)'));
}

/** `larder <group>`: a command that only holds verbs prints its help when called bare, and names the nearest verb where one is misspelt; exit code 2. */
export function group(program: Command, name: string, description: string): Command {
  const command = new Command(name).description(description).helpCommand(false);
  program.addCommand(command.copyInheritedSettings(program));
  return command;
}

const written = new WeakMap<Command, readonly string[]>();

/** Examples at the end of `--help`; each line is a command that a test runs. They name the program as its user calls it. */
export function examples(command: Command, lines: readonly string[]): Command {
  written.set(command, lines);
  return command.addHelpText('after', () => {
    const called = lines.map((line) => line.replace(/^larder\b/, rootOf(command).name()));
    return `\nExamples:\n${called.map(exampleText).join('\n')}`;
  });
}

/** The examples of a command, as they are written in the sources. */
export function examplesOf(command: Command): readonly string[] {
  return written.get(command) ?? [];
}

const COLUMNS = 80;
const INDENT = '  ';

function exampleText(line: string): string {
  return folded(line, COLUMNS - INDENT.length).replaceAll(/^/gm, INDENT);
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
