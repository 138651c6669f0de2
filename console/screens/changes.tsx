import { type ReactNode, useState } from 'react';
import type { ChangeRow, ChangesAnswer, LedgerAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { ChangeEvidence } from '../changes/change-evidence.tsx';
import { NextStep } from '../changes/change-step.tsx';
import { useChanges } from '../changes/use-changes.ts';
import { Link } from '../frame/link.tsx';
import { changePath } from '../frame/route.ts';
import { useParameter } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { BrokenLedger } from '../ledger/broken-ledger.tsx';
import { stageLooks } from '../ledger/looks.ts';
import { NoLedger } from '../ledger/no-ledger.tsx';
import { useLedger } from '../ledger/use-ledger.ts';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { List } from '../parts/list.tsx';
import { LookWord } from '../parts/look-word.tsx';
import { Moment } from '../parts/moment.tsx';
import { Waiting } from '../parts/waiting.tsx';

const SHOWS = 'Changes of manifests: what each would do to the cluster, what it waits for, and who does that.';

export function Changes(): ReactNode {
  useTitle('Changes');
  const ledger = useLedger();
  const { data, error, refetch } = useChanges(ledger.data?.kind === 'ledger');
  if (data && ledger.data?.kind === 'ledger') return <All answer={data} ledger={ledger.data} />;
  const cause = error ?? ledger.error;
  return (
    <section aria-labelledby="changes">
      <h1 id="changes">Changes</h1>
      {ledger.data && ledger.data.kind !== 'ledger' ? (
        <NoLedger answer={ledger.data} shows={SHOWS} />
      ) : cause ? (
        <FailureNote what="The changes were not read" cause={cause} retry={() => void refetch()} />
      ) : (
        <Waiting what="the changes" />
      )}
    </section>
  );
}

interface AllProperties {
  readonly answer: ChangesAnswer;
  readonly ledger: LedgerAnswer;
}

function All({ answer, ledger }: AllProperties): ReactNode {
  const [text, setText] = useParameter('q');
  const wanted = text.trim().toLowerCase();
  const found = answer.changes.filter((change) => textOf(change).includes(wanted));
  const open = found.filter(({ step }) => step !== undefined);
  const settled = found.filter(({ step }) => step === undefined);
  return (
    <>
      <div className="toolbar">
        <h1>
          Changes <span className="quiet number">{open.length} open</span>
        </h1>
        <input
          data-filter=""
          type="search"
          aria-label="Filter"
          placeholder="an id, a word, a person or a state"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <BrokenLedger ledger={ledger} />
      {answer.underWay && (
        <p className="tone-warn">
          An apply of <Link to={changePath(answer.underWay.changeId)}>{answer.underWay.changeId}</Link> began{' '}
          <Moment at={answer.underWay.startedAt} /> and is not recorded: it runs, or was cut off. The next larder change
          command of this clone records what it did.
        </p>
      )}
      {answer.changes.length === 0 && (
        <Empty title="There is no change yet." command="larder change new web-2 --manifests cluster/web">
          <p>{SHOWS} A draft begins with:</p>
        </Empty>
      )}
      <Open changes={open} />
      {settled.length > 0 && <Settled changes={settled} />}
      {answer.changes.length > 0 && found.length === 0 && (
        <Empty title="No change is like that.">
          <button type="button" onClick={() => setText('')}>
            Show all
          </button>
        </Empty>
      )}
    </>
  );
}

function textOf({ changeId, summary, author, stage, branch }: ChangeRow): string {
  return `${changeId} ${summary} ${author} ${stage} ${branch}`.toLowerCase();
}

function Open({ changes }: { readonly changes: readonly ChangeRow[] }): ReactNode {
  const [shown, setShown] = useState(SHOWN);
  const left = changes.length - shown;
  return (
    <>
      {changes.slice(0, shown).map((change) => (
        <OpenChange key={change.changeId} change={change} />
      ))}
      {left > 0 && (
        <button type="button" onClick={() => setShown(shown + MORE)}>
          Show {Math.min(left, MORE)} more of {left.toLocaleString()}
        </button>
      )}
    </>
  );
}

function OpenChange({ change }: { readonly change: ChangeRow }): ReactNode {
  const { changeId, summary, stage, critical, author, createdAt } = change;
  return (
    <article className="change">
      <div className="title-line">
        <h2>
          <Link to={changePath(changeId)}>{changeId}</Link>
        </h2>
        <LookWord look={stageLooks[stage]} />
        {critical && <span className="chip-plain">critical</span>}
        <span className="quiet">
          by {author}, <Moment at={createdAt} />
        </span>
      </div>
      <p className="break">{summary}</p>
      <NextStep change={change} />
      <ChangeEvidence change={change} />
    </article>
  );
}

const SHOWN = 50;
const MORE = 200;

function Settled({ changes }: { readonly changes: readonly ChangeRow[] }): ReactNode {
  const [shown, setShown] = useState(SHOWN);
  const left = changes.length - shown;
  return (
    <section aria-labelledby="settled">
      <h2 id="settled">Done</h2>
      <List heads={['Change', 'State', { title: 'Author', wide: true }, { title: 'Last record', right: true }]}>
        {changes.slice(0, shown).map(({ changeId, summary, stage, author, movedAt }) => (
          <tr key={changeId}>
            <th scope="row">
              <Link to={changePath(changeId)}>{changeId}</Link>
              <span className="quiet below break">{summary}</span>
            </th>
            <td>
              <LookWord look={stageLooks[stage]} />
            </td>
            <td className="wide">{author}</td>
            <td className="right">
              <Moment at={movedAt} />
            </td>
          </tr>
        ))}
      </List>
      {left > 0 && (
        <button type="button" onClick={() => setShown(shown + MORE)}>
          Show {Math.min(left, MORE)} more of {left.toLocaleString()}
        </button>
      )}
    </section>
  );
}
