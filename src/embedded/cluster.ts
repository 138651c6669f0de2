/** The whole embedded API, put together: store, front door, housekeeping and a transport for this process. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Transport } from '../kube/transport.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import { type Log, silentLog } from '../telemetry/log.ts';
import { type Catalog, createCatalog } from './catalog.ts';
import { createHousekeeping } from './housekeeping.ts';
import { openJournal } from './journal.ts';
import { createRest, inProcessTransport, type Rest } from './rest.ts';
import { createStore, type Store, type StoreOptions } from './store.ts';
import { type Caller, createCaller } from './webhook/caller.ts';
import { ownConsultation } from './webhook/consultation.ts';

export interface Embedded {
  readonly store: Store;
  readonly catalog: Catalog;
  /** Lets everybody in: for callers in this process. A server makes its own, with authentication. */
  readonly rest: Rest;
  readonly transport: Transport;
  /** How webhooks are asked. */
  readonly ask: Caller;
  /** Commits what waits and closes the store. */
  close(): void;
}

export interface EmbeddedOptions {
  /** Where the state is kept; absent = in memory only, without any I/O. The folder is made when absent. */
  readonly dataDir?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** How many changes watches can go back. Default 10,000. */
  readonly historySize?: number;
  /** Default: over HTTPS. */
  readonly ask?: Caller;
}

/** Resolves when the first namespaces are there. @throws EmbeddedError when the state cannot be opened. */
export async function createEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { clock, random, log = silentLog } = options;
  const store = createStore(storeOptions(options));
  const caller = createCaller(clock);
  const { ask = caller.call } = options;
  const catalog = createCatalog(store);
  const rest = createRest({ store, catalog, clock, random, log, ask });
  const housekeeping = createHousekeeping({ store, catalog, clock, random }, log, (own) => ownConsultation(own, ask));
  await housekeeping.start();
  store.compact(store.revision()); // what was before the start is not to be had, as after a restart
  return {
    store,
    catalog,
    rest,
    transport: inProcessTransport(rest),
    ask,
    close() {
      housekeeping.stop();
      catalog.close();
      void caller.close();
      store.close();
    },
  };
}

function storeOptions({ dataDir, historySize }: EmbeddedOptions): StoreOptions {
  const history = historySize === undefined ? {} : { historySize };
  if (dataDir === undefined) return history;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // writers of one turn of the event loop share a commit
  return { ...history, journal: openJournal(join(dataDir, 'state.db')), schedule: (flush) => void setImmediate(flush) };
}
