/** The head that a place remembers against the records of a ledger, by what `verify` finds about it. */
import { examined } from '../../ledger/look.ts';
import type { SignedHead } from '../../ledger/signed-head.ts';
import { headFindings } from '../../ledger/verify.ts';
import type { Pages } from './book.ts';
import type { HeadStanding } from './ledger-api.ts';
import { ledgerFinding } from './ledger-finding.ts';

export interface RememberedBy {
  /** For people. */
  readonly where: string;
  /** Absent: what stands there is no head. */
  readonly head?: SignedHead;
}

export async function headStanding(
  { records, state, head: newest }: Pages,
  { where, head }: RememberedBy,
): Promise<HeadStanding> {
  // Who writes there has rights in the cluster, not only in the repository: it counts also where no record knows the key.
  const seen = await examined([{ where, ...(head && { head, counts: async () => true }) }], records);
  const [finding] = headFindings({ records, state, ends: newest ? [newest] : [] }, seen);
  if (finding) return { kind: 'differs', where, finding: ledgerFinding(finding) };
  const remembered = head?.seq ?? 0;
  const behind = (newest?.seq ?? remembered) - remembered;
  return head?.hash === newest?.hash
    ? { kind: 'same', where, seq: remembered }
    : { kind: 'behind', where, seq: remembered, behind };
}
