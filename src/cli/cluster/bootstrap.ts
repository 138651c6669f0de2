import type { Command } from 'commander';
import { type CommandContext, examples } from '../program.ts';
import { beginRun } from './run-cluster.ts';
import { bootstrapRequest } from './run-requests.ts';
import { type RunOptions, running } from './run-session.ts';

/** `larder cluster bootstrap`: from machines that answer ssh to a cluster; again, it puts right what differs. */
export function bootstrap(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('bootstrap')
    .description(
      'Make the cluster of cluster.yaml, or put right what differs. 1 failed, 3 needs approval or an incident',
    );
  examples(running(verb), ['larder cluster bootstrap', 'larder cluster bootstrap --yes']).action(
    (options: RunOptions) => beginRun(terminal, options, bootstrapRequest),
  );
}
