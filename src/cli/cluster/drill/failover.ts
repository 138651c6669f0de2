import type { Command } from 'commander';
import { failover as courseOf } from '../../../cluster/drill/failover.ts';
import { leaderOf } from '../../../cluster/drill/gate.ts';
import { servers } from '../../../cluster/spec/rules/rule.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { type CommandContext, examples } from '../../program.ts';
import { type DrillOptions, drilling, holdDrill } from './hold-drill.ts';

interface Options extends DrillOptions {
  readonly hold: string;
}

/** `larder cluster drill failover`: the leader of etcd dies, and comes back. */
export function failover(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('failover')
    .description('Kill k3s on the server that leads etcd; see how long the others need to go on without it')
    .option('--hold <seconds>', 'for how long the others are watched before it is started again', '10');
  examples(drilling(verb), ['larder cluster drill failover --check', 'larder cluster drill failover']).action(
    (options: Options) => {
      const holdMs = secondsOf(options.hold) * 1000;
      return holdDrill(terminal, options, {
        kind: 'failover',
        course({ hands, seen }) {
          const leader = leaderOf(seen) ?? servers(hands.spec)[0];
          if (leader === undefined) throw new Exit(exitCodes.usage, 'cluster.yaml has no server');
          return courseOf(hands, { leader, holdMs });
        },
      });
    },
  );
}

function secondsOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 600) return value;
  throw new Exit(exitCodes.usage, `--hold ${text} is not a number of seconds from 0 to 600`);
}
