import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { TrashRow, UndeleteAnswer } from '../../src/operator/api.ts';
import { useTitle } from '../frame/use-title.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Moment } from '../parts/moment.tsx';
import { Waiting } from '../parts/waiting.tsx';

const AGAIN_MS = 15_000;

export function Trash(): ReactNode {
  useTitle('Trash');
  const live = useIsLive();
  const [chosen, setChosen] = useState<TrashRow | undefined>(undefined);
  const { data, error, refetch } = useQuery({
    queryKey: ['trash'],
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<readonly TrashRow[]>('/api/trash', undefined, signal),
  });
  return (
    <section aria-labelledby="trash">
      <h1 id="trash">Trash and archives {data && <span className="quiet number">{data.length}</span>}</h1>
      {error && <FailureNote what="The trash was not read" cause={error} retry={() => void refetch()} />}
      {!data && !error && <Waiting what="the exports, which are read for this" />}
      {data?.length === 0 && (
        <Empty title="Nothing is in the trash.">
          <p>The directories of deleted claims stand here until their time is over, and can be brought back.</p>
        </Empty>
      )}
      {data && data.length > 0 && <Entries rows={data} bring={setChosen} live={live} />}
      {chosen && <BringBack row={chosen} onClose={() => setChosen(undefined)} />}
    </section>
  );
}

interface EntriesProperties {
  readonly rows: readonly TrashRow[];
  readonly bring: (row: TrashRow) => void;
  readonly live: boolean;
}

function Entries({ rows, bring, live }: EntriesProperties): ReactNode {
  return (
    <div className="scroll">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Claim</th>
            <th scope="col">Deleted</th>
            <th scope="col">Kind</th>
            <th scope="col" className="wide">
              Directory
            </th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.export} ${row.entry}`}>
              <th scope="row">
                {row.claim === '' ? 'not known' : row.claim}
                <span className="quiet below">{row.volume}</span>
              </th>
              <td>{row.trashedAt === 0 ? 'not known' : <Moment at={row.trashedAt} />}</td>
              <td>{row.kind}</td>
              <td className="wide">
                <code className="break">{row.path}</code>
              </td>
              <td className="right">
                {row.kind === 'trash' && row.claim.includes('/') && (
                  <button type="button" disabled={!live} onClick={() => bring(row)}>
                    Bring back
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BringBack({ row, onClose }: { readonly row: TrashRow; readonly onClose: () => void }): ReactNode {
  const [namespace = '', name = ''] = row.claim.split('/');
  const send = async (dryRun: boolean, signal?: AbortSignal): Promise<Outcome> => {
    const body = { namespace, name, entry: row.entry, dryRun };
    const { path, next } = await ask<UndeleteAnswer>('/api/undelete', body, signal);
    return { changes: true, message: `${dryRun ? 'would be' : 'is'} at ${path} again. ${next}` };
  };
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `Bring back ${row.claim}`,
        does: 'The directory is renamed to where it was, with all that is in it.',
        leaves: 'Nothing that is there is replaced: where the place is taken, this is refused.',
        command: `larder volumes undelete ${row.claim} --entry ${row.entry}`,
        verb: 'Bring back',
        question: row.entry,
        plan: (signal) => send(true, signal),
        act: () => send(false),
      }}
    />
  );
}
