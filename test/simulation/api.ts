/** The embedded API without its server and its file: a store in memory that no crash of Larder touches. */
import { createCatalog } from '../../src/embedded/catalog.ts';
import { createHousekeeping } from '../../src/embedded/housekeeping.ts';
import { shelfName } from '../../src/embedded/kinds.ts';
import { createRest, inProcessTransport } from '../../src/embedded/rest.ts';
import { createStore } from '../../src/embedded/store.ts';
import { kinds } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import type { Resource } from '../../src/kube/resource.ts';
import type { Transport } from '../../src/kube/transport.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import type { EventSeen } from './calm.ts';
import type { Host } from './scheduler.ts';
import type { Ledger } from './truth.ts';

export interface Api {
  readonly transport: Transport;
  readonly ledger: Ledger;
  /** How the store calls a kind. */
  readonly kindOf: (resource: Resource<KubeObject>) => string;
  readonly events: () => readonly EventSeen[];
}

export function createApi({ clock, random }: Host): Api {
  const store = createStore();
  const catalog = createCatalog(store);
  const rest = createRest({ store, catalog, clock, random });
  void createHousekeeping({ store, catalog, clock, random }, silentLog).start();
  return {
    transport: inProcessTransport(rest),
    ledger: store,
    kindOf: shelfName,
    events: () => store.list(shelfName(kinds.Event)).map(({ object }) => eventOf(object)),
  };
}

function eventOf(object: unknown): EventSeen {
  const { involvedObject, type, reason, message, source, lastTimestamp } = kinds.Event.project(object);
  return {
    uid: involvedObject.uid ?? '',
    type: type ?? '',
    reason: reason ?? '',
    message: message ?? '',
    component: source?.component ?? '',
    lastMs: Date.parse(lastTimestamp ?? ''),
  };
}
