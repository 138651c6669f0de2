import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { LedgerAnswer, LedgerFinding } from '../../src/operator/ledger/ledger-api.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';
import { CommandLine } from '../parts/copy.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';

export type Whole = Extract<LedgerAnswer, { kind: 'ledger' }>;

const TOLD = 20;

/** Whether all of it is as it was signed; the first broken link by name, with what to do. */
export function VerifyState({ ledger }: { readonly ledger: Whole }): ReactNode {
  const breaks = ledger.findings.filter(({ weight }) => weight === 'break');
  const notices = ledger.findings.filter(({ weight }) => weight === 'notice');
  return (
    <section className="verify" aria-label="Verification">
      <div className="section-bar">
        <Verdict ledger={ledger} broken={breaks.length > 0} />
        <VerifyNow verifying={ledger.verifying} />
      </div>
      {breaks.length > 0 && <Breaks breaks={breaks} command={ledger.command} />}
      {(notices.length > 0 || ledger.looked.length > 0) && (
        <details className="folded">
          <summary>
            {notices.length > 0 ? `${notices.length} ${notices.length === 1 ? 'notice' : 'notices'}, and what` : 'What'}{' '}
            it was compared with
          </summary>
          <ul className="plain-list">
            {notices.map((notice) => (
              <li key={notice.message} className="break">
                {notice.message} <span className="said">{notice.remedy}</span>
              </li>
            ))}
            {ledger.looked.map(({ source, said }) => (
              <li key={source}>
                {source}: <span className="quiet">{said}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Verdict({ ledger, broken }: { readonly ledger: Whole; readonly broken: boolean }): ReactNode {
  const { head, records, files, verifiedAt, evidence } = ledger;
  const look = broken
    ? ({ shape: 'square', tone: 'danger', word: 'Broken' } as const)
    : verifiedAt === undefined
      ? ({ shape: 'dashed', tone: 'quiet', word: 'Being verified' } as const)
      : ({ shape: 'circle', tone: 'ok', word: 'Whole' } as const);
  const unlinked = files - records;
  return (
    <p className="verdict-line" aria-live="polite">
      <span className={`state tone-${look.tone}`}>
        <Shape name={look.shape} />
        <strong>{look.word}</strong>
      </span>
      {': '}
      <span className="number">{records.toLocaleString()}</span> {records === 1 ? 'record' : 'records'}
      {evidence !== undefined && (
        <>
          , <span className="number">{evidence.toLocaleString()}</span> {evidence === 1 ? 'file' : 'files'} of evidence
        </>
      )}
      {unlinked > 0 && <span className="tone-danger">, and {unlinked.toLocaleString()} that cannot be verified</span>}
      {head && (
        <>
          {' · '}the newest is <Link to={recordPath(head.id)}>{head.seq}</Link>, signed by {head.operator}{' '}
          <Moment at={head.at} />
        </>
      )}
      {verifiedAt !== undefined && (
        <span className="quiet">
          {' · '}looked at <Moment at={verifiedAt} />
        </span>
      )}
    </p>
  );
}

function Breaks({
  breaks,
  command,
}: {
  readonly breaks: readonly LedgerFinding[];
  readonly command: string;
}): ReactNode {
  return (
    <div className="failure" role="alert">
      {breaks.slice(0, TOLD).map(({ message, remedy, kind, seq }, index) => (
        <p key={message}>
          <strong>{index === 0 ? 'First broken link: ' : 'Also: '}</strong>
          {message}
          {seq !== undefined && (
            <>
              {' ('}
              <Link to={recordPath(String(seq))}>record {seq}</Link>)
            </>
          )}
          {breaks.findIndex((each) => each.kind === kind) === index && <span className="said">{remedy}</span>}
        </p>
      ))}
      {breaks.length > TOLD && <p>And {breaks.length - TOLD} more.</p>}
      <p className="quiet">Nothing is added to a broken ledger. To look closer:</p>
      <CommandLine command={command} />
    </div>
  );
}

function VerifyNow({ verifying }: { readonly verifying: boolean }): ReactNode {
  const live = useIsLive();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => ask<LedgerAnswer>('/api/ledger/verify', {}),
    onSettled: () => queries.invalidateQueries({ queryKey: ['ledger'] }),
  });
  const isBusy = verifying || again.isPending;
  return (
    <button type="button" disabled={!live || isBusy} onClick={() => again.mutate()}>
      {isBusy ? 'Verifying …' : 'Verify now'}
    </button>
  );
}
