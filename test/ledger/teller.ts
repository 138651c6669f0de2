/** Tells histories for tests: records that hang together and fit their schemas, with no key behind their signatures. */
import { createHash } from 'node:crypto';
import type { EventType } from '../../src/ledger/event.ts';
import {
  type LedgerRecord,
  parseEvent,
  parseRecord,
  recordText,
  type Unsigned,
  unsignedText,
} from '../../src/ledger/record.ts';

/** One thing that is said: the type, its data, and where it matters by whom and when. */
export interface Told {
  readonly type: EventType;
  readonly data: Readonly<Record<string, unknown>>;
  readonly operator?: string;
  readonly at?: string;
  /** The key that signs it; absent: nothing is said about keys. */
  readonly key?: string;
  readonly artifacts?: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
}

export function told(type: EventType, data: Told['data'], more: Omit<Told, 'type' | 'data'> = {}): Told {
  return { type, data, ...more };
}

export function keyOf(name: string): string {
  return `ssh-ed25519 ${Buffer.from(name).toString('base64')}`;
}

/** Of any text, for fields that hold a hash. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A version 4 UUID that is the same for the same number. */
export function idOf(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

const FIRST_AT = Date.UTC(2026, 2, 1);
const MINUTE_MS = 60_000;

/** `2026-03-01T00:07:00.000Z` for 7. */
export function minute(minutes: number): string {
  return new Date(FIRST_AT + minutes * MINUTE_MS).toISOString();
}

/** When the record of that number is made: after all that records tell. */
export function recordedAt(seq: number): string {
  return minute(600 + seq);
}

/** The beginning of every history here: ana is admin, ben operator, bot a server. */
export const opening: Told = told(
  'ledger-opened',
  {
    ledgerId: idOf(0xfff),
    title: 'home',
    operators: [
      { operatorId: 'ana', role: 'admin', keys: [keyOf('ana')] },
      { operatorId: 'ben', role: 'operator', keys: [keyOf('ben')] },
      { operatorId: 'bot', role: 'server', keys: [keyOf('bot')] },
    ],
  },
  { operator: 'ana' },
);

/** As `recordOf`, without a hash of its own or of its parent: for what looks at neither. */
export function draftOf(said: Told, parent: Unsigned | undefined): Unsigned {
  const parsed = parseEvent(said.type, said.data);
  if (parsed.kind === 'malformed') throw new Error(`${said.type}: ${parsed.why}`);
  const seq = (parent?.seq ?? 0) + 1;
  const { at = recordedAt(seq), operator = 'ana', artifacts = [] } = said;
  const envelope = { schemaVersion: 1, seq, prev: null, id: idOf(seq), at, operator, gitCommit: null } as const;
  return { ...envelope, artifacts: [...artifacts], ...parsed.event };
}

/** The record that says it after `parent`; a minute later, by ana, unless told otherwise. Throws where no schema takes it. */
export function recordOf(said: Told, parent: LedgerRecord | undefined, id?: string): LedgerRecord {
  const seq = (parent?.seq ?? 0) + 1;
  const draft = {
    schemaVersion: 1,
    seq,
    prev: parent?.hash ?? null,
    id: id ?? idOf(seq),
    type: said.type,
    at: said.at ?? recordedAt(seq),
    operator: said.operator ?? 'ana',
    data: said.data,
    artifacts: said.artifacts ?? [],
    gitCommit: null,
    hash: '0'.repeat(64),
    signature: '-----BEGIN SSH SIGNATURE-----\n',
  };
  const parsed = parseRecord(JSON.stringify(draft));
  if (parsed.kind === 'malformed') throw new Error(`${said.type}: ${parsed.why}`);
  const hash = hashOf(unsignedText(parsed.record));
  const sealed = parseRecord(recordText({ ...parsed.record, hash }));
  if (sealed.kind === 'malformed') throw new Error(sealed.why);
  return sealed.record;
}

/** One record after the other, the opening first. */
export function historyOf(...said: readonly Told[]): readonly LedgerRecord[] {
  return following([], opening, ...said);
}

/** The records of `history` and those that go on from its last one; `line` tells their ids from those of another branch. */
export function following(history: readonly LedgerRecord[], ...said: readonly Told[]): readonly LedgerRecord[] {
  return branch(history, 0, ...said);
}

/** As `following`, with ids of its own: two branches of one history have equal numbers. */
export function branch(
  history: readonly LedgerRecord[],
  line: number,
  ...said: readonly Told[]
): readonly LedgerRecord[] {
  const records = [...history];
  for (const each of said) {
    const last = records.at(-1);
    records.push(recordOf(each, last, idOf((last?.seq ?? 0) + 1 + line * 0x1000)));
  }
  return records;
}
