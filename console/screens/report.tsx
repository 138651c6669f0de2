import type { ReactNode } from 'react';
import type { Criterion } from '../../src/ledger/report/criterion.ts';
import type { ReportAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { useParameter } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { verdictLooks } from '../ledger/looks.ts';
import { NoLedger } from '../ledger/no-ledger.tsx';
import { useLedger } from '../ledger/use-ledger.ts';
import { useReport } from '../ledger/use-report.ts';
import { CommandLine } from '../parts/copy.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { List } from '../parts/list.tsx';
import { LookWord } from '../parts/look-word.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { unbroken } from '../words/size.ts';
import { dayText, exactTime } from '../words/time.ts';

const spans = [30, 90, 365] as const;

export function LedgerReport(): ReactNode {
  useTitle('Report');
  const [text, setText] = useParameter('days');
  const days = spans.find((each) => String(each) === text) ?? spans[0];
  const ledger = useLedger();
  return (
    <section aria-labelledby="report">
      <div className="section-bar">
        <h1 id="report">Report</h1>
        <Link to="/ledger">Ledger</Link>
        <fieldset className="segments" aria-label="Measured over">
          {spans.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === days}
              onClick={() => setText(each === spans[0] ? '' : String(each))}
            >
              {each} days
            </button>
          ))}
        </fieldset>
      </div>
      {!ledger.data && !ledger.error && <Waiting what="the ledger" />}
      {!ledger.data && ledger.error && (
        <FailureNote what="The ledger was not read" cause={ledger.error} retry={() => void ledger.refetch()} />
      )}
      {ledger.data?.kind === 'ledger' && <Criteria days={days} />}
      {ledger.data && ledger.data.kind !== 'ledger' && (
        <NoLedger answer={ledger.data} shows="What was promised, what the records show of it, and what is due." />
      )}
    </section>
  );
}

function Criteria({ days }: { readonly days: number }): ReactNode {
  const { data, error, refetch } = useReport(days);
  if (error) return <FailureNote what="The report was not made" cause={error} retry={() => void refetch()} />;
  if (!data) return <Waiting what="the report" />;
  if (data.kind === 'broken') {
    return (
      <div className="failure" role="alert">
        <p>
          <strong>Not all is as it was signed, so nothing is computed.</strong> {data.message}
        </p>
        <CommandLine command="larder ledger verify" />
      </div>
    );
  }
  return <Table made={data} days={days} />;
}

interface TableProperties {
  readonly made: Extract<ReportAnswer, { kind: 'report' }>;
  readonly days: number;
}

function Table({ made, days }: TableProperties): ReactNode {
  const { from, at, quarter, records, criteria } = made;
  return (
    <>
      <p className="quiet">
        <time title={exactTime(Date.parse(from))}>{dayText(Date.parse(from), 'UTC')}</time> to{' '}
        <time title={exactTime(Date.parse(at))}>{dayText(Date.parse(at), 'UTC')}</time>, {quarter}, from{' '}
        {records.read.toLocaleString()} records
        {records.notCounted > 0 && `, ${records.notCounted} of them do not count`}. What the records do not show is not
        known, and never counts as met.
      </p>
      <List heads={['Objective', 'Verdict', 'Value', { title: 'Target', wide: true }]} kind="report">
        {criteria.map((criterion) => (
          <Row key={criterion.id} criterion={criterion} />
        ))}
      </List>
      <CommandLine command={days === spans[0] ? 'larder ledger report' : `larder ledger report --since ${days}d`} />
    </>
  );
}

function Row({ criterion }: { readonly criterion: Criterion }): ReactNode {
  const { title, verdict, value, target, notes, records } = criterion;
  const newest = records.at(-1);
  return (
    <tr>
      <th scope="row">
        {title}
        {notes.length > 0 && (
          <details className="notes">
            <summary className="quiet">{notes.length === 1 ? '1 note' : `${notes.length} notes`}</summary>
            <ul className="plain-list">
              {notes.map((note) => (
                <li key={note} className="break">
                  {note}
                </li>
              ))}
            </ul>
          </details>
        )}
      </th>
      <td>
        <LookWord look={verdictLooks[verdict.kind]} />
        {verdict.kind !== 'met' && <span className="said">{verdict.why}</span>}
      </td>
      <td>
        {unbroken(value)}
        <span className="quiet narrow-only">target: {unbroken(target)}</span>
        <span className="quiet below">
          {records.length === 0
            ? 'from no record'
            : `from ${records.length} ${records.length === 1 ? 'record' : 'records'}`}
          {newest && (
            <>
              , the newest <Link to={recordPath(newest.id)}>{newest.seq}</Link>
            </>
          )}
        </span>
      </td>
      <td className="quiet wide">{unbroken(target)}</td>
    </tr>
  );
}
