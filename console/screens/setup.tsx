import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { ConfigRow, Finding } from '../../src/operator/api.ts';
import { useTitle } from '../frame/use-title.ts';
import { ask } from '../live/ask.ts';
import { useLive } from '../live/use-live.ts';
import { CommandLine } from '../parts/copy.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { List } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { sentenceText } from '../words/size.ts';

const AGAIN_MS = 30_000;

export function Setup(): ReactNode {
  useTitle('Setup');
  const { feed } = useLive();
  return (
    <>
      <h1>Setup</h1>
      {feed && (
        <p className="quiet">
          Larder {feed.head.version}, {feed.head.leader ? 'leading' : 'standing by'}, began{' '}
          <Moment at={feed.head.startedAt} />.
        </p>
      )}
      <Doctor />
      <Configuration />
    </>
  );
}

const levels = {
  error: { shape: 'square', tone: 'danger', rank: 0 },
  warning: { shape: 'triangle', tone: 'warn', rank: 1 },
  unknown: { shape: 'dashed', tone: 'quiet', rank: 2 },
  ok: { shape: 'circle', tone: 'ok', rank: 3 },
} as const satisfies Record<Finding['level'], unknown>;

function Doctor(): ReactNode {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['doctor'],
    refetchInterval: AGAIN_MS,
    queryFn: ({ signal }) => ask<readonly Finding[]>('/api/doctor', undefined, signal),
  });
  const findings = data?.toSorted((one, other) => levels[one.level].rank - levels[other.level].rank);
  return (
    <section aria-labelledby="doctor">
      <div className="section-bar">
        <h2 id="doctor">Doctor</h2>
        <button type="button" disabled={isFetching} onClick={() => void refetch()}>
          Look again
        </button>
      </div>
      {error && <FailureNote what="The installation was not looked at" cause={error} retry={() => void refetch()} />}
      {!data && !error && <Waiting what="the doctor, which reads the exports" />}
      <ul className="findings">
        {findings?.map(({ check, level, message, fix }) => (
          <li key={`${check} ${message}`}>
            <span className={`state tone-${levels[level].tone}`}>
              <Shape name={levels[level].shape} />
              {level}
            </span>
            <span>
              <strong>{check}</strong>: {sentenceText(message)}
              {fix !== '' && <span className="said">{fix}</span>}
            </span>
          </li>
        ))}
      </ul>
      <CommandLine command="larder doctor" />
    </section>
  );
}

function Configuration(): ReactNode {
  const [text, setText] = useState('');
  const { data, error, refetch } = useQuery({
    queryKey: ['config'],
    queryFn: ({ signal }) => ask<readonly ConfigRow[]>('/api/config', undefined, signal),
  });
  const wanted = text.trim().toLowerCase();
  const rows = data?.filter((row) => `${row.key} ${row.value} ${row.source}`.toLowerCase().includes(wanted));
  return (
    <section aria-labelledby="configuration">
      <div className="section-bar">
        <h2 id="configuration">Configuration</h2>
        <input
          data-filter=""
          type="search"
          aria-label="Filter the configuration"
          size={26}
          placeholder="a key, a value or a source"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      {error && <FailureNote what="The configuration was not read" cause={error} retry={() => void refetch()} />}
      {!data && !error && <Waiting what="the configuration" />}
      {rows && (
        <List heads={['Key', 'Value', 'From']}>
          {rows.map(({ key, value, source }) => (
            <tr key={key}>
              <th scope="row">
                <code>{key}</code>
              </th>
              <td className="number break">{value === '' ? '—' : value}</td>
              <td>
                <span className={source === 'built-in' ? 'quiet' : 'chip-plain'}>{source}</span>
              </td>
            </tr>
          ))}
        </List>
      )}
    </section>
  );
}
