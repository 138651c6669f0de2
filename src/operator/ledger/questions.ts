/** What can be asked about a ledger. Answered in a thread of its own, from what it has read; what comes out is JSON. */
import { clusterRecords } from '../../ledger/cluster-records.ts';
import type { ConfigurationChange } from '../../ledger/entity.ts';
import type { Artifact } from '../../ledger/record.ts';
import { report } from '../../ledger/report.ts';
import { changeDetail, changeRow, inTurn } from './change-rows.ts';
import type { ChangeFacts } from './change-step.ts';
import { evidenceText } from './evidence-text.ts';
import { headStanding, type RememberedBy } from './head-standing.ts';
import type {
  ChangeDetail,
  ChangesAnswer,
  EvidenceAnswer,
  LedgerAnswer,
  LifeQuery,
  RecordDetail,
  RecordRow,
  RecordsAnswer,
  RecordsQuery,
  ReportAnswer,
  Told,
} from './ledger-api.ts';
import { findingsOf, type LedgerView } from './ledger-view.ts';
import { objectLife } from './object-life.ts';
import { recordDetail } from './record-detail.ts';
import { recordFilter } from './record-filter.ts';
import { isFileOf, recordRows } from './record-rows.ts';

/** Undefined: there is no such thing in the ledger. */
export const questions = {
  overview,
  records,
  record,
  evidence,
  changes,
  change,
  life: ({ pages }: LedgerView, asked: LifeQuery): readonly Told[] => objectLife(pages.records, asked),
  report: reported,
  standing: ({ pages }: LedgerView, asked: RememberedBy) => headStanding(pages, asked),
  cluster: ({ pages, now }: LedgerView, _asked: object) => clusterRecords(pages.state, now),
} as const;

export type QuestionName = keyof typeof questions;
export type Asked<Name extends QuestionName> = Parameters<(typeof questions)[Name]>[1];
export type Answered<Name extends QuestionName> = Awaited<ReturnType<(typeof questions)[Name]>>;

function overview(view: LedgerView, _asked: object): LedgerAnswer {
  const { book, pages, verified, verifying } = view;
  const { head, state, records: linked, files } = pages;
  return {
    kind: 'ledger',
    where: book.where,
    title: state.ledger?.title ?? '',
    ledgerId: state.ledger?.ledgerId ?? '',
    records: linked.length,
    files: files.length,
    verifying,
    findings: findingsOf(view),
    looked: verified?.looked ?? [],
    command: `larder ledger verify --ledger ${view.quote(book.option)}`,
    ...(verified === undefined ? {} : { verifiedAt: verified.at }),
    ...(verified?.evidence === undefined ? {} : { evidence: verified.evidence }),
    ...(head === undefined
      ? {}
      : {
          head: { id: head.id, seq: head.seq, hash: head.hash, operator: head.operator, at: Date.parse(head.at) },
        }),
  };
}

interface Rows {
  readonly of: readonly [LedgerView['pages'], LedgerView['verified']];
  readonly rows: readonly RecordRow[];
}

/** Made once for what was read: thousands of them are looked through for every page. */
let kept: Rows | undefined;

function rowsOf(view: LedgerView): readonly RecordRow[] {
  const { pages, verified } = view;
  if (kept?.of[0] === pages && kept.of[1] === verified) return kept.rows;
  kept = { of: [pages, verified], rows: recordRows({ ...pages, findings: findingsOf(view) }) };
  return kept.rows;
}

function records(view: LedgerView, { q, from, limit }: RecordsQuery): RecordsAnswer {
  const all = rowsOf(view);
  const found = q.trim() === '' ? all : all.filter(recordFilter(q, view.now));
  return { rows: found.slice(from, from + limit), found: found.length, all: all.length };
}

/** `id`: of a record, or its number. */
function record(view: LedgerView, { id }: { readonly id: string }): RecordDetail | undefined {
  const { pages, verified } = view;
  const isNumber = /^\d{1,15}$/.test(id);
  const row = rowsOf(view).find((each) => (isNumber ? each.seq === Number(id) : each.id === id));
  const checked = row && pages.files.find((each) => isFileOf(each, row.id));
  if (row === undefined || checked === undefined) return undefined;
  return recordDetail({ ...pages, row, checked, findings: findingsOf(view), isVerified: verified?.pages === pages });
}

async function evidence(
  { book, pages }: LedgerView,
  { id, path }: { readonly id: string; readonly path: string },
): Promise<EvidenceAnswer | undefined> {
  const file = pages.files.find((each) => isFileOf(each, id))?.file;
  if (file?.kind !== 'record') return undefined;
  const artifact = file.record.artifacts.find((each) => each.path === path);
  return artifact && evidenceText(path, await book.content(file.record, artifact));
}

async function changes(view: LedgerView, _asked: object): Promise<ChangesAnswer> {
  const { pages, underWay } = view;
  const rows = await Promise.all(
    [...pages.state.changes.values()].map(async (each) => changeRow(each, pages.state, await factsOf(view, each))),
  );
  return { changes: inTurn(rows), ...(underWay === undefined ? {} : { underWay }) };
}

async function change(view: LedgerView, { id }: { readonly id: string }): Promise<ChangeDetail | undefined> {
  const found = view.pages.state.changes.get(id);
  return found && changeDetail(found, view.pages.state, await factsOf(view, found));
}

async function factsOf(view: LedgerView, each: ConfigurationChange): Promise<ChangeFacts> {
  const { cutOff, quote, now, pages } = view;
  const isOpen = each.status === 'draft' || each.status === 'pending-review';
  const wrongFiles = isOpen ? await wrongWith(view, each) : [];
  return { operators: pages.state.operators.values(), wrongFiles, cutOff, quote, now };
}

/** As `larder change apply` asks: each file of the newest evidence that is gone or another. */
async function wrongWith(
  { book, pages }: LedgerView,
  { evidence: taken }: ConfigurationChange,
): Promise<readonly string[]> {
  const newest = taken.at(-1);
  const kept = newest && pages.state.history.get(newest.record)?.record;
  if (newest === undefined || kept === undefined) return [];
  const artifacts: readonly Artifact[] = kept.artifacts;
  const unnamed = artifacts.some(({ path }) => path === newest.outputPath)
    ? []
    : [`its record has no hash of ${newest.outputPath}`];
  const found = await Promise.all(artifacts.map((artifact) => book.content(kept, artifact)));
  return [...unnamed, ...found.flatMap((each) => (each.kind === 'wrong' ? [each.why] : []))];
}

/** As `larder ledger report`: of a ledger that is not whole nothing is computed. */
function reported(view: LedgerView, { days }: { readonly days: number }): ReportAnswer {
  const first = findingsOf(view).find(({ weight }) => weight === 'break');
  if (first !== undefined) return { kind: 'broken', message: first.message };
  const made = report(view.pages.state, view.now, view.now - days * 86_400_000);
  return { kind: 'report', ...made };
}
