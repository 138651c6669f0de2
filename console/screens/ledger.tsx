import { type ReactNode, useCallback, useDeferredValue, useState } from 'react';
import { families } from '../../src/operator/ledger/record-type.ts';
import { Link } from '../frame/link.tsx';
import { useParameter } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { ClusterHead } from '../ledger/cluster-head.tsx';
import { NoLedger } from '../ledger/no-ledger.tsx';
import { RecordList } from '../ledger/record-list.tsx';
import { ReportLine } from '../ledger/report-line.tsx';
import { useLedger } from '../ledger/use-ledger.ts';
import { VerifyState, type Whole } from '../ledger/verify-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';

const SHOWS =
  'Every change of the cluster that was recorded, signed, with its evidence; whether the chain of records is whole; and the objectives that are computed from it.';

export function Ledger(): ReactNode {
  useTitle('Ledger');
  const { data, error, refetch } = useLedger();
  if (!data) {
    return (
      <>
        <h1>Ledger</h1>
        {error ? (
          <FailureNote what="The ledger was not read" cause={error} retry={() => void refetch()} />
        ) : (
          <Waiting what="the ledger, every record of which is checked" />
        )}
      </>
    );
  }
  if (data.kind === 'ledger') return <Records ledger={data} />;
  return (
    <section aria-labelledby="ledger">
      <h1 id="ledger">Ledger</h1>
      <NoLedger answer={data} shows={SHOWS} />
    </section>
  );
}

function Records({ ledger }: { readonly ledger: Whole }): ReactNode {
  const [text, setText] = useParameter('q');
  const asked = useDeferredValue(text);
  const [count, setCount] = useState<readonly [found: number, all: number]>([0, 0]);
  const onCount = useCallback((found: number, all: number) => setCount([found, all]), []);
  const [found, all] = count;
  return (
    <section className="fill" aria-labelledby="ledger">
      <div className="section-bar">
        <h1 id="ledger">
          Ledger{' '}
          <span className="quiet number" aria-live="polite">
            {found === all ? all.toLocaleString() : `${found.toLocaleString()} of ${all.toLocaleString()}`}
          </span>
        </h1>
        <span className="quiet">{ledger.title === '' ? ledger.where : ledger.title}</span>
      </div>
      <VerifyState ledger={ledger} />
      <ClusterHead command={ledger.command} />
      <ReportLine />
      <div className="toolbar">
        <input
          data-filter=""
          type="search"
          aria-label="Filter"
          placeholder="a word, by:ana, since:7d or is:failed"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'Enter') return;
            event.preventDefault(); // of a search field Escape takes the text away
            event.currentTarget.blur();
          }}
        />
        <Families text={text} setText={setText} />
        <Link to="/ledger/report" className="narrow-only">
          Report
        </Link>
      </div>
      <RecordList q={asked} clear={() => setText('')} onCount={onCount} />
    </section>
  );
}

/** A filter by one click; a second one takes it away. */
function Families({ text, setText }: { readonly text: string; readonly setText: (text: string) => void }): ReactNode {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return (
    <fieldset className="chips" aria-label="Kind">
      {families.map((family) => {
        const word = `kind:${family}`;
        const on = words.includes(word);
        const others = words.filter((each) => !each.startsWith('kind:'));
        return (
          <button
            key={family}
            type="button"
            aria-pressed={on}
            className="chip"
            onClick={() => setText((on ? others : [...others, word]).join(' '))}
          >
            {family}
          </button>
        );
      })}
    </fieldset>
  );
}
