import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { TrashAnswer, TrashRow } from '../../src/operator/api.ts';
import type { ExportDetail as Detail } from '../../src/operator/console/export-detail.ts';
import { Directories } from '../export/directories.tsx';
import { ExportDetail } from '../export/export-detail.tsx';
import { ExportTable } from '../export/export-table.tsx';
import { MountOptions } from '../export/mount-options.tsx';
import { Link } from '../frame/link.tsx';
import { useTitle } from '../frame/use-title.ts';
import { ask } from '../live/ask.ts';
import { useIsLive, useLive } from '../live/use-live.ts';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';

const AGAIN_MS = 30_000;

export function Exports(): ReactNode {
  useTitle('Exports');
  const { feed } = useLive();
  if (!feed) return <Waiting what="the exports" />;
  const rows = [...feed.exports.values()];
  return (
    <>
      <section aria-labelledby="exports">
        <h1 id="exports">
          Exports <span className="quiet number">{rows.length}</span>
        </h1>
        {feed.head.growsOnly ? (
          <Empty title="There are no exports, because this Larder makes no volumes.">
            <p>It was started with --no-provisioner (chart: provisioner.enabled: false): it grows volumes of others.</p>
          </Empty>
        ) : rows.length === 0 ? (
          <Empty title="This operator has no export." command="larder operator --export SERVER:/PATH">
            <p>
              An export is the storage that directories of volumes are made on: how it answers, its space and who uses
              it stand here.
            </p>
          </Empty>
        ) : (
          <ExportTable rows={rows} />
        )}
      </section>
      {rows.length > 0 && (
        <>
          <Details />
          <Laid />
          <Directories />
          <MountOptions />
        </>
      )}
    </>
  );
}

function Details(): ReactNode {
  const live = useIsLive();
  const { data, error, refetch } = useQuery({
    queryKey: ['exports'],
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<readonly Detail[]>('/api/exports', undefined, signal),
  });
  if (error) return <FailureNote what="Their health was not read" cause={error} retry={() => void refetch()} />;
  if (!data) return <Waiting what="their health" />;
  return data.map((detail) => <ExportDetail key={detail.name} detail={detail} />);
}

/** What lies in trash and archives; how much it holds is only known when it is weighed. */
function Laid(): ReactNode {
  const { data: answer } = useQuery({
    queryKey: ['trash'],
    queryFn: ({ signal }) => ask<TrashAnswer>('/api/trash', undefined, signal),
  });
  if (!answer) return null;
  const { entries: data, problems } = answer;
  const unread = problems.map((problem) => problem.export).join(', ');
  const count = (kind: TrashRow['kind']): number => data.filter((row) => row.kind === kind).length;
  return (
    <section aria-labelledby="laid">
      <h2 id="laid">Trash and archives</h2>
      <p>
        {data.length === 0
          ? unread === '' && 'There is nothing in them.'
          : `${count('trash').toLocaleString()} in the trash, ${count('archive').toLocaleString()} archived. `}
        {data.length > 0 && <Link to="/trash">See them, and what making room would free</Link>}
        {unread !== '' && <span className="quiet below">What lies on {unread} is not known: it was not read.</span>}
      </p>
    </section>
  );
}
