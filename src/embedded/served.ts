/** What every handler of requests works with. */
import type { Clock, Random } from '../telemetry/clock.ts';
import type { User } from './access/user.ts';
import type { Catalog } from './catalog.ts';
import type { Store } from './store.ts';
import type { Consult } from './webhook/question.ts';

export interface Served {
  readonly store: Store;
  /** Which kinds there are. */
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly random: Random;
  /** On whose behalf; absent: the API's own. */
  readonly user?: User;
  /** Tells the client something that does not stop the request; absent: nobody listens. */
  readonly warn?: (text: string) => void;
  /** Who else is asked before a write; absent: nobody. */
  readonly consult?: Consult;
}
