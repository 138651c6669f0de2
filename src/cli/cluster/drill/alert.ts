import type { Command } from 'commander';
import { alert as courseOf } from '../../../cluster/drill/alert.ts';
import { type CommandContext, examples } from '../../program.ts';
import { type AlertsOptions, reachingAlertmanager, withAlertmanager } from '../alerts/reach-alertmanager.ts';
import { type DrillOptions, drillNode, holdDrill, questioning } from './hold-drill.ts';

/** `larder cluster drill alert`: a node falls silent, and people are told. */
export function alert(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('alert')
    .argument('[node]', 'which one falls silent (default: the last of cluster.yaml)')
    .description('Keep Prometheus from the node exporter of a node; see how long until NodeOffline is told');
  verb.option('--private-key <file>', 'ssh key for the machines (default: as ssh chooses)');
  examples(questioning(reachingAlertmanager(verb)), [
    'larder cluster drill alert --check',
    'larder cluster drill alert pi-cluster-4.local',
  ]).action((name: string | undefined, options: DrillOptions & AlertsOptions) =>
    withAlertmanager(terminal, options, ({ alerts }) =>
      holdDrill(terminal, options, {
        kind: 'alert',
        course: ({ hands, session }) => courseOf(hands, drillNode(session, name), alerts),
      }),
    ),
  );
}
