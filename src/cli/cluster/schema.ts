import type { Command } from 'commander';
import { specSchema } from '../../cluster/spec/json-schema.ts';
import { toJson } from '../output.ts';
import { type CommandContext, examples } from '../program.ts';

/** `larder cluster schema`: what editors check a cluster.yaml with. */
export function schema(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('schema')
    .description('Print the JSON Schema of cluster.yaml, for editors.')
    .action(() => terminal.out(toJson(specSchema())));
  examples(command, ['larder cluster schema > cluster.schema.json']);
}
