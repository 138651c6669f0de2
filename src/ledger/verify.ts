/** Records against what stands beside them: evidence, heads that were seen, who ssh-keygen would trust. */
import { ALLOWED_SIGNERS, allowedSigners } from './allowed-signers.ts';
import type { EventType } from './event.ts';
import { type Finding, inOrder } from './finding.ts';
import { fold } from './fold.ts';
import { type LedgerRecord, recordPath } from './record.ts';
import type { SignedHead } from './signed-head.ts';
import type { SignatureCheck } from './ssh-signature.ts';
import type { Survey } from './survey.ts';

export interface Surroundings {
  /** The text of allowed_signers; undefined where there is no such file. */
  readonly signers: string | undefined;
  /** By path, what stands where a record says that an artifact is; nothing where nothing is. */
  readonly artifacts: ReadonlyMap<string, StandingFile>;
  /** Files that look like artifacts, named by a record or not. */
  readonly found: readonly string[];
  readonly heads: readonly SeenHead[];
  /** What a .gitignore hides, with the rule. */
  readonly hidden: readonly { readonly path: string; readonly rule: string }[];
  /** Of the folders: links, strangers, what a write left behind. */
  readonly findings: readonly Finding[];
}

export type StandingFile =
  | { readonly kind: 'file'; readonly sha256: string; readonly bytes: number }
  | { readonly kind: 'other'; readonly why: string };

export interface SeenHead {
  /** The place that remembers it, where several may be remembered. */
  readonly source?: string;
  /** For people: the file, the commit, the object. */
  readonly where: string;
  /** Absent: what stands there is no head. */
  readonly head?: SignedHead;
  /** Needed only where the record is not there. */
  readonly signature?: SignatureCheck;
  /** Written by this clone, where nobody else writes: it counts also where the records that knew its key are gone. */
  readonly own?: boolean;
  /** The same, where it takes a look at what stood beside it. */
  counts?(): Promise<boolean>;
}

/** Everything that is wrong, the first broken link first. */
export function verify(survey: Survey, around: Surroundings): readonly Finding[] {
  return inOrder([
    ...survey.findings,
    ...around.findings,
    ...survey.records.flatMap((record) => artifactFindings(record, survey, around)),
    ...unclaimed(survey, around),
    ...[signersFinding(survey, around.signers) ?? []].flat(),
    ...headFindings(survey, around.heads),
    ...around.hidden.map(({ path, rule }): Finding => {
      return { kind: 'hidden', path, message: `${path} is kept out of git by ${rule}` };
    }),
  ]);
}

function artifactFindings(record: LedgerRecord, { state }: Survey, { artifacts }: Surroundings): readonly Finding[] {
  return record.artifacts.flatMap(({ path, sha256, bytes }): readonly Finding[] => {
    const of = { path, seq: record.seq };
    const by = `that ${recordPath(record)} names`;
    const standing = artifacts.get(path);
    if (standing === undefined) {
      if (state.tombstones.get(path)?.sha256 === sha256) return [];
      return [{ ...of, kind: 'artifact-missing', message: `${path} ${by} is gone` }];
    }
    if (standing.kind === 'other')
      return [{ ...of, kind: 'artifact-altered', message: `${path} ${by} ${standing.why}` }];
    if (standing.sha256 === sha256 && standing.bytes === bytes) return [];
    return [
      { ...of, kind: 'artifact-altered', message: `${path} ${by} was changed: its SHA-256 is ${standing.sha256}` },
    ];
  });
}

function unclaimed({ records }: Survey, { found }: Surroundings): readonly Finding[] {
  const named = new Set(records.flatMap(({ artifacts }) => artifacts.map(({ path }) => path)));
  return found
    .filter((path) => !named.has(path))
    .map((path) => ({ kind: 'artifact-unclaimed', path, message: `${path} is named by no record` }));
}

/** What ssh-keygen would trust against what the records say. */
export function signersFinding({ records, state }: Survey, signers: string | undefined): Finding | undefined {
  if (records.length === 0 || signers === allowedSigners(state)) return undefined;
  const path = ALLOWED_SIGNERS;
  if (signers === undefined) return { kind: 'signers-behind', path, message: `${path} is missing` };
  // A write that was cut off leaves the file as it was before the last record about people.
  const last = records.findLastIndex(({ type }) => ABOUT_PEOPLE.has(type));
  if (signers === allowedSigners(fold(records.slice(0, last)).state)) {
    return { kind: 'signers-behind', path, message: `${path} does not say yet what ${seqPath(records[last])} says` };
  }
  return { kind: 'signers-altered', path, message: `${path} is not what the records say about people and keys` };
}

const ABOUT_PEOPLE: ReadonlySet<EventType> = new Set<EventType>([
  ...([
    'ledger-opened',
    'operator-added',
    'operator-changed',
    'operator-removed',
    'key-rotated',
    'key-revoked',
  ] as const),
  'ledger-merged',
]);

function seqPath(record: LedgerRecord | undefined): string {
  return record === undefined ? 'the first record' : recordPath(record);
}

/** A head of a record that is there shows nothing more, whoever signed it; only the others are looked at closely. */
export function isThere({ head }: Pick<SeenHead, 'head'>, records: readonly LedgerRecord[]): boolean {
  if (head === undefined) return false;
  let [from, to] = [0, records.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((records[middle]?.seq ?? 0) < head.seq) from = middle + 1;
    else to = middle;
  }
  for (let at = from; records[at]?.seq === head.seq; at += 1) if (records[at]?.hash === head.hash) return true;
  return false;
}

/** What heads are held against. */
export type Records = Pick<Survey, 'records' | 'state' | 'ends'>;

/** Heads that were seen, against the records that are there. */
export function headFindings(survey: Records, heads: readonly SeenHead[]): readonly Finding[] {
  return heads.filter((seen) => !isThere(seen, survey.records)).map((seen) => headFinding(seen, survey));
}

function headFinding({ where, head, signature, own }: SeenHead, { state, ends }: Records): Finding {
  if (head === undefined) return { kind: 'head-forged', message: `what ${where} has is no signed head` };
  const { seq, hash, operator } = head;
  if (signature?.kind !== 'valid') {
    const why = signature?.why ?? 'was not checked';
    return { kind: 'head-forged', seq, message: `the signature of the head ${seq} in ${where} ${why}` };
  }
  const { publicKey } = signature;
  const isKnown = state.operators.get(operator)?.keys.some((key) => key.publicKey === publicKey) ?? false;
  if (!isKnown && own !== true) {
    return {
      kind: 'head-forged',
      seq,
      message: `the head ${seq} in ${where} is signed by a key that no record here gives to ${operator}`,
    };
  }
  const gone = `record ${seq} (hash ${hash.slice(0, 12)}…), which ${where} has seen, is not there`;
  return { kind: 'truncated', seq, hash, message: `${gone}: the records here end with ${ends[0]?.seq ?? 0}` };
}
