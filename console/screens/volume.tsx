import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { Link } from '../frame/link.tsx';
import { goBack } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { ask } from '../live/ask.ts';
import { useIsLive, useLive } from '../live/use-live.ts';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { rememberOpened } from '../table/last-opened.ts';
import { DecisionTree } from '../volume/decision-tree.tsx';
import type { ExplainedAnswer } from '../volume/explained.ts';
import { Head } from '../volume/head.tsx';
import { HistoryChart } from '../volume/history-chart.tsx';
import { LifeLine } from '../volume/life-line.tsx';
import { PolicyLink } from '../volume/policy-link.tsx';
import { SettingsList } from '../volume/settings-list.tsx';
import { YamlView } from '../volume/yaml-view.tsx';

interface Properties {
  readonly namespace: string;
  readonly name: string;
}

const AGAIN_MS = 5_000;

export function Volume({ namespace, name }: Properties): ReactNode {
  useTitle(`${namespace}/${name}`);
  useEscape();
  useEffect(() => rememberOpened({ namespace, claim: name }), [namespace, name]);
  const { feed } = useLive();
  const row = newest(feed?.volumes.values() ?? [], namespace, name);
  if (!feed) return <Waiting what="the volume" />;
  if (row) return <Known row={row} />;
  return (
    <Empty
      screen
      title={`Larder knows no claim ${namespace}/${name}.`}
      command={`kubectl get pvc ${name} -n ${namespace}`}
    >
      <p>
        It may have been deleted: <Link to="/trash">the trash</Link> has what can come back. Claims whose class is not
        one of Larder, or does not exist, are not shown here; kubectl shows them:
      </p>
      <Link to="/volumes">All volumes</Link>
    </Empty>
  );
}

function Known({ row }: { readonly row: VolumeRow }): ReactNode {
  const explained = useExplained(row);
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
            <DecisionTree decision={decision} name={`${row.claim} -n ${row.namespace}`} />
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
            <PolicyLink row={row} decision={decision} />
          </section>
          <LifeLine row={row} decision={decision} />
        </div>
      </div>
      <YamlView row={row} />
    </article>
  );
}

function useExplained({ namespace, claim }: VolumeRow) {
  const live = useIsLive();
  const path = `/api/claims/${encodeURIComponent(namespace)}/${encodeURIComponent(claim)}/explain`;
  return useQuery({
    queryKey: ['explain', namespace, claim],
    refetchInterval: live ? AGAIN_MS : false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ask<ExplainedAnswer>(path, undefined, signal),
  });
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
