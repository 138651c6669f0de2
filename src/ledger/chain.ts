/**
 * How records hang together: each names the hash of the one before it, a merge those of all that it joins. It is a graph
 * with one beginning; numbers grow along every line, so that the order by number, time and id is one in which each record
 * comes after those that it follows.
 */
import type { Finding } from './finding.ts';
import { type LedgerRecord, recordPath } from './record.ts';

export interface Chain {
  /** What hangs together with the beginning, each after those that it follows. */
  readonly records: readonly LedgerRecord[];
  /** What nothing follows. One in a ledger that is whole and merged; the largest number first. */
  readonly ends: readonly LedgerRecord[];
  readonly findings: readonly Finding[];
}

/** The hashes of the records that this one follows; none for the first. */
export function parentsOf(record: LedgerRecord): readonly string[] {
  if (record.type === 'ledger-merged') return record.data.parents;
  return record.prev === null ? [] : [record.prev];
}

/** By number, time and id. */
export function byOrder(a: LedgerRecord, b: LedgerRecord): number {
  return a.seq - b.seq || compared(a.at, b.at) || compared(a.id, b.id);
}

function compared(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Every record must be whole by itself (`recordFile`); whether it may say what it says is for `replay`. */
export function chain(given: readonly LedgerRecord[]): Chain {
  const findings: Finding[] = [];
  const connected = new Map<string, LedgerRecord>();
  const followed = new Set<string>();
  const ids = new Map<string, LedgerRecord>();
  const loose = new Set<string>();
  for (const record of [...given].sort(byOrder)) {
    const twin = ids.get(record.id);
    if (twin !== undefined) findings.push(about(record, 'twice', `carries the id of ${recordPath(twin)}`));
    ids.set(record.id, record);
    const broken = beginning(record, connected) ?? following(record, connected);
    const isAfterLoose = parentsOf(record).some((hash) => loose.has(hash));
    if (broken !== undefined || isAfterLoose) {
      loose.add(record.hash);
      // What follows a record that does not hang together is no second thing that is wrong.
      if (broken !== undefined && !isAfterLoose) findings.push(broken);
      continue;
    }
    connected.set(record.hash, record);
    for (const parent of parentsOf(record)) followed.add(parent);
  }
  const records = [...connected.values()];
  const ends = records.filter(({ hash }) => !followed.has(hash)).reverse();
  if (records.length === 0) findings.unshift({ kind: 'not-there', message: 'there is no record that begins a ledger' });
  if (ends.length > 1) findings.push(unmerged(ends));
  return { records, ends, findings };
}

function about(record: LedgerRecord, kind: Finding['kind'], what: string): Finding {
  const path = recordPath(record);
  return { kind, path, seq: record.seq, message: `${path} ${what}` };
}

function unmerged(ends: readonly LedgerRecord[]): Finding {
  const paths = ends.map((end) => recordPath(end)).join(' and ');
  return { kind: 'unmerged', message: `the history has ${ends.length} ends: ${paths}` };
}

function beginning(record: LedgerRecord, connected: ReadonlyMap<string, LedgerRecord>): Finding | undefined {
  const isFirst = record.prev === null;
  if (!isFirst)
    return record.type === 'ledger-opened' ? about(record, 'root', 'opens a ledger that is open') : undefined;
  if (record.type !== 'ledger-opened') return about(record, 'root', 'follows no record, and opens no ledger');
  if (record.seq !== 1) return about(record, 'order', `opens the ledger as number ${record.seq}; the first is 1`);
  const [other] = connected.values();
  return other && about(record, 'root', `is a second beginning beside ${recordPath(other)}`);
}

function following(record: LedgerRecord, connected: ReadonlyMap<string, LedgerRecord>): Finding | undefined {
  const parents: LedgerRecord[] = [];
  for (const hash of parentsOf(record)) {
    const parent = connected.get(hash);
    if (parent === undefined) {
      return about(record, 'missing', `follows a record that is not there (hash ${hash.slice(0, 12)}…), or not whole`);
    }
    parents.push(parent);
  }
  if (parents.length === 0) return undefined;
  const seq = Math.max(...parents.map((parent) => parent.seq)) + 1;
  if (record.seq !== seq) return about(record, 'order', `has number ${record.seq} where ${seq} follows`);
  const later = parents.find(({ at }) => at > record.at);
  if (later !== undefined) {
    return about(
      record,
      'time',
      `was made at ${record.at}, before ${recordPath(later)}, which it follows (${later.at})`,
    );
  }
  return record.type === 'ledger-merged' ? joining(record, parents) : undefined;
}

/** Past the numbers, which say that it comes after all of them. */
function joining(
  record: Extract<LedgerRecord, { type: 'ledger-merged' }>,
  parents: readonly LedgerRecord[],
): Finding | undefined {
  if (record.prev !== record.data.parents[0]) return about(record, 'order', 'does not follow the first that it joins');
  if (new Set(parents).size !== parents.length) return about(record, 'order', 'joins a record with itself');
  return undefined;
}
