import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { Happening } from '../../src/operator/console/feed.ts';
import { Link } from '../frame/link.tsx';
import { goBack } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { ask } from '../live/ask.ts';
import { useLive } from '../live/use-live.ts';
import { Copy } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Moment } from '../parts/moment.tsx';
import { Size } from '../parts/size.tsx';
import { StateWord } from '../parts/state-word.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { UsageBar } from '../parts/usage-bar.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { Actions } from '../volume/actions.tsx';
import { DecisionTree } from '../volume/decision-tree.tsx';
import type { Explained, ExplainedAnswer } from '../volume/explained.ts';
import { HistoryChart } from '../volume/history-chart.tsx';
import { lifeOf } from '../volume/life.ts';
import { SettingsList } from '../volume/settings-list.tsx';
import { fullInText } from '../words/time.ts';

interface Properties {
  readonly namespace: string;
  readonly name: string;
}

const AGAIN_MS = 5_000;
const NOTHING: readonly Happening[] = [];

export function Volume({ namespace, name }: Properties): ReactNode {
  useTitle(`${namespace}/${name}`);
  useEscape();
  const { feed, link } = useLive();
  const row = newest(feed?.volumes.values() ?? [], namespace, name);
  const explained = useQuery({
    queryKey: ['explain', namespace, name],
    enabled: row !== undefined,
    refetchInterval: link.kind === 'live' ? AGAIN_MS : false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask<ExplainedAnswer>(
        `/api/claims/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}/explain`,
        undefined,
        signal,
      ),
  });
  if (!feed) return <Waiting what="the volume" />;
  if (!row) {
    return (
      <Empty screen title={`There is no claim ${namespace}/${name}.`}>
        <p>
          It may have been deleted: <Link to="/trash">the trash</Link> has what can come back.
        </p>
        <Link to="/volumes">All volumes</Link>
      </Empty>
    );
  }
  const decision = explained.data?.decision;
  return (
    <article className="volume">
      <Head row={row} decision={decision} />
      <section aria-labelledby="usage">
        <HistoryChart row={row} decision={decision} />
      </section>
      <div className="columns">
        <section aria-labelledby="decision">
          <h2 id="decision">Decision</h2>
          {decision ? (
            <DecisionTree decision={decision} name={`${name} -n ${namespace}`} />
          ) : explained.error ? (
            <FailureNote
              what="The decision was not read"
              cause={explained.error}
              retry={() => void explained.refetch()}
            />
          ) : (
            <Waiting what="the decision" />
          )}
        </section>
        <div>
          <section aria-labelledby="settings">
            <h2 id="settings">Settings</h2>
            {decision ? <SettingsList decision={decision} /> : <p className="quiet">They come with the decision.</p>}
          </section>
          <Life row={row} decision={decision} happenings={feed.happenings} startedAt={feed.head.startedAt} />
        </div>
      </div>
    </article>
  );
}

/** A claim that was made again may have its old volume beside it; the bound one is meant. */
function newest(rows: Iterable<VolumeRow>, namespace: string, name: string): VolumeRow | undefined {
  const own = [...rows].filter((row) => row.namespace === namespace && row.claim === name);
  return own.find(({ phase }) => phase === 'Bound') ?? own.find(({ phase }) => phase === 'Pending') ?? own[0];
}

function useEscape(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || document.querySelector('dialog[open]')) return;
      goBack('/volumes');
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

interface HeadProperties {
  readonly row: VolumeRow;
  readonly decision: Explained | undefined;
}

function Head({ row, decision }: HeadProperties): ReactNode {
  return (
    <header className="volume-head">
      <div className="title-line">
        <h1>
          <span className="quiet">{row.namespace}/</span>
          {row.claim}
        </h1>
        <StateWord row={row} />
        <Actions row={row} decision={decision} />
      </div>
      <p className="sentence">{row.summary}</p>
      <UsageBar row={row} tall />
      <dl className="facts">
        <Fact name="Used">
          <Size bytes={row.used} />
          {row.measuredAt !== undefined && (
            <span className="quiet">
              {' '}
              <Moment at={row.measuredAt} />
            </span>
          )}
        </Fact>
        <Fact name="Size">
          <Size bytes={row.capacity === '' ? row.request : row.capacity} />
          {row.capacity !== '' && row.capacity !== row.request && (
            <span className="quiet">
              {' '}
              of <Size bytes={row.request} /> requested
            </span>
          )}
        </Fact>
        <Fact name="Full in">
          <span className="number">{fullInText(row.fullInMs)}</span>
        </Fact>
        <Fact name="Class">{row.class === '' ? '—' : row.class}</Fact>
        <Fact name="Volume">{row.volume === '' ? '—' : row.volume}</Fact>
        <Fact name="Directory">
          {row.path === '' ? (
            '—'
          ) : (
            <>
              <code className="break">{row.directory === '' ? row.path : row.directory}</code>{' '}
              <Copy text={row.directory === '' ? row.path : row.directory} what="the path" />
            </>
          )}
        </Fact>
      </dl>
    </header>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface LifeProperties extends HeadProperties {
  readonly happenings: readonly Happening[];
  readonly startedAt: number;
}

function Life({ row, decision, happenings, startedAt }: LifeProperties): ReactNode {
  const life = lifeOf(row, happenings ?? NOTHING, decision);
  return (
    <section aria-labelledby="life">
      <h2 id="life">Timeline</h2>
      {life.length === 0 ? (
        <p className="quiet">Nothing was told about it.</p>
      ) : (
        <Timeline happenings={life} named={false} />
      )}
      <p className="quiet">
        What Larder told since the operator began, <Moment at={startedAt} />, and the growths that the claim remembers.
        Older events:{' '}
        <code>
          kubectl describe pvc {row.claim} -n {row.namespace}
        </code>
      </p>
    </section>
  );
}
