/** What the cluster remembers of what was told, which is an hour of it unless its administrator keeps more. */
import type { Client, ListOptions } from '../../kube/client.ts';
import { messageOf } from '../../kube/error.ts';
import { kinds } from '../../kube/kinds.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { HAPPENINGS_AT_MOST, type Happening } from './feed.ts';
import { credibleHappenings, happeningOf, newestHappenings } from './happening.ts';
import type { Happenings } from './happenings.ts';

/** As the recorder of this process signs its events. */
export const EVENT_COMPONENT = 'larder';
/** Pages of 500. The API gives events by name, so that the newest may be on the last page; beyond these nothing is looked at. */
const PAGES = 20;
const PAGES_OF_ONE = 1;

export interface PastOptions {
  readonly client: Client;
  readonly happenings: Happenings;
  readonly clock: Clock;
  readonly log: Log;
}

/** What Larder told before this process began. Never rejects: without it the console begins with nothing. */
export async function recallHappenings(
  { client, happenings, clock, log }: PastOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    const told = await toldIn(client, {
      fieldSelector: `reportingComponent=${EVENT_COMPONENT}`,
      pagesAtMost: PAGES,
      signal,
    });
    happenings.recall(newestHappenings(credibleHappenings(told, clock.now()), HAPPENINGS_AT_MOST));
  } catch (failure) {
    if (!signal.aborted) log.warn({ err: failure, detail: messageOf(failure) }, 'past events were not read');
  }
}

export interface EventsAbout {
  readonly kind: 'PersistentVolumeClaim' | 'PersistentVolume';
  /** Empty for a PersistentVolume. */
  readonly namespace: string;
  readonly name: string;
}

/** What anybody told about one object, newest first. */
export async function eventsAbout(
  client: Client,
  { kind, namespace, name }: EventsAbout,
  signal: AbortSignal,
): Promise<readonly Happening[]> {
  const told = await toldIn(client, {
    namespace: namespace === '' ? 'default' : namespace, // where the API keeps events of objects without one
    fieldSelector: `involvedObject.kind=${kind},involvedObject.name=${name}`,
    pagesAtMost: PAGES_OF_ONE,
    signal,
  });
  return newestHappenings(told, HAPPENINGS_AT_MOST);
}

async function toldIn(client: Client, options: ListOptions): Promise<readonly Happening[]> {
  const { items } = await client.list(kinds.Event, { ...options, onMalformed: () => undefined });
  return items.flatMap((event) => happeningOf(event) ?? []);
}
