/** The page of what `larder ledger verify` can find. */
import { type FindingKind, findingKinds } from '../../../src/ledger/finding.ts';
import { code, markdownTable, page } from './markdown.ts';

export function ledgerFindingsPage(): string {
  const kinds = Object.keys(findingKinds).filter((kind): kind is FindingKind => kind in findingKinds);
  const rows = (weight: 'break' | 'notice') =>
    kinds
      .filter((kind) => findingKinds[kind].weight === weight)
      .map((kind) => [code(kind), findingKinds[kind].meaning, findingKinds[kind].remedy]);
  const heads = ['Finding', 'What it means', 'What to do'];
  return page(
    'Findings of the ledger',
    '`larder ledger verify` reads every file again and names what is not as it was signed, the first broken link first. Nothing is added to a ledger with a break, and its HTTP API only reads, until that is mended; Larder mends nothing by itself. A notice is told, and the ledger holds all the same.',
    '## Breaks',
    markdownTable(heads, rows('break')),
    '## Notices',
    markdownTable(heads, rows('notice')),
  );
}
