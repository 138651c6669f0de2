import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { Happening } from '../../src/operator/console/feed.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { ask } from '../live/ask.ts';
import { useMay } from '../live/me.ts';
import { useIsLive, useLive } from '../live/use-live.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Moment } from '../parts/moment.tsx';
import { Timeline } from '../parts/timeline.tsx';
import type { Explained } from './explained.ts';
import { lifeOf } from './life.ts';
import { useRecorded } from './use-recorded.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained | undefined;
}

const AGAIN_MS = 30_000;
const NOTHING: readonly Happening[] = [];
/** Where the API keeps events of objects without a namespace. */
const EVENTS_OF_VOLUMES = 'default';

/** What happened to the volume: as it comes, as the cluster remembers it, and the growths that the claim remembers. */
export function LifeLine({ row, decision }: Properties): ReactNode {
  const { feed } = useLive();
  const { namespace, claim, volume } = row;
  const ofClaim = useEvents(`/api/claims/${encodeURIComponent(namespace)}/${encodeURIComponent(claim)}`, namespace);
  const ofVolume = useEvents(volume === '' ? '' : `/api/volumes/${encodeURIComponent(volume)}`, EVENTS_OF_VOLUMES);
  const remembered = [...(ofClaim.data ?? []), ...(ofVolume.data ?? [])];
  const recorded = useRecorded(row);
  const told = [...(feed?.happenings ?? NOTHING), ...remembered, ...recorded.happenings];
  const life = lifeOf(row, told, decision);
  const ending = ({ id }: Happening): ReactNode => {
    const record = recorded.records.get(id);
    return record && <Link to={recordPath(record.record)}>record {record.seq}</Link>;
  };
  return (
    <section aria-labelledby="life">
      <h2 id="life">Timeline</h2>
      {ofClaim.error && (
        <FailureNote
          what="What the cluster remembers was not read"
          cause={ofClaim.error}
          retry={() => void ofClaim.refetch()}
        />
      )}
      {life.length === 0 ? (
        <p className="quiet">Nothing was told about it.</p>
      ) : (
        <Timeline happenings={life} named={false} ending={ending} />
      )}
      <p className="quiet">
        Events as long as the cluster keeps them, which is an hour where nobody chose otherwise, and the growths that
        the claim remembers.
        {feed && !ofClaim.data && (
          <>
            {' '}
            Of the events only those since the operator began, <Moment at={feed.head.startedAt} />.
          </>
        )}
      </p>
    </section>
  );
}

/** `of`: the address of the object; empty: there is none. */
function useEvents(of: string, namespace: string) {
  const may = useMay(needOf('see events', namespace));
  const live = useIsLive();
  return useQuery({
    queryKey: ['events', of],
    enabled: may && of !== '',
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<readonly Happening[]>(`${of}/events`, undefined, signal),
  });
}
