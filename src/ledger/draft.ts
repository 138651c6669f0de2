/** A record before it is signed. */
import type { LedgerEvent } from './event.ts';
import { type Artifact, type LedgerRecord, recordPath, recordText, SCHEMA_VERSION, type Unsigned } from './record.ts';
import { hashOf, type RecordFile, recordFile } from './record-file.ts';

/** Clocks of operators differ by seconds. What is further behind is a clock that is wrong. */
const CLOCK_BEHIND_AT_MOST_MS = 5 * 60_000;

export type Moment =
  | { readonly kind: 'at'; readonly at: string; readonly note?: string }
  | { readonly kind: 'behind'; readonly clock: string; readonly last: string };

/**
 * When a record is made: now, and never before those that it follows. A clock that is a little behind gets the time of the
 * last record, because time in a ledger does not go back; one that is far behind gets nothing.
 */
export function momentAfter(last: readonly Pick<LedgerRecord, 'at'>[], now: number): Moment {
  const clock = new Date(now).toISOString();
  const latest =
    last
      .map(({ at }) => at)
      .sort()
      .at(-1) ?? '';
  if (latest <= clock) return { kind: 'at', at: clock };
  if (Date.parse(latest) - now > CLOCK_BEHIND_AT_MOST_MS) return { kind: 'behind', clock, last: latest };
  return {
    kind: 'at',
    at: latest,
    note: `the clock says ${clock}, before the last record: recorded with its time, ${latest}`,
  };
}

export interface Draft {
  readonly event: LedgerEvent;
  readonly id: string;
  readonly at: string;
  readonly operator: string;
  /** What it follows; none for the first. */
  readonly parents: readonly Pick<LedgerRecord, 'seq' | 'hash'>[];
  readonly artifacts: readonly Artifact[];
  readonly gitCommit: string | null;
}

/** The members stand in the order of the envelope, because the text of the file does. */
export function drafted({ event, id, at, operator, parents, artifacts, gitCommit }: Draft): Unsigned {
  const seq = Math.max(0, ...parents.map((parent) => parent.seq)) + 1;
  const head = { schemaVersion: SCHEMA_VERSION, seq, prev: parents[0]?.hash ?? null, id } as const;
  const envelope = { ...head, type: event.type, at, operator, data: event.data };
  return { ...envelope, artifacts: [...artifacts], gitCommit, ...event };
}

/** With its hash and signature, read back from the text that its file will have: what cannot be read back is never written. */
export function sealed(record: Unsigned, signature: string): RecordFile {
  const text = recordText({ ...record, hash: hashOf(record), signature });
  return recordFile(recordPath(record), new TextEncoder().encode(text));
}
