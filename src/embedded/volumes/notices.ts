import type { Outcome } from '../../kube/controller.ts';
import type { EventRecorder, EventSubject } from '../../kube/events.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { events, type Notice } from '../events.ts';

export interface Notices {
  /**
   * Records the event unless it is what was last said about the object less than `remindMs` ago. Returns the outcome of
   * a reconcile that has nothing else to do: look again when it is time to remind.
   */
  say(key: string, subject: EventSubject, notice: Notice): Outcome;
  /** There is nothing to say about the object any more. */
  forget(key: string): void;
}

/**
 * Says once what a reconcile finds every time. The API forgets events, so a reason that stays is said again after
 * `remindMs`, while it can still be read.
 */
export function createNotices(options: { recorder: EventRecorder; clock: Clock; remindMs: number }): Notices {
  const { recorder, clock, remindMs } = options;
  const said = new Map<string, { readonly text: string; readonly atMs: number }>();
  return {
    say(key, subject, { reason, message, type = events[reason].type }) {
      const nowMs = clock.monotonic();
      const text = `${subject.metadata.uid} ${reason} ${message}`;
      const last = said.get(key);
      const leftMs = last?.text === text ? last.atMs + remindMs - nowMs : 0;
      if (leftMs > 0) return again(leftMs, reason);
      said.set(key, { text, atMs: nowMs });
      recorder.record(subject, type, reason, message);
      return again(remindMs, reason);
    },
    forget(key) {
      said.delete(key);
    },
  };
}

function again(afterMs: number, reason: string): Outcome {
  return Number.isFinite(afterMs) ? { kind: 'again', afterMs, reason } : { kind: 'done' };
}
