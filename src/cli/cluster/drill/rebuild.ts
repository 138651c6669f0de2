import type { Command } from 'commander';
import { rebuild as courseOf } from '../../../cluster/drill/rebuild.ts';
import { type CommandContext, examples } from '../../program.ts';
import { beginRun } from '../run-cluster.ts';
import { rebuildRequest } from '../run-requests.ts';
import { type RunOptions, running } from '../run-session.ts';
import { type DrillOptions, drillNode, holdDrill } from './hold-drill.ts';

/** `larder cluster drill rebuild`: a node is made again, and the time counts. */
export function rebuild(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('rebuild')
    .argument('[node]', 'which one (default: the last of cluster.yaml)')
    .description('Take a node out, wipe it and let it join again, as a drill: within 60 minutes')
    .option('--check', 'only look whether it could be held now, and say what it would do');
  examples(running(verb), [
    'larder cluster drill rebuild --check',
    'larder cluster drill rebuild pi-cluster-4.local',
  ]).action((name: string | undefined, options: RunOptions & DrillOptions) =>
    holdDrill(terminal, options, {
      kind: 'rebuild',
      stopWords: 'the drill is given up; larder cluster resume goes on with a rebuild that was begun',
      locksItself: true,
      course({ hands, session }) {
        const node = drillNode(session, name);
        // Asked once, with what it means and the window of the node; the run would ask again.
        const accept = options.yes ? options.accept : [...options.accept, 'LARDER_RUN_WINDOW'];
        return courseOf(hands, node, () =>
          beginRun(terminal, { ...options, accept, yes: true }, rebuildRequest(node.name)),
        );
      },
    }),
  );
}
