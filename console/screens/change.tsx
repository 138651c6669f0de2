import type { ReactNode } from 'react';
import type { ChangeDetail, Told } from '../../src/operator/ledger/ledger-api.ts';
import { ChangeEvidence } from '../changes/change-evidence.tsx';
import { NextStep } from '../changes/change-step.tsx';
import { useChange } from '../changes/use-changes.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { useEscape } from '../frame/use-escape.ts';
import { useTitle } from '../frame/use-title.ts';
import { BrokenLedger } from '../ledger/broken-ledger.tsx';
import { stageLooks } from '../ledger/looks.ts';
import { NoLedger } from '../ledger/no-ledger.tsx';
import { useLedger } from '../ledger/use-ledger.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { LookWord } from '../parts/look-word.tsx';
import { Moment } from '../parts/moment.tsx';
import { Waiting } from '../parts/waiting.tsx';

export function Change({ id }: { readonly id: string }): ReactNode {
  useTitle(`Change ${id}`);
  useEscape('/changes');
  const ledger = useLedger();
  const { data, error, refetch } = useChange(id, ledger.data?.kind === 'ledger');
  if (data) {
    return (
      <>
        <BrokenLedger ledger={ledger.data} />
        <Whole change={data} />
      </>
    );
  }
  const cause = error ?? ledger.error;
  return (
    <>
      <h1>Change</h1>
      <BrokenLedger ledger={ledger.data} />
      {ledger.data && ledger.data.kind !== 'ledger' ? (
        <NoLedger answer={ledger.data} shows="One change: what it would do, what it waits for, what became of it." />
      ) : cause ? (
        <FailureNote what="The change was not read" cause={cause} retry={() => void refetch()} />
      ) : (
        <Waiting what="the change" />
      )}
      <Link to="/changes">All changes</Link>
    </>
  );
}

function Whole({ change }: { readonly change: ChangeDetail }): ReactNode {
  const { changeId, summary, stage, critical, author, createdAt } = change;
  return (
    <article className="change-page">
      <div className="title-line">
        <h1>{changeId}</h1>
        <LookWord look={stageLooks[stage]} />
        {critical && <span className="chip-plain">critical</span>}
        <span className="quiet">
          by {author}, <Moment at={createdAt} />
        </span>
      </div>
      <p className="sentence break">{summary}</p>
      <NextStep change={change} />
      <div className="columns">
        <div>
          <section aria-labelledby="evidence">
            <h2 id="evidence">What it would do</h2>
            {change.evidence ? (
              <ChangeEvidence key={change.evidence.evidenceId} change={change} open />
            ) : (
              <p className="quiet">Nobody has asked the cluster yet.</p>
            )}
          </section>
          {change.outcomes.length > 0 && <Outcomes outcomes={change.outcomes} />}
        </div>
        <div>
          <Facts change={change} />
          <section aria-labelledby="history">
            <h2 id="history">Records</h2>
            <History history={change.history} />
          </section>
        </div>
      </div>
    </article>
  );
}

function Facts({ change }: { readonly change: ChangeDetail }): ReactNode {
  const rows = [
    ['Branch', change.branch],
    ['Manifests', change.manifests.join(', ')],
    ['Runbooks', change.runbooks.join(', ')],
    ['Reviewers', change.reviewers.join(', ')],
    ['Incidents', change.incidents.join(', ')],
  ] as const;
  return (
    <dl className="fields-list">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="break">{value === '' ? '—' : value}</dd>
        </div>
      ))}
      <div>
        <dt>Approved</dt>
        <dd className="break">
          {change.approvals.length === 0
            ? '—'
            : change.approvals.map(({ by, at, comment, current }) => (
                <span key={`${by} ${at}`} className="below">
                  {by}, <Moment at={at} />
                  {!current && ', of older evidence'}
                  {comment !== '' && `: ${comment}`}
                </span>
              ))}
        </dd>
      </div>
    </dl>
  );
}

function Outcomes({ outcomes }: Pick<ChangeDetail, 'outcomes'>): ReactNode {
  return (
    <section aria-labelledby="outcomes">
      <h2 id="outcomes">What the last apply did</h2>
      <ul className="findings">
        {outcomes.map(({ object, outcome, message }) => (
          <li key={object}>
            <span className={outcome === 'failed' ? 'tone-danger' : 'quiet'}>{outcome}</span>
            <span>
              {object}
              {message !== '' && <span className="said">{message}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function History({ history }: { readonly history: readonly Told[] }): ReactNode {
  return (
    <ol className="timeline">
      {history.map(({ record, seq, at, by, what, words, failed }) => (
        <li key={record} className={failed ? 'warning' : ''}>
          <span className="when">
            <Moment at={at} />
          </span>
          <span>
            <strong>{what}</strong> by {by}
            {failed && <span className="tone-danger"> failed</span>}
            <span className="said">{words}</span>
            <Link to={recordPath(record)}>record {seq}</Link>
          </span>
        </li>
      ))}
    </ol>
  );
}
