/** What was told about objects since this process began: the events that were recorded, kept in memory for the console. */
import type { EventRecorder } from '../../kube/events.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { type Happening, withHappened } from './feed.ts';

export interface Happenings {
  /** Newest first. */
  list(): readonly Happening[];
}

/** The same recorder, overheard. */
export function happeningsOf(
  recorder: EventRecorder,
  clock: Clock,
): { readonly recorder: EventRecorder; readonly happenings: Happenings } {
  let known: readonly Happening[] = [];
  return {
    happenings: { list: () => known },
    recorder: {
      flush: (signal) => recorder.flush(signal),
      record(subject, type, reason, message) {
        recorder.record(subject, type, reason, message);
        const { name, namespace = '', uid = '' } = subject.metadata;
        const kind = subject.kind ?? '';
        const id = JSON.stringify([kind, namespace, name, uid, reason, message]);
        const count = (known.find((each) => each.id === id)?.count ?? 0) + 1;
        known = withHappened(known, [{ id, at: clock.now(), count, type, kind, namespace, name, reason, message }]);
      },
    },
  };
}
