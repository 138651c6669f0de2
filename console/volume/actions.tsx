import { type ReactNode, useState } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import { useMay } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { Approve, awaitsApproval } from './approve.tsx';
import { EditSettings } from './edit-settings.tsx';
import { End } from './end.tsx';
import type { Explained } from './explained.ts';
import { Grow } from './grow.tsx';
import { Pause } from './pause.tsx';

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained | undefined;
}

type Open = 'grow' | 'approve' | 'pause' | 'resume' | 'edit' | 'end';

export function Actions({ row, decision }: Properties): ReactNode {
  const [open, setOpen] = useState<Open | undefined>(undefined);
  const live = useIsLive();
  const may = useMay(needOf('change claims', row.namespace));
  const mayVolumes = useMay(needOf('change volumes'));
  if (!may && !mayVolumes) return null;
  return (
    <>
      <div className="actions">
        {may && <ClaimActions row={row} decision={decision} onOpen={setOpen} />}
        {row.volume !== '' && (
          <button type="button" disabled={!live} onClick={() => setOpen('end')}>
            When deleted
          </button>
        )}
      </div>
      {open && <Opened open={open} row={row} decision={decision} onClose={() => setOpen(undefined)} />}
    </>
  );
}

interface ClaimActionsProperties extends Properties {
  readonly onOpen: (open: Open) => void;
}

function ClaimActions({ row, decision, onOpen }: ClaimActionsProperties): ReactNode {
  const live = useIsLive();
  const waits = decision !== undefined && awaitsApproval(decision);
  const pause = row.state === 'paused' ? 'resume' : 'pause';
  return (
    <>
      {waits && (
        <button type="button" className="primary" disabled={!live} onClick={() => onOpen('approve')}>
          Approve
        </button>
      )}
      {row.phase === 'Bound' && (
        <button type="button" className={waits ? '' : 'primary'} disabled={!live} onClick={() => onOpen('grow')}>
          Grow
        </button>
      )}
      <button type="button" disabled={!live} onClick={() => onOpen(pause)}>
        {pause === 'pause' ? 'Pause growth' : 'Resume growth'}
      </button>
      <button type="button" disabled={!live || !decision} onClick={() => onOpen('edit')}>
        Edit settings
      </button>
    </>
  );
}

interface OpenedProperties extends Properties {
  readonly open: Open;
  readonly onClose: () => void;
}

function Opened({ open, row, decision, onClose }: OpenedProperties): ReactNode {
  switch (open) {
    case 'grow':
      return <Grow row={row} decision={decision} onClose={onClose} />;
    case 'approve':
      return decision && <Approve row={row} decision={decision} onClose={onClose} />;
    case 'pause':
    case 'resume':
      return <Pause row={row} action={open} onClose={onClose} />;
    case 'edit':
      return decision && <EditSettings row={row} decision={decision} onClose={onClose} />;
    case 'end':
      return <End row={row} onClose={onClose} />;
    default:
      return open satisfies never;
  }
}
