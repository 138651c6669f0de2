/** Alerts with what the ledger says of them. */
import type { Acknowledgement } from '../../ledger/entity.ts';
import { momentOf } from '../../ledger/moment.ts';
import { type Alert, nameOf, type Severity, type Silence, severityOf, subjectOf } from './alert.ts';

export type AlertState =
  /** Nobody has taken it. */
  | 'firing'
  | 'acknowledged'
  /** It was acknowledged, that is over, and it still fires. */
  | 'stale'
  /** Silenced without a record: nobody knows from the ledger who takes care. */
  | 'silenced'
  /** Another alert says the same and more. */
  | 'inhibited';

export interface AlertRow {
  readonly fingerprint: string;
  readonly name: string;
  readonly severity: Severity;
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly state: AlertState;
  /** Who acknowledged or silenced it, until when and why. */
  readonly by?: string;
  readonly until?: string;
  readonly why?: string;
}

interface Known {
  readonly silences: readonly Silence[];
  /** By fingerprint. */
  readonly acknowledgements: { get(fingerprint: string): Acknowledgement | undefined };
  readonly now: number;
}

/** The worst first, of equals the oldest. */
export function alertRows(all: readonly Alert[], known: Known): readonly AlertRow[] {
  return all.map((alert) => rowOf(alert, known)).toSorted(inOrder);
}

/** Somebody should look at it now. */
export function isOpen({ state }: AlertRow): boolean {
  return state === 'firing' || state === 'stale';
}

function rowOf(alert: Alert, known: Known): AlertRow {
  const { fingerprint, labels, startsAt } = alert;
  return {
    fingerprint,
    name: nameOf(labels),
    severity: severityOf(labels),
    subject: subjectOf(labels),
    since: Date.parse(startsAt),
    ...stateOf(alert, known),
  };
}

function stateOf(
  { fingerprint, status }: Alert,
  { silences, acknowledgements, now }: Known,
): Pick<AlertRow, 'state' | 'by' | 'until' | 'why'> {
  const said = acknowledgements.get(fingerprint);
  const told = said && { by: said.acknowledgedBy, until: said.expiresAt, ...(said.comment && { why: said.comment }) };
  if (status.silencedBy.length > 0) {
    const isRecorded =
      said !== undefined && (said.silenceId === undefined || status.silencedBy.includes(said.silenceId));
    if (isRecorded) return { state: 'acknowledged', ...told };
    const silence = silences.find(({ id }) => status.silencedBy.includes(id));
    if (silence === undefined) return { state: 'silenced' };
    return { state: 'silenced', by: silence.createdBy, until: silence.endsAt, why: silence.comment };
  }
  if (status.inhibitedBy.length > 0) return { state: 'inhibited' };
  if (told === undefined) return { state: 'firing' };
  // Without a silence an acknowledgement that runs on says that somebody knows, and Alertmanager tells all the same.
  const runs = said?.silenceId === undefined && momentOf(told.until) > now;
  return { state: runs ? 'acknowledged' : 'stale', ...told };
}

const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];

function inOrder(a: AlertRow, b: AlertRow): number {
  const open = Number(isOpen(b)) - Number(isOpen(a));
  const worse = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  return open || worse || a.since - b.since || (a.fingerprint < b.fingerprint ? -1 : 1);
}
