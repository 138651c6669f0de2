/** One record with all that is known of it: what holds, what does not, what it follows. Pure. */
import { parentsOf } from '../../ledger/chain.ts';
import type { Operator } from '../../ledger/entity.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { State } from '../../ledger/state.ts';
import { summary } from '../../ledger/summary.ts';
import type { CheckedFile } from '../../ledger/survey.ts';
import type { LedgerFinding, LinkedRecord, RecordCheck, RecordDetail, RecordRow } from './ledger-api.ts';
import { aboutFile } from './record-rows.ts';

interface Given {
  readonly row: RecordRow;
  readonly checked: CheckedFile;
  readonly records: readonly LedgerRecord[];
  readonly state: State;
  readonly findings: readonly LedgerFinding[];
  /** All of it was looked at, with the evidence. */
  readonly isVerified: boolean;
}

export function recordDetail(given: Given): RecordDetail {
  const { row, checked, findings, records, state } = given;
  const found = aboutFile(
    checked,
    Map.groupBy(findings, ({ path = '' }) => path),
  );
  const { file } = checked;
  const base = { ...row, path: file.path, findings: found };
  if (file.kind === 'bad') {
    const said = file.finding.message;
    const checks = [{ what: 'the text of the file', outcome: 'broken', said }] as const;
    return { ...base, hash: '', key: '', gitCommit: '', parents: [], next: [], checks, files: [] };
  }
  const { record } = file;
  const byHash = new Map(records.map((each) => [each.hash, each]));
  const key = checked.signature?.kind === 'valid' ? checked.signature.publicKey : '';
  return {
    ...base,
    key,
    hash: record.hash,
    gitCommit: record.gitCommit ?? '',
    parents: parentsOf(record)
      .flatMap((hash) => byHash.get(hash) ?? [])
      .map(linked),
    next: records.filter((each) => parentsOf(each).includes(record.hash)).map(linked),
    checks: checksOf({ ...given, found, key, record }),
    files: record.artifacts.map((artifact) => {
      const tombstone = state.tombstones.get(artifact.path);
      return { ...artifact, ...(tombstone ? { tombstone: tombstone.reason } : {}) };
    }),
    ...corrected(state, record),
    ...changeOf(record),
    record,
  };
}

function linked(record: LedgerRecord): LinkedRecord {
  return { id: record.id, seq: record.seq, words: `${record.type.replaceAll('-', ' ')}: ${summary(record)}` };
}

function corrected({ amendments, history }: State, { id }: LedgerRecord): Pick<RecordDetail, 'corrected'> {
  const amendment = amendments.get(id);
  if (amendment === undefined) return {};
  const by = history.get(amendment.record)?.record;
  const words = by === undefined ? '' : summary(by);
  return { corrected: { by: { id: amendment.record, seq: by?.seq ?? 0, words }, data: amendment.event.data } };
}

function changeOf({ data }: LedgerRecord): Pick<RecordDetail, 'changeId'> {
  return 'changeId' in data && typeof data.changeId === 'string' ? { changeId: data.changeId } : {};
}

interface Checking extends Given {
  readonly found: readonly LedgerFinding[];
  readonly key: string;
  readonly record: LedgerRecord;
}

/** In the order in which `verify` looks. */
function checksOf(given: Checking): readonly RecordCheck[] {
  const { record, found, row } = given;
  const of = (...kinds: readonly string[]): string | undefined =>
    found.find(({ kind }) => kinds.includes(kind))?.message;
  const check = (what: string, said: string, broken: string | undefined): RecordCheck =>
    broken === undefined ? { what, outcome: 'holds', said } : { what, outcome: 'broken', said: broken };
  const signature = of('signature');
  const isLinked = row.standing !== 'unlinked';
  const place = of('missing', 'order', 'time', 'root', 'twice');
  const rules = of('rule');
  return [
    check('text', `the file is, byte for byte, what has the hash ${record.hash.slice(0, 12)}…`, undefined),
    check('signature', `made of this text by the holder of the key`, signature),
    signature === undefined
      ? signerCheck(given, of('signer'))
      : unknown('signer', 'the signature names nobody for certain'),
    isLinked || place !== undefined
      ? check('place', record.prev === null ? 'begins the ledger' : 'follows a record that is whole', place)
      : unknown('place', 'it follows a record that is broken, gone, or itself after such a one'),
    isLinked
      ? check('rules', 'by all that its writer could know', rules)
      : unknown('rules', 'they go by what is before it'),
    ...(record.artifacts.length === 0 ? [] : [evidenceCheck(given, of('artifact-missing', 'artifact-altered'))]),
  ];
}

function unknown(what: string, said: string): RecordCheck {
  return { what, outcome: 'unknown', said };
}

function signerCheck({ record, state, key, row }: Checking, broken: string | undefined): RecordCheck {
  const what = 'signer';
  if (broken !== undefined) return { what, outcome: 'broken', said: broken };
  const operator = state.operators.get(record.operator);
  const own = operator?.keys.find(({ publicKey }) => publicKey === key);
  if (operator === undefined || own === undefined || row.standing === 'unlinked') {
    return unknown(what, `whether ${record.operator} had this key then, the records before it would say`);
  }
  return { what, outcome: 'holds', said: `${record.operator} had this key then; now ${holderNow(operator, own)}` };
}

function holderNow(operator: Operator, { endedAt, ended }: Operator['keys'][number]): string {
  if (operator.removed !== undefined) return `removed (${operator.removed.reason})`;
  if (endedAt !== undefined) return `${operator.role}; the key was ${ended ?? 'ended'} at ${endedAt}`;
  return operator.expiresAt === undefined ? operator.role : `${operator.role} until ${operator.expiresAt}`;
}

function evidenceCheck({ record, isVerified, row }: Checking, broken: string | undefined): RecordCheck {
  const files = record.artifacts.length === 1 ? 'the file is the one that was' : 'the files are those that were';
  if (broken !== undefined) return { what: 'evidence', outcome: 'broken', said: broken };
  if (row.standing === 'unlinked') return unknown('evidence', 'compared with its hash where it is shown');
  return isVerified
    ? { what: 'evidence', outcome: 'holds', said: `${files} recorded` }
    : unknown('evidence', 'not looked at yet');
}
