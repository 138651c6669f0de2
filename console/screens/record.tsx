import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RecordDetail } from '../../src/operator/ledger/ledger-api.ts';
import { typeWords } from '../../src/operator/ledger/record-type.ts';
import { Link } from '../frame/link.tsx';
import { changePath, recordPath } from '../frame/route.ts';
import { useEscape } from '../frame/use-escape.ts';
import { useTitle } from '../frame/use-title.ts';
import { Evidence } from '../ledger/evidence.tsx';
import { Fields } from '../ledger/fields.tsx';
import { standingLooks } from '../ledger/looks.ts';
import { NoLedger } from '../ledger/no-ledger.tsx';
import { RecordChecks } from '../ledger/record-checks.tsx';
import { Marks } from '../ledger/record-list.tsx';
import { useLedger } from '../ledger/use-ledger.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';
import { CommandLine, Copy } from '../parts/copy.tsx';
import { Fact } from '../parts/fact.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { LookWord } from '../parts/look-word.tsx';
import { Moment } from '../parts/moment.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { exactTime } from '../words/time.ts';

const AGAIN_MS = 10_000;

/** `id`: of the record, or its number. */
export function LedgerRecord({ id }: { readonly id: string }): ReactNode {
  useTitle(`Record ${id.slice(0, 8)}`);
  useEscape('/ledger');
  const live = useIsLive();
  const ledger = useLedger();
  const isThere = ledger.data?.kind === 'ledger';
  const { data, error, refetch } = useQuery({
    queryKey: ['ledger', 'record', id],
    enabled: isThere,
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<RecordDetail>(`/api/ledger/records/${encodeURIComponent(id)}`, undefined, signal),
  });
  if (ledger.data && ledger.data.kind !== 'ledger') {
    return (
      <>
        <h1>Record</h1>
        <NoLedger answer={ledger.data} shows="One record: what it says, its evidence, and what was checked." />
      </>
    );
  }
  if (data) return <Whole record={data} />;
  const cause = error ?? ledger.error;
  return (
    <>
      <h1>Record</h1>
      {cause ? (
        <FailureNote what="The record was not read" cause={cause} retry={() => void refetch()} />
      ) : (
        <Waiting what="the record" />
      )}
      <Link to="/ledger">All records</Link>
    </>
  );
}

function Whole({ record }: { readonly record: RecordDetail }): ReactNode {
  return (
    <article>
      <Head record={record} />
      <div className="columns">
        <div>
          <EvidenceFiles record={record} />
          <Said record={record} />
        </div>
        <RecordChecks record={record} />
      </div>
    </article>
  );
}

function Head({ record }: { readonly record: RecordDetail }): ReactNode {
  const { seq, type, words, operator, at, standing, marks, hash, path, gitCommit, changeId } = record;
  return (
    <header className="volume-head">
      <div className="title-line">
        <h1>
          <span className="quiet number">{seq}</span> {typeWords(type)}
        </h1>
        <LookWord look={standingLooks[standing]} />
        <Marks marks={marks} />
        <Neighbours record={record} />
      </div>
      <p className="sentence break">{words}</p>
      <dl className="facts">
        <Fact name="Signed by">{operator === '' ? 'cannot be read' : operator}</Fact>
        <Fact name="Recorded">
          {at === undefined ? (
            'cannot be read'
          ) : (
            <>
              <Moment at={at} /> <span className="quiet">{exactTime(at)}</span>
            </>
          )}
        </Fact>
        {changeId !== undefined && (
          <Fact name="Change">
            <Link to={changePath(changeId)}>{changeId}</Link>
          </Fact>
        )}
        {gitCommit !== '' && (
          <Fact name="Checked out then">
            <code>{gitCommit.slice(0, 12)}</code> <Copy text={gitCommit} what="the commit" />
          </Fact>
        )}
        {hash !== '' && (
          <Fact name="Hash">
            <code>{hash.slice(0, 16)}…</code> <Copy text={hash} what="the hash" />
          </Fact>
        )}
        <Fact name="File">
          <code className="break">{path}</code> <Copy text={path} what="the path" />
        </Fact>
      </dl>
    </header>
  );
}

function Neighbours({ record: { parents, next } }: { readonly record: RecordDetail }): ReactNode {
  return (
    <span className="neighbours">
      {parents.map(({ id, seq, words }) => (
        <Link key={id} to={recordPath(id)} title={words}>
          ← follows {seq}
        </Link>
      ))}
      {next.map(({ id, seq, words }) => (
        <Link key={id} to={recordPath(id)} title={words}>
          followed by {seq} →
        </Link>
      ))}
    </span>
  );
}

function EvidenceFiles({ record: { id, files } }: { readonly record: RecordDetail }): ReactNode {
  if (files.length === 0) return null;
  return (
    <section aria-labelledby="evidence">
      <h2 id="evidence">Evidence</h2>
      {files.map(({ path, sha256, tombstone }) => (
        <div key={path}>
          <p className="section-bar">
            <code className="break">{path}</code>
            <Copy text={path} what="the path of the evidence" />
            <span className="quiet">
              SHA-256 <code>{sha256.slice(0, 12)}…</code>
            </span>
            <Copy text={sha256} what="the SHA-256" />
          </p>
          {tombstone === undefined ? (
            <Evidence record={id} path={path} />
          ) : (
            <p className="quiet">It may be gone, and a tombstone says why: {tombstone}</p>
          )}
        </div>
      ))}
    </section>
  );
}

function Said({ record: { record, corrected, seq, path } }: { readonly record: RecordDetail }): ReactNode {
  if (record === undefined) {
    return (
      <>
        <p>What stands in the file now is no record, and is not shown as one. How it came to be so:</p>
        <CommandLine command={`git log -p -- ${path}`} />
      </>
    );
  }
  const text = JSON.stringify(record, undefined, 2);
  return (
    <section aria-labelledby="said">
      <h2 id="said">What it says</h2>
      {corrected && (
        <>
          <p className="tone-warn">
            Record <Link to={recordPath(corrected.by.id)}>{corrected.by.seq}</Link> corrects this one:{' '}
            {corrected.by.words}
          </p>
          <Fields value={corrected.data} />
          <h2>As it was signed</h2>
        </>
      )}
      <Fields value={Object(record).data} />
      <details className="folded">
        <summary>The record as JSON</summary>
        <p className="section-bar">
          <Copy text={text} what="the record" />
          <CommandLine command={`larder ledger show ${seq} -o json`} />
        </p>
        <pre className="log">{text}</pre>
      </details>
    </section>
  );
}
