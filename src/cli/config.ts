import type { Command } from 'commander';
import { z } from 'zod';
import { type ConfigRow, configRow } from '../operator/api.ts';
import { addressOf } from './address-of.ts';
import { type Column, print } from './print.ts';
import { type AskOptions, asking, type CommandContext, examples, group } from './program.ts';
import { askOperator } from './reach.ts';

const columns: readonly Column<ConfigRow>[] = [
  { title: 'KEY', value: (row) => row.key },
  { title: 'VALUE', value: (row) => row.value, cut: 'end' },
  { title: 'SOURCE', value: (row) => row.source },
];

/** `larder config show`: every setting of the running operator and where it came from. */
export function config(program: Command, context: CommandContext): void {
  const root = group(program, 'config', 'Configuration of the running operator');
  examples(asking(root.command('show').description('Each value and where it came from')), [
    'larder config show',
    'larder config show -o yaml',
  ]).action(async (options: AskOptions) => {
    const rows = await askOperator(addressOf(context, options), z.array(configRow), { path: '/api/config' });
    print(context.terminal, options.output, rows, columns);
  });
}
