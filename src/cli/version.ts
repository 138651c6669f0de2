import type { Command } from 'commander';
import { version as larderVersion } from '../operator/version.ts';
import type { OutputFormat } from './output.ts';
import { printLazily } from './print-lazily.ts';
import { type CommandContext, examples, outputOption } from './program.ts';

/** `larder version`: what to write into a bug report. */
export function version(program: Command, context: CommandContext): void {
  const verb = program
    .command('version')
    .description('Print the version of Larder and of what it runs on')
    .addOption(outputOption());
  examples(verb, ['larder version', 'larder version -o json']).action(async (options: { output: OutputFormat }) => {
    const value = {
      larder: larderVersion,
      node: process.versions.node,
      platform: `${process.platform}/${process.arch}`,
    };
    const text = (): string => `larder ${value.larder} (node ${value.node}, ${value.platform})\n`;
    await printLazily(context.terminal, options.output, value, text);
  });
}
