import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { MountOptionsRow } from '../../src/operator/api.ts';
import { ask } from '../live/ask.ts';
import { useMay } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';
import { CutNote } from '../parts/cut-note.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ListTable } from '../parts/list.tsx';

const SHOWN = 50;
const AGAIN_MS = 60_000;

/** Volumes that were made with other mount options than their class has now. Shown when there are any. */
export function MountOptions(): ReactNode {
  const may = useMay(needOf('change volumes'));
  const live = useIsLive();
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ['mount-options'],
    enabled: may,
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => sync(true, signal),
  });
  if (error) return <FailureNote what="Mount options were not compared" cause={error} retry={() => void refetch()} />;
  if (!data || (data.length === 0 && !open)) return null;
  return (
    <section aria-labelledby="mount-options">
      <div className="section-bar">
        <h2 id="mount-options">Mount options that differ</h2>
        <button type="button" disabled={!live} onClick={() => setOpen(true)}>
          Bring in line
        </button>
      </div>
      <Differing rows={data} />
      {open && <Sync onClose={() => setOpen(false)} />}
    </section>
  );
}

function sync(dryRun: boolean, signal?: AbortSignal): Promise<readonly MountOptionsRow[]> {
  return ask<readonly MountOptionsRow[]>('/api/mount-options', { dryRun }, signal);
}

const listText = (options: readonly string[]): string => (options.length === 0 ? 'none' : options.join(', '));

function Differing({ rows }: { readonly rows: readonly MountOptionsRow[] }): ReactNode {
  return (
    <div className="scroll">
      <ListTable heads={['Volume', 'Class', 'Has', 'Its class says']}>
        {rows.slice(0, SHOWN).map((row) => (
          <tr key={row.volume}>
            <th scope="row">
              {row.claim === '' ? row.volume : row.claim}
              <span className="quiet below break">{row.claim === '' ? '' : row.volume}</span>
            </th>
            <td>{row.class}</td>
            <td>
              <code className="break">{listText(row.has)}</code>
            </td>
            <td>
              <code className="break">{listText(row.wants)}</code>
            </td>
          </tr>
        ))}
      </ListTable>
      <CutNote shown={SHOWN} of={rows.length} />
    </div>
  );
}

function Sync({ onClose }: { readonly onClose: () => void }): ReactNode {
  const send = async (dryRun: boolean, signal?: AbortSignal): Promise<Outcome> => {
    const rows = await sync(dryRun, signal);
    const many = rows.length === 1 ? '1 volume' : `${rows.length.toLocaleString()} volumes`;
    return { changes: rows.length > 0, message: dryRun ? `would write ${many}` : `${many} written` };
  };
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: 'Bring mount options in line',
        does: 'Each volume gets the mount options that its class has now.',
        leaves: 'Pods that run keep theirs: they see the new ones when they mount next. No data is touched.',
        command: 'larder volumes sync-mount-options',
        verb: 'Write mount options',
        question: 'all',
        plan: (signal) => send(true, signal),
        act: () => send(false),
      }}
    />
  );
}
