/** What can go wrong with a drill, as `larder cluster drill` says it. */
import type { ErrorTable } from '../../telemetry/registry.ts';

export const drillErrors = {
  LARDER_DRILL_REFUSED: {
    meaning:
      'The drill was not begun: something in the cluster is not as it should be, and the drill would make it worse. Each reason is named. Nothing was changed.',
    remedy: 'Mend what each reason says, or wait until it has settled. Then run the command again.',
  },
  LARDER_DRILL_BLIND: {
    meaning: 'The drill was not begun: nobody could tell how the cluster is. Nothing was changed.',
    remedy: 'Look at what the message names: ssh, the host key, sudo, python3 on the node.',
  },
  LARDER_DRILL_ABORTED: {
    meaning:
      'The drill was given up, because something else degraded, because somebody said no, or because it was stopped. What it had done was taken back.',
    remedy: 'Look at the node that the message names before anything else: `journalctl -u k3s`.',
  },
  LARDER_DRILL_FAILED: {
    meaning: 'The drill was held, and the cluster did not do what it should. It is recorded as failed.',
    remedy: 'The step that failed says what was waited for. The runbook of the drill says how to find out why.',
  },
  LARDER_DRILL_NOT_BACK: {
    meaning: 'The drill is over, and something that it stopped or changed is not back as it was.',
    remedy:
      'Do what the message says, now. What a failover, quorum or alert drill stopped, a timer on the node brings back as well, 15 minutes after the drill began.',
  },
} as const satisfies ErrorTable;

export type DrillCode = keyof typeof drillErrors;
