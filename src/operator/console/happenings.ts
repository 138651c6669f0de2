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

/** The same recorder, overheard. */
export function happeningsOf(
  recorder: EventRecorder,
  clock: Clock,
): { readonly recorder: EventRecorder; readonly happenings: Happenings } {
  let known: readonly Happening[] = [];
  return {
    happenings: {
      list: () => known,
      recall(told) {
        const later = new Map(known.map((each) => [each.id, each.at]));
        known = withHappened(
          known,
          told.filter(({ id, at }) => at > (later.get(id) ?? Number.NEGATIVE_INFINITY)),
        );
      },
    },
    recorder: {
      flush: (signal) => recorder.flush(signal),
      record(subject, type, reason, message) {
        recorder.record(subject, type, reason, message);
        const { name, namespace = '', uid = '' } = subject.metadata;
        const kind = subject.kind ?? '';
        const id = idOfHappening({ kind, namespace, name, uid, reason, message });
        const count = (known.find((each) => each.id === id)?.count ?? 0) + 1;
        known = withHappened(known, [{ id, at: clock.now(), count, type, kind, namespace, name, reason, message }]);
      },
    },
  };
}
