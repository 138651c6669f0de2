import type { Command } from 'commander';
import { type CommandContext, examples } from '../program.ts';
import { beginRun } from './run-cluster.ts';
import { rebuildRequest } from './run-requests.ts';
import { type RunOptions, running } from './run-session.ts';

/** `larder cluster rebuild`: one node leaves, is wiped, and comes back. */
export function rebuild(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('rebuild')
    .argument('<node>', 'name or alias of cluster.yaml')
    .description('Take a node out, wipe it and let it join again. 1 failed, 3 needs approval or an incident');
  examples(running(verb), ['larder cluster rebuild pi-cluster-4.local']).action((node: string, options: RunOptions) =>
    beginRun(terminal, options, rebuildRequest(node)),
  );
}
