import type { ReactNode } from 'react';
import type { LedgerAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { CommandLine } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';

const commands: Readonly<Record<string, string>> = {
  LARDER_LEDGER_NOT_FOUND: 'larder ledger init',
  LARDER_LEDGER_UNREACHABLE: 'larder ledger serve',
};

/** Neither is a fault of the page: what is missing is said, with the command that makes it there. */
export function NoLedger({
  answer,
  shows,
}: {
  readonly answer: Exclude<LedgerAnswer, { kind: 'ledger' }>;
  /** What this screen has where there is one. */
  readonly shows: string;
}): ReactNode {
  if (answer.kind === 'none') {
    return (
      <Empty title="This operator was given no ledger." command="larder ledger init">
        <p>{shows}</p>
        <p>
          Begin one in the git repository of your manifests, then start the operator with <code>--ledger DIR</code>, or
          with the address of <code>larder ledger serve</code>. docs/guides/governance.md begins there.
        </p>
      </Empty>
    );
  }
  return (
    <div className="failure" role="alert">
      <p>
        <strong>The ledger at {answer.where} cannot be read.</strong> {answer.message}
      </p>
      <p className="quiet">
        <code>{answer.code}</code> in docs/reference/errors.md says what to do. This page looks again by itself.
      </p>
      <CommandLine command={commands[answer.code] ?? 'larder ledger verify'} />
    </div>
  );
}
