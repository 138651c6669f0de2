/** What was told about objects: the events that this process records, and those that it found, kept in memory for the console. */
import type { EventRecorder } from '../../kube/events.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { type Happening, withHappened } from './feed.ts';
import { idOfHappening } from './happening.ts';

export interface Happenings {
  /** Newest first. */
  list(): readonly Happening[];
  /** Adds what was told before this process began. */
  recall(told: readonly Happening[]): void;
}

/** What is recorded is put in its place with others, when somebody looks or so many have come together. */
const TOGETHER = 100;

/** The same recorder, overheard. */
export function happeningsOf(
  recorder: EventRecorder,
  clock: Clock,
): { readonly recorder: EventRecorder; readonly happenings: Happenings } {
  let known: readonly Happening[] = [];
  let counts: ReadonlyMap<string, number> = new Map();
  /** By id, the newest last: sorting the known ones for each of a thousand claims at once would cost as much as saving them. */
  const fresh = new Map<string, Happening>();
  const list = (): readonly Happening[] => {
    if (fresh.size === 0) return known;
    known = withHappened(known, [...fresh.values()].reverse());
    counts = new Map(known.map(({ id, count }) => [id, count]));
    fresh.clear();
    return known;
  };
  return {
    happenings: {
      list,
      recall(told) {
        const later = new Map(list().map((each) => [each.id, each.at]));
        known = withHappened(
          known,
          told.filter(({ id, at }) => at > (later.get(id) ?? Number.NEGATIVE_INFINITY)),
        );
        counts = new Map(known.map(({ id, count }) => [id, count]));
      },
    },
    recorder: {
      flush: (signal) => recorder.flush(signal),
      record(subject, type, reason, message) {
        recorder.record(subject, type, reason, message);
        const { name, namespace = '', uid = '' } = subject.metadata;
        const kind = subject.kind ?? '';
        const id = idOfHappening({ kind, namespace, name, uid, reason, message });
        const count = (fresh.get(id)?.count ?? counts.get(id) ?? 0) + 1;
        fresh.delete(id); // what happened again is the newest
        fresh.set(id, { id, at: clock.now(), count, type, kind, namespace, name, reason, message });
        if (fresh.size >= TOGETHER) list();
      },
    },
  };
}
