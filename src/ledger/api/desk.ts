/** Where operations are carried out: the ledger, and one turn after the other for what writes. */
import type { Clock } from '../../telemetry/clock.ts';
import { canonicalText } from '../canonical.ts';
import type { EventType, LedgerEvent } from '../event.ts';
import type { Appended, Ledger, Verification } from '../ledger.ts';
import { type LedgerRecord, parseEvent } from '../record.ts';
import type { SignedHead } from '../signed-head.ts';
import type { State } from '../state.ts';
import { type Answer, refused } from './answer.ts';

export interface Desk {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Runs `work` after all that was given before has ended. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  /** Picks up what others wrote, before a reader looks: by itself in a small ledger, a moment later in a large one. */
  fresh(): Promise<void>;
  /** Told after each record, for the commit. */
  wrote(): void;
  /** The newest record, signed by the key of this server. */
  head(): Promise<SignedHead>;
  /** Two who ask at once get one answer. */
  verify(): Promise<Verification>;
}

interface Report {
  readonly type: EventType;
  readonly data: unknown;
  readonly repeated: Repeated;
  /** The thing as it stands after the record; undefined where the record does not count. */
  readonly shown: (state: State, record: string) => unknown;
  readonly location?: string;
}

/** When a client has said it before, which is then no second record: it may repeat what it got no answer to. */
type Repeated =
  /** A thing with an id of the client's: the same again is the same, something else under that id is refused. */
  | { readonly kind: 'id'; readonly is: (data: Readonly<Record<string, unknown>>) => boolean }
  /** A fact without an id: the very same fact. */
  | { readonly kind: 'fact' }
  /** The state of a thing (of which `records` tells): when the last record about it says this already. */
  | { readonly kind: 'state'; readonly records: (state: State) => readonly string[] | undefined };

/** Records what a client reports: 201 for a new thing or fact, 200 for one that was there. */
export function record(desk: Desk, report: Report): Promise<Answer> {
  return desk.turn(async () => {
    const parsed = parseEvent(report.type, report.data);
    if (parsed.kind === 'malformed') return refused(409, 'LARDER_LEDGER_REFUSED', parsed.why);
    const known = said(desk, report, parsed.event);
    if (known !== undefined) return known;
    const { repeated } = report;
    const isThere = repeated.kind === 'state' && repeated.records(desk.ledger.state) !== undefined;
    const appended = await desk.ledger.append({ event: parsed.event });
    if (appended.kind === 'appended') {
      desk.wrote();
      return shown(desk, report, { status: isThere ? 200 : 201, record: appended.record.id });
    }
    // Another process may have written the very same a moment ago; the append has seen it.
    return (appended.kind === 'refused' && said(desk, report, parsed.event)) || notAppended(appended);
  });
}

/** The answer where the ledger says it already, or something else under its id. */
function said(desk: Desk, report: Report, event: LedgerEvent): Answer | undefined {
  const before = earlier(desk.ledger, event, report.repeated);
  if (before === undefined) return undefined;
  if (isSame(before, event)) return shown(desk, report, { status: 200, record: before.id });
  return report.repeated.kind === 'id' ? other(before) : undefined;
}

function earlier({ records, state }: Ledger, event: LedgerEvent, repeated: Repeated): LedgerRecord | undefined {
  switch (repeated.kind) {
    case 'id':
      return records.find(({ type, data }) => type === event.type && repeated.is({ ...data }));
    case 'fact':
      return records.findLast((each) => isSame(each, event));
    case 'state': {
      const last = repeated.records(state)?.at(-1);
      return records.findLast(({ id }) => id === last);
    }
    default:
      return repeated satisfies never;
  }
}

function isSame(before: LedgerRecord, event: LedgerEvent): boolean {
  return before.type === event.type && recordedText(before) === dataText(event.data);
}

/** A fact without an id is looked for among all of its kind. */
const recordedTexts = new WeakMap<LedgerRecord, string>();

function recordedText(record: LedgerRecord): string {
  const text = recordedTexts.get(record) ?? dataText(record.data);
  recordedTexts.set(record, text);
  return text;
}

function dataText(data: LedgerEvent['data']): string {
  return canonicalText(JSON.parse(JSON.stringify(data)));
}

function shown(desk: Desk, report: Report, { status, record: id }: { status: 200 | 201; record: string }): Answer {
  const { location } = report;
  const body = report.shown(desk.ledger.state, id);
  if (body === undefined) return uncounted(id);
  return { kind: 'done', status, body, record: id, ...(location === undefined ? {} : { location }) };
}

/** Two branches of history said different things, and their merge let the other one count. */
function uncounted(id: string): Answer {
  const detail = `record ${id} says this, and does not count: a merge found it in conflict with another branch of the history`;
  return refused(409, 'LARDER_LEDGER_CONFLICT', detail, { record: id });
}

function other(before: LedgerRecord): Answer {
  const detail = `record ${before.id} already says something else under this id: send what it says, or choose another id`;
  return refused(409, 'LARDER_LEDGER_CONFLICT', detail, { record: before.id });
}

/** Why nothing was recorded. */
export function notAppended(outcome: Exclude<Appended, { kind: 'appended' }>): Answer {
  switch (outcome.kind) {
    case 'refused': {
      const { violations } = outcome;
      const detail = violations.map(({ message }) => message).join('; ');
      return refused(409, 'LARDER_LEDGER_REFUSED', detail, { violations });
    }
    case 'secret': {
      const places = outcome.findings.map(({ where, kind }) => `${where} (${kind})`).join(', ');
      const detail = `what looks like a secret is in ${places}: nothing was recorded. Take it out, and rotate it if it is one`;
      return refused(422, 'LARDER_LEDGER_SECRET', detail, { findings: outcome.findings });
    }
    case 'broken': {
      const [first] = outcome.findings;
      const detail = `the ledger is broken, and nothing is added to it until it is mended: ${first?.message ?? 'run larder ledger verify'}`;
      return refused(409, 'LARDER_LEDGER_BROKEN', detail, { findings: outcome.findings });
    }
    default:
      return outcome satisfies never;
  }
}
