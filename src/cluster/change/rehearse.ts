/** Asks the ledger, before anything is done, whether it would take the record of it. */
import { drafted } from '../../ledger/draft.ts';
import type { LedgerEvent } from '../../ledger/event.ts';
import { isBreak } from '../../ledger/finding.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { decide } from '../../ledger/rules.ts';
import type { State } from '../../ledger/state.ts';
import { ChangeError } from '../registry.ts';
import { type ChangeSession, now } from './session.ts';

export interface Rehearsal extends Pick<ChangeSession, 'clock' | 'random'> {
  readonly ledger: Pick<Ledger, 'state' | 'records' | 'findings'>;
  /** OpenSSH, of who signs. */
  readonly publicKey: string;
}

/** @throws ChangeError LARDER_CHANGE_RECORD: nothing may be done that could not be recorded. */
export function rehearse(session: Rehearsal, event: LedgerEvent): void {
  const { ledger, publicKey } = session;
  const broken = ledger.findings.filter(isBreak);
  if (broken.length > 0) throw impossible(broken.map(({ message }) => message));
  const operator = operatorOf(ledger.state, publicKey);
  if (operator === undefined) throw impossible(['the key that would sign belongs to no operator of the ledger']);
  const draft = drafted({
    event,
    id: session.random.uuid(),
    at: now(session),
    operator,
    parents: ledger.records.slice(-1),
    artifacts: [],
    gitCommit: null,
  });
  const violations = decide(ledger.state, draft, publicKey);
  if (violations.length > 0) throw impossible(violations.map(({ rule, message }) => `${message} (${rule})`));
}

/** Who holds the key; undefined: nobody does any more. */
function operatorOf({ operators }: State, publicKey: string): string | undefined {
  return [...operators.values()].find(
    ({ keys, removed }) =>
      removed === undefined && keys.some((key) => key.publicKey === publicKey && key.endedAt === undefined),
  )?.operatorId;
}

function impossible(why: readonly string[]): ChangeError {
  return new ChangeError(
    'LARDER_CHANGE_RECORD',
    `nothing was done, because it could not be recorded: ${why.join('; ')}`,
  );
}
