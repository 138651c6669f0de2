/** The records of a ledger as rows, with where each of them stands. Pure. */
import type { LedgerRecord } from '../../ledger/record.ts';
import type { State } from '../../ledger/state.ts';
import { summary } from '../../ledger/summary.ts';
import type { CheckedFile } from '../../ledger/survey.ts';
import type { LedgerFinding, RecordRow, Standing } from './ledger-api.ts';
import { hasFailed, objectsOf, objectText } from './record-objects.ts';

interface Given {
  readonly files: readonly CheckedFile[];
  readonly records: readonly LedgerRecord[];
  readonly state: State;
  readonly findings: readonly LedgerFinding[];
}

/** Newest first; the file of each by its id is found at the same place of `files`. */
export function recordRows({ files, records, state, findings }: Given): readonly RecordRow[] {
  const linked = new Set(records.map(({ hash }) => hash));
  const byPath = Map.groupBy(findings, ({ path = '' }) => path);
  const rows = files.map((checked) => {
    const { file } = checked;
    const found = aboutFile(checked, byPath);
    if (file.kind === 'bad') return unreadable(file.path);
    return rowOf(file.record, state, standingOf(linked.has(file.record.hash), found));
  });
  return rows.sort(
    (one, other) => other.seq - one.seq || (other.at ?? 0) - (one.at ?? 0) || (one.id < other.id ? -1 : 1),
  );
}

/** What is wrong with a record: with its file, and with the files of its evidence. */
export function aboutFile(
  { file }: CheckedFile,
  byPath: ReadonlyMap<string, readonly LedgerFinding[]>,
): readonly LedgerFinding[] {
  const evidence = file.kind === 'bad' ? [] : file.record.artifacts.map(({ path }) => path);
  return [file.path, ...evidence].flatMap((path) => byPath.get(path) ?? []);
}

function standingOf(isLinked: boolean, found: readonly LedgerFinding[]): Standing {
  // It follows what is gone: the thing that is wrong is there, not here.
  const own = found.filter(({ kind, weight }) => weight === 'break' && kind !== 'missing');
  if (own.length > 0) return 'broken';
  return isLinked ? 'verified' : 'unlinked';
}

function rowOf(record: LedgerRecord, state: State, standing: Standing): RecordRow {
  const { id, seq, type, at, operator, artifacts } = record;
  return {
    ...{ id, seq, type, operator, standing },
    at: Date.parse(at),
    words: summary(record),
    objects: [...new Set(objectsOf(record).map(objectText))],
    evidence: artifacts.length,
    marks: [
      ...(hasFailed(record) ? ['failed'] : []),
      ...(state.amendments.has(id) ? ['corrected'] : []),
      ...(state.conflicts.has(id) || state.unsettled.has(id) ? ['does not count'] : []),
    ],
  };
}

const NAME = /\/(\d{6,15})-([a-z-]+)-([0-9a-f-]{36})\.json$/;

/** Of a file that is no record any more its name is all that is known. */
function unreadable(path: string): RecordRow {
  const [, seq = '0', type = 'record', id = path] = NAME.exec(path) ?? [];
  return {
    ...{ id, seq: Number(seq), type, operator: '', words: path, objects: [], evidence: 0 },
    standing: 'broken',
    marks: [],
  };
}

/** Whether a file is that of the record, whatever is left of it. */
export function isFileOf({ file }: CheckedFile, id: string): boolean {
  return file.kind === 'record' ? file.record.id === id : NAME.exec(file.path)?.[3] === id;
}
