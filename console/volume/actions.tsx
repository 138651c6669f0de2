import { type ReactNode, useState } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import { useMay } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { Approve, awaitsApproval } from './approve.tsx';
import { EditSettings } from './edit-settings.tsx';
import type { Explained } from './explained.ts';
import { Grow } from './grow.tsx';
import { Pause } from './pause.tsx';

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained | undefined;
}

type Open = 'grow' | 'approve' | 'pause' | 'resume' | 'edit';

export function Actions({ row, decision }: Properties): ReactNode {
  const [open, setOpen] = useState<Open | undefined>(undefined);
  const live = useIsLive();
  const may = useMay(needOf('change claims', row.namespace));
  if (!may) return null;
  const waits = decision !== undefined && awaitsApproval(decision);
  const pause = row.state === 'paused' ? 'resume' : 'pause';
  return (
    <div className="actions">
      {waits && (
        <button type="button" className="primary" disabled={!live} onClick={() => setOpen('approve')}>
          Approve
        </button>
      )}
      <button type="button" className={waits ? '' : 'primary'} disabled={!live} onClick={() => setOpen('grow')}>
        Grow
      </button>
      <button type="button" disabled={!live} onClick={() => setOpen(pause)}>
        {pause === 'pause' ? 'Pause growth' : 'Resume growth'}
      </button>
      <button type="button" disabled={!live || !decision} onClick={() => setOpen('edit')}>
        Edit settings
      </button>
      {open && <Opened open={open} row={row} decision={decision} onClose={() => setOpen(undefined)} />}
    </div>
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
    default:
      return open satisfies never;
  }
}
