import { type DragEvent, type ReactNode, useEffect, useState } from 'react';
import type { Report } from '../../src/nomad/report/report.ts';
import { Link } from '../frame/link.tsx';
import { go, useParameter } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { useMe } from '../live/me.ts';
import { Checks } from '../nomad/checks.tsx';
import { Decisions } from '../nomad/decisions.tsx';
import { download } from '../nomad/download.ts';
import { Given } from '../nomad/given.tsx';
import { belongTo, type Jobs, takeJobs, useJobs } from '../nomad/jobs.ts';
import { type ReadOutcome, readDropped } from '../nomad/read-files.ts';
import { ServiceTable } from '../nomad/service-table.tsx';
import { ServiceView } from '../nomad/service-view.tsx';
import { ChooseButtons, Start } from '../nomad/start.tsx';
import { type Migration, useConversion } from '../nomad/use-conversion.ts';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';

export function Nomad(): ReactNode {
  useTitle('Nomad');
  const jobs = useJobs();
  const name = useMe()?.name;
  useEffect(() => {
    if (name !== undefined) belongTo(name);
  }, [name]);
  const [over, setOver] = useState(false);
  const [failure, setFailure] = useState<unknown>(undefined);
  const take = (reading: Promise<ReadOutcome>): void => {
    reading.then((outcome) => {
      if (outcome.kind === 'refused') return setFailure(new Error(outcome.why));
      setFailure(undefined);
      takeJobs(outcome.jobs);
      go('/nomad');
    }, setFailure);
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take(readDropped(event.dataTransfer));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it do the same by keys
    <div
      className={over ? 'nomad dropping' : 'nomad'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
      }}
      onDrop={onDrop}
    >
      {failure !== undefined && <FailureNote what="These files were not taken" cause={failure} />}
      <Content jobs={jobs} name={name} onRead={take} />
    </div>
  );
}

interface ContentProperties {
  readonly jobs: Jobs | undefined;
  /** Of who is signed in; undefined: not known yet. */
  readonly name: string | undefined;
  readonly onRead: (outcome: Promise<ReadOutcome>) => void;
}

/** What somebody dropped is shown to nobody else. */
function Content({ jobs, name, onRead }: ContentProperties): ReactNode {
  if (jobs && jobs.who !== '' && jobs.who !== name) return <Waiting what="the name of who is signed in" />;
  if (jobs) return <Moving key={jobs.set} jobs={jobs} onRead={onRead} />;
  return (
    <>
      <h1>From Nomad to Kubernetes</h1>
      <Start onRead={onRead} />
    </>
  );
}

interface MovingProperties {
  readonly jobs: Jobs;
  readonly onRead: (outcome: Promise<ReadOutcome>) => void;
}

function Moving({ jobs, onRead }: MovingProperties): ReactNode {
  const { data, error, isFetching, isPlaceholderData, refetch } = useConversion(jobs);
  const [adding, setAdding] = useState(false);
  const [failure, setFailure] = useState<unknown>(undefined);
  const save = (migration: Migration): void => {
    setFailure(undefined);
    download(migration, jobs.folder).catch(setFailure);
  };
  return (
    <>
      <div className="title-line">
        <h1>
          From Nomad to Kubernetes <span className="quiet">{jobs.folder}</span>
        </h1>
        <div className="actions">
          <button
            type="button"
            className="primary"
            disabled={!data || data.report.counts.modules === 0 || isPlaceholderData}
            onClick={() => data && save(data)}
          >
            Download the tree
          </button>
          <button type="button" aria-expanded={adding} onClick={() => setAdding(!adding)}>
            Other files
          </button>
          <button
            type="button"
            onClick={() => {
              takeJobs(undefined);
              go('/nomad');
            }}
          >
            Forget these
          </button>
        </div>
      </div>
      {adding && <ChooseButtons onRead={onRead} />}
      {failure !== undefined && <FailureNote what="The tree was not made into a file" cause={failure} />}
      {error && <FailureNote what="The jobs were not converted" cause={error} retry={() => void refetch()} />}
      {!data && !error && <Waiting what="the conversion; others may be before it" />}
      {data ? (
        <div className={isFetching && isPlaceholderData ? 'stale' : ''} aria-busy={isFetching}>
          <Converted jobs={jobs} migration={data} />
        </div>
      ) : (
        error && <Given jobs={jobs} />
      )}
    </>
  );
}

interface ConvertedProperties {
  readonly jobs: Jobs;
  readonly migration: Migration;
}

function Converted({ jobs, migration }: ConvertedProperties): ReactNode {
  const [job] = useParameter('job');
  const [view] = useParameter('view');
  const { report, questions } = migration;
  const module = report.modules.find(({ file }) => file === job);
  const open = questions.filter(({ id }) => !Object.hasOwn(jobs.answers, id)).length;
  const todo = report.modules.reduce((sum, { todos }) => sum + todos.length, 0);
  const parts = [
    { name: '', words: 'Services', count: report.modules.length },
    { name: 'decide', words: 'Decide', count: open + todo },
    { name: 'checks', words: 'Checks', count: undefined },
    { name: 'input', words: 'Input', count: undefined },
  ];
  return (
    <>
      <nav className="parts" aria-label="Parts of the migration">
        {parts.map(({ name, words, count }) => (
          <Link key={name} to={name === '' ? '/nomad' : `/nomad?view=${name}`} current={view === name}>
            {words} {count !== undefined && <span className="number quiet">{count}</span>}
          </Link>
        ))}
      </nav>
      {view === 'decide' && <Decisions jobs={jobs} migration={migration} />}
      {view === 'checks' && <Checks jobs={jobs} />}
      {view === 'input' && <Given jobs={jobs} />}
      {!['decide', 'checks', 'input'].includes(view) &&
        (module ? (
          <ServiceView key={module.file} migration={migration} module={module} />
        ) : (
          <Services report={report} gone={job} />
        ))}
    </>
  );
}

function Services({ report, gone }: { readonly report: Report; readonly gone: string }): ReactNode {
  const { direct, approximate, manual, dropped } = report.counts;
  return (
    <>
      {gone !== '' && <p className="tone-warn">No job is in the file {gone} of what was dropped.</p>}
      <Problems report={report} />
      {report.modules.length === 0 ? (
        <Empty title="No job is in these files.">
          <p>A job is a file *.nomad, *.nomad.hcl, *.hcl or *.json that holds one.</p>
        </Empty>
      ) : (
        <>
          <p>
            {direct + approximate + manual + dropped} lines: {direct} direct, {approximate} approximate, {manual} for a
            person, {dropped} dropped.
          </p>
          <ServiceTable report={report} />
        </>
      )}
    </>
  );
}

function Problems({ report: { diagnostics } }: { readonly report: Report }): ReactNode {
  if (diagnostics.length === 0) return null;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return (
    <details className="problems" open={errors > 0}>
      <summary className={errors > 0 ? 'tone-danger' : 'tone-warn'}>
        {diagnostics.length === 1 ? 'One problem' : `${diagnostics.length} problems`} in the input
      </summary>
      <ul>
        {diagnostics.map(({ severity, code, message, file, line }) => (
          <li key={`${file} ${line} ${message}`}>
            {severity}: {file !== undefined && <code className="break">{`${file}:${line}`}</code>} {message}{' '}
            <span className="quiet">
              <code>{code}</code>
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
