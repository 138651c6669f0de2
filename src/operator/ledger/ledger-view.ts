/** What a question about the ledger looks at. */
import type { Book, Pages, Verified } from './book.ts';
import type { LedgerFinding } from './ledger-api.ts';
import { ledgerFinding } from './ledger-finding.ts';

/** An apply of a change that was begun in this clone and is not recorded. */
export interface UnderWay {
  readonly changeId: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

export interface LedgerView {
  readonly book: Pick<Book, 'where' | 'option' | 'content'>;
  readonly pages: Pages;
  /** Of the last time that all was looked at; undefined: not yet. */
  readonly verified?: Verified & { readonly at: number; readonly pages: Pages | undefined };
  readonly verifying: boolean;
  readonly underWay?: UnderWay;
  /** The words of a record for an object whose request was sent and whose answer nobody read. */
  readonly cutOff: string;
  /** A word as a shell reads it back. */
  readonly quote: (word: string) => string;
  /** Epoch ms. */
  readonly now: number;
}

/** What is wrong, as far as it is known: what was found about the records since is told as well. */
export function findingsOf({ pages, verified }: Pick<LedgerView, 'pages' | 'verified'>): readonly LedgerFinding[] {
  const own = pages.findings.map(ledgerFinding);
  if (verified === undefined) return own;
  if (verified.pages === pages) return verified.findings;
  const beside = verified.findings.filter(({ kind }) => BESIDE.has(kind));
  const all = [...own, ...beside];
  return [...all.filter(({ weight }) => weight === 'break'), ...all.filter(({ weight }) => weight === 'notice')];
}

/** What only `verify` looks at. */
const BESIDE: ReadonlySet<string> = new Set([
  ...['truncated', 'artifact-missing', 'artifact-altered', 'signers-altered', 'hidden', 'signers-behind'],
  ...['head-forged', 'artifact-unclaimed'],
]);
