/** Taking an alert for a while: which one is meant, the silence that says so, and what the ledger is told. Pure. */
import type { EventData } from '../../ledger/event.ts';
import { WatchError } from '../registry.ts';
import { type Alert, nameOf, type Silence, subjectOf } from './alert.ts';
import type { NewSilence } from './alertmanager.ts';

/** A silence that lasts longer hides what comes after; it can be renewed. */
export const ACKNOWLEDGED_AT_MOST_MS = 7 * 86_400_000;

export interface AcknowledgementWish {
  readonly ms: number;
  readonly reason: string;
  /** Who takes care. */
  readonly by: string;
}

export interface AcknowledgementPlan {
  /** In one sentence. */
  readonly what: string;
  readonly silence: NewSilence;
  /** Of the record, which gets the id of the silence when there is one. */
  readonly data: EventData<'alert-acknowledged'>;
}

/** By its fingerprint, the beginning of it, or its name. `name`: of the Alertmanager. Throws WatchError LARDER_ALERTS_NOT_FOUND, also where several are meant. */
export function alertMeant(all: readonly Alert[], id: string, name: string): Alert {
  const exact = all.filter(({ fingerprint }) => fingerprint === id);
  const begins = all.filter(({ fingerprint }) => id.length >= 4 && fingerprint.startsWith(id));
  const called = all.filter(({ labels }) => nameOf(labels) === id);
  const found = [exact, begins, called].find((some) => some.length > 0) ?? [];
  const [alert] = found;
  if (alert !== undefined && found.length === 1) return alert;
  const several = found.map(({ fingerprint, labels }) => `${fingerprint} ${subjectOf(labels)}`).join('\n');
  throw new WatchError(
    'LARDER_ALERTS_NOT_FOUND',
    alert === undefined
      ? `${name} has no alert ${id}: see larder cluster alerts list`
      : `${id} is several alerts:\n${several}`,
  );
}

/** `earlier`: the silence of the last acknowledgement; it is changed instead of a second one made beside it. `now`: epoch ms. */
export function acknowledgementPlan(
  { fingerprint, labels }: Alert,
  { ms, reason, by }: AcknowledgementWish,
  now: number,
  earlier?: Silence,
): AcknowledgementPlan {
  const expiresAt = new Date(now + ms).toISOString();
  const subject = `${nameOf(labels)} ${subjectOf(labels)}`.trim();
  return {
    what: `${subject} (${fingerprint}) is silent until ${expiresAt}, for ${by}: ${reason}`,
    silence: {
      ...(earlier === undefined ? {} : { id: earlier.id }),
      matchers: Object.entries(labels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
      // Alertmanager makes another silence, with another id, of a change to the start of one that runs (`canUpdate`, silence.go, 0.34).
      startsAt: earlier?.startsAt ?? new Date(now).toISOString(),
      endsAt: expiresAt,
      createdBy: by,
      comment: reason,
    },
    data: { fingerprint, alertName: nameOf(labels), acknowledgedBy: by, expiresAt, comment: reason },
  };
}

/** The silence that an acknowledgement made, where it still runs. */
export function runningSilence(all: readonly Silence[], silenceId: string | undefined): Silence | undefined {
  if (silenceId === undefined) return undefined;
  return all.find(({ id, status }) => id === silenceId && status.state === 'active');
}
