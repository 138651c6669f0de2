import { trailerSource } from '../../ledger/head-trailer.ts';
import { Ledger, type Verification } from '../../ledger/ledger.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Book, Pages } from './book.ts';
import type { LookedAt } from './ledger-api.ts';
import { ledgerFinding } from './ledger-finding.ts';

export interface FolderBookOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** Without a key: nothing is ever appended through it. @throws LedgerError where there is no ledger. */
export async function folderBook({ folder, clock, random }: FolderBookOptions): Promise<Book> {
  const ledger = await Ledger.open({ root: folder, clock, random, heads: [trailerSource(folder)] });
  let pages: Pages | undefined;
  /** The records are another array whenever something was read that was not known. */
  const look = (): Pages => {
    if (pages?.records === ledger.records) return pages;
    const { files, records, state, findings } = ledger;
    pages = { files, records, head: records.length === 0 ? undefined : ledger.head, state, findings };
    return pages;
  };
  return {
    where: ledger.root,
    option: ledger.root,
    pages: look,
    refresh: () => ledger.refresh(),
    async verify() {
      const verification = await ledger.verify();
      return {
        findings: verification.findings.map(ledgerFinding),
        looked: verification.looked.map(lookedAt),
        evidence: verification.counts.artifacts,
      };
    },
    content: async (_record, artifact) => ledger.content(artifact),
  };
}

function lookedAt(looked: Verification['looked'][number]): LookedAt {
  const { source } = looked;
  if (looked.kind === 'not-looked') return { source, looked: false, said: `not looked at: ${looked.why}` };
  const heads = looked.heads === 1 ? '1 head' : `${looked.heads} heads`;
  const said = looked.heads === 0 ? (looked.note ?? 'nothing seen yet') : heads;
  return { source, looked: true, said };
}
