/** What every handler of requests works with. */
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Store } from './store.ts';

export interface Served {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}
