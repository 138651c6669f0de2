/**
 * What Kubernetes' own controllers do to the objects served here and nobody else would: the first namespaces, the end
 * of a namespace, its default ServiceAccount, the status of quotas, and the end of old events. Level-triggered: every
 * pass looks at what is there and does what is missing.
 */
import type { Log } from '../telemetry/log.ts';
import { attributesUsers, releaseAttributesClasses } from './attributes-protection.ts';
import { insert } from './create.ts';
import { endDefinitions, nameDefinitions } from './definitions.ts';
import type { JsonObject } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { EVENT_TTL_MS, lastTrueMs } from './kinds/event.ts';
import {
  CLAIMS,
  DEFINITIONS,
  EVENTS,
  findKind,
  kinds,
  NAMESPACES,
  QUOTAS,
  SERVICE_ACCOUNTS,
  shelfName,
} from './kinds.ts';
import { isTerminating } from './metadata.ts';
import { endNamespaces } from './namespace-end.ts';
import { refreshQuotas } from './quota.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor } from './stored.ts';

const FIRST_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const EXPIRY_PASS_MS = 60_000;
const RETRY_MS = 10_000;

/** Something to do, found by looking at the state; done inside a transaction, where it is looked at again. */
export type Chore = (transaction: Transaction, served: Served) => void;

interface Task {
  /** The kinds after whose changes it looks. */
  readonly kinds: readonly string[];
  /** And after those of the kinds that are defined. */
  readonly defined?: boolean;
  readonly look: () => readonly Chore[];
}

export interface Housekeeping {
  /** Resolves when the first namespaces are there. */
  start(): Promise<void>;
  stop(): void;
}

/** `asking` gives the same with webhooks that are asked, for one chore. Default: nobody is. */
export function createHousekeeping(
  served: Served,
  log: Log,
  asking: (served: Served) => Served = (own) => own,
): Housekeeping {
  const { store, catalog, clock } = served;
  const tasks = tasksOf(served);
  const due = new Set<Task>();
  const stops: (() => void)[] = [];
  let running = false;
  let stopped = false;

  const perform = async (chore: Chore): Promise<void> => {
    const own = asking(served);
    await own.store.transact((transaction) => chore(transaction, own));
  };
  const run = async (): Promise<void> => {
    running = true;
    try {
      for (const task of due) {
        due.delete(task); // a change during its chores puts it back, at the end
        for (const chore of task.look()) {
          if (!stopped) await perform(chore);
        }
      }
    } catch (cause) {
      if (!stopped) log.error({ err: cause }, 'housekeeping failed');
      const timer = clock.after(RETRY_MS, () => tasks.forEach(wake)); // a webhook may have said no
      stops.push(() => timer.cancel());
    } finally {
      running = false;
    }
  };
  const wake = (task: Task): void => {
    due.add(task);
    if (!running && !stopped) void run();
  };

  const followed = new Set<string>();
  const followDefined = (): void => {
    for (const shelf of catalog.stored().keys()) {
      if (followed.has(shelf)) continue;
      followed.add(shelf);
      for (const task of tasks.filter(({ defined }) => defined)) stops.push(store.onChange(shelf, () => wake(task)));
    }
  };

  return {
    async start() {
      await store.transact((transaction) => {
        for (const name of FIRST_NAMESPACES) make(transaction, served, kindOf(NAMESPACES), { namespace: '', name });
      });
      for (const task of tasks) {
        for (const kind of task.kinds) stops.push(store.onChange(kind, () => wake(task)));
        wake(task);
      }
      followDefined();
      stops.push(catalog.onChange(followDefined));
    },
    stop() {
      stopped = true;
      for (const stop of stops) stop();
    },
  };
}

function tasksOf(served: Served): readonly Task[] {
  const { store, catalog } = served;
  return [
    { kinds: kinds.map(shelfName), defined: true, look: () => endNamespaces(store, catalog) },
    { kinds: [DEFINITIONS], look: () => nameDefinitions(served) },
    { kinds: [DEFINITIONS], defined: true, look: () => endDefinitions(served) },
    { kinds: [NAMESPACES, SERVICE_ACCOUNTS], look: () => makeAccounts(served) },
    { kinds: [CLAIMS, QUOTAS], look: () => refreshQuotas(store) },
    { kinds: attributesUsers, look: () => releaseAttributesClasses(store) },
    { kinds: [EVENTS], look: everyMinute(served, () => expireEvents(served)) },
  ];
}

function kindOf(plural: string): Kind {
  const kind = findKind('', 'v1', plural);
  if (!kind) throw new Error(`${plural} are not served`);
  return kind;
}

const PARAMETERS = {
  dryRun: false,
  fieldManager: 'kube-controller-manager',
  named: true,
  fieldValidation: 'Ignore',
  force: false,
} as const;

/** Unless it is there. */
function make(
  transaction: Transaction,
  served: Served,
  kind: Kind,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): void {
  if (transaction.get(shelfName(kind), keyFor(namespace, name))) return;
  const metadata: JsonObject = namespace === '' ? { name } : { name, namespace };
  const object = { kind: kind.kind, apiVersion: groupVersion(kind), metadata };
  const target = { kind, namespace, name: '', subresource: '' };
  insert(transaction, { served, target, object, parameters: PARAMETERS });
}

function makeAccounts(served: Served): readonly Chore[] {
  const { store } = served;
  const lacking = store
    .list(NAMESPACES)
    .filter(({ name, object }) => !isTerminating(object) && !store.get(SERVICE_ACCOUNTS, keyFor(name, 'default')));
  return lacking.map(({ name }) => (transaction, own) => {
    const found = transaction.get(NAMESPACES, name);
    if (!found || isTerminating(found.object)) return;
    make(transaction, own, kindOf(SERVICE_ACCOUNTS), { namespace: name, name: 'default' });
  });
}

/** Events come in numbers; looking at all of them after each would be quadratic. */
function everyMinute({ clock }: Served, look: () => readonly Chore[]): () => readonly Chore[] {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.now() - lastMs < EXPIRY_PASS_MS) return [];
    lastMs = clock.now();
    return look();
  };
}

function expireEvents({ store, clock }: Served): readonly Chore[] {
  const nowMs = clock.now();
  const old = store.list(EVENTS).filter(({ object }) => nowMs - lastTrueMs(object) > EVENT_TTL_MS);
  if (old.length === 0) return [];
  return [
    (transaction) => {
      // an event that was raised meanwhile has another revision and stays
      for (const { key, revision } of old) {
        if (transaction.get(EVENTS, key)?.revision === revision) transaction.remove(EVENTS, key);
      }
    },
  ];
}
