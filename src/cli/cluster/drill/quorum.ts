import type { Command } from 'commander';
import { quorum as courseOf } from '../../../cluster/drill/quorum.ts';
import { type CommandContext, examples } from '../../program.ts';
import { type DrillOptions, drilling, holdDrill } from './hold-drill.ts';

/** `larder cluster drill quorum`: most members of etcd die at once, and come back. */
export function quorum(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('quorum')
    .description('Kill k3s on so many servers that etcd loses its quorum; see that it is told, and that it heals');
  examples(drilling(verb), ['larder cluster drill quorum --check']).action((options: DrillOptions) =>
    holdDrill(terminal, options, { kind: 'quorum', course: ({ hands, drillId }) => courseOf(hands, drillId) }),
  );
}
