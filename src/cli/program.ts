import { Command, Option } from 'commander';
import { version } from '../operator/version.ts';
import type { ChangeLog } from './changes.ts';
import type { OutputFormat, Terminal } from './output.ts';
import { outputFormats } from './output.ts';
import { namespaceOf, type OperatorAddress, operatorAddress } from './reach.ts';

/** What every verb gets: where to write, and whom to tell before it changes something. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly changes: ChangeLog;
}

/** `larder` without a verb. */
export function rootCommand(terminal: Terminal): Command {
  return new Command('larder')
    .description('Storage for small Kubernetes clusters: a named directory for every claim, growth before it fills.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
}

/** Options of every verb that asks the operator. */
export interface AskOptions {
  readonly output: OutputFormat;
  readonly namespace?: string;
  readonly operator?: string;
  readonly kubeconfig?: string;
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
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)'));
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

export function addressOf(context: CommandContext, options: AskOptions): OperatorAddress {
  return operatorAddress({ ...options, env: context.terminal.env });
}

export function namespaceOption(context: CommandContext, options: AskOptions): string {
  return namespaceOf({ ...options, env: context.terminal.env });
}

/** `larder <group>`: a command that only holds verbs prints its help when called bare, and names the nearest verb where one is misspelt; exit code 2. */
export function group(program: Command, name: string, description: string): Command {
  const command = new Command(name).description(description).helpCommand(false);
  program.addCommand(command.copyInheritedSettings(program));
  return command;
}

/** Examples at the end of `--help`; each line is a command that a test runs. */
export function examples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}
