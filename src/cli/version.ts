import type { Command } from 'commander';
import { version as larderVersion } from '../operator/version.ts';
import { type OutputFormat, printOne } from './output.ts';
import { type CommandContext, examples, outputOption } from './program.ts';

/** `larder version`: what to write into a bug report. */
export function version(program: Command, context: CommandContext): void {
  const verb = program
    .command('version')
    .description('Print the version of Larder and of what it runs on')
    .addOption(outputOption());
  examples(verb, ['larder version', 'larder version -o json']).action((options: { output: OutputFormat }) => {
    const value = {
      larder: larderVersion,
      node: process.versions.node,
      platform: `${process.platform}/${process.arch}`,
    };
    const text = (): string => `larder ${value.larder} (node ${value.node}, ${value.platform})\n`;
    printOne(context.terminal, options.output, value, text);
  });
}
