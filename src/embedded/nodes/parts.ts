/** What the controllers of the node share. */
import type { Client } from '../../kube/client.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { VolumeCaches } from '../volumes/caches.ts';
import type { Notices } from '../volumes/notices.ts';
import type { NodeIdentity } from './status.ts';

export interface NodeParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly identity: NodeIdentity;
  readonly caches: VolumeCaches;
  /** What the scheduler says about pods. */
  readonly scheduling: Notices;
  /** What the kubelet says about pods. */
  readonly mounting: Notices;
}
