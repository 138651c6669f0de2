import type { Command } from 'commander';
import { restore as courseOf } from '../../../cluster/drill/restore.ts';
import { playAnsible } from '../../../cluster/run/ansible.ts';
import { type CommandContext, examples } from '../../program.ts';
import { type DrillOptions, drilling, holdDrill } from './hold-drill.ts';

/** `larder cluster drill restore`: the cluster is set back to a snapshot. */
export function restore(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('restore')
    .description('Take a snapshot of etcd and set the cluster back to it; changes made meanwhile are lost');
  examples(drilling(verb), ['larder cluster drill restore --check']).action((options: DrillOptions) =>
    holdDrill(terminal, options, {
      kind: 'restore',
      stopWords: 'the drill is given up; a restore that was begun goes to its end first',
      course: ({ hands, session, drillId }) =>
        // A restore that was begun is not left in the middle: it gets no signal.
        courseOf(hands, drillId, ({ path, sha256 }) =>
          playAnsible({
            ...{ ...session, signal: undefined },
            playbook: 'restore.yml',
            variables: { larder_snapshot: path, larder_snapshot_sha256: sha256 },
          }),
        ),
    }),
  );
}
