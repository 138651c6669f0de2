/** Events of the cluster as the console tells them. Pure. */
import type { Event } from '../../kube/kinds.ts';
import type { Happening } from './feed.ts';

type Told = Pick<Happening, 'kind' | 'namespace' | 'name' | 'reason' | 'message'> & { readonly uid: string };

/** The same words about the same object, whoever remembers them. */
export function idOfHappening({ kind, namespace, name, uid, reason, message }: Told): string {
  return JSON.stringify([kind, namespace, name, uid, reason, message]);
}

/** Undefined: it names no object, or no time that can be read. */
export function happeningOf(event: Event): Happening | undefined {
  const { involvedObject: about, metadata } = event;
  const at = Date.parse(event.lastTimestamp ?? event.eventTime ?? metadata.creationTimestamp ?? '');
  if (about.name === undefined || Number.isNaN(at)) return undefined;
  const { kind = '', namespace = '', name, uid = '' } = about;
  const { reason = '', message = '', count = 1 } = event;
  const type = event.type === 'Warning' ? 'Warning' : 'Normal';
  const id = idOfHappening({ kind, namespace, name, uid, reason, message });
  return { id, at, count, type, kind, namespace, name, reason, message };
}

/** Newest first, each told once: by whoever knows the later time. */
export function newestHappenings(told: Iterable<Happening>, atMost: number): readonly Happening[] {
  const byId = new Map<string, Happening>();
  for (const each of told) {
    const known = byId.get(each.id);
    if (!known || each.at > known.at || (each.at === known.at && each.count > known.count)) byId.set(each.id, each);
  }
  return [...byId.values()].sort((one, other) => other.at - one.at).slice(0, atMost);
}

/** Clocks differ by so much. */
const AHEAD_MS = 60_000;
const OF_ONE_NAMESPACE = 60;

/**
 * Those that may be believed: anybody may write events in a namespace of theirs, in our name too. One of the future would
 * stay the newest for ever, and many of one namespace would leave no room for those of others.
 */
export function credibleHappenings(told: readonly Happening[], now: number): readonly Happening[] {
  const present = told.filter(({ at }) => at <= now + AHEAD_MS);
  const byNamespace = Map.groupBy(present, ({ namespace }) => namespace);
  return [...byNamespace.values()].flatMap((each) => newestHappenings(each, OF_ONE_NAMESPACE));
}
