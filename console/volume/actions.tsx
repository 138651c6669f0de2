import { type ReactNode, useState } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { ClaimAction, ClaimActionAnswer } from '../../src/operator/claim-api.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';
import { sizeText } from '../words/size.ts';
import { EditSettings } from './edit-settings.tsx';
import type { Explained } from './explained.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained | undefined;
}

type Open = 'grow' | 'pause' | 'resume' | 'edit' | undefined;

export function Actions({ row, decision }: Properties): ReactNode {
  const [open, setOpen] = useState<Open>(undefined);
  const live = useIsLive();
  const close = (): void => setOpen(undefined);
  const pause = row.state === 'paused' ? 'resume' : 'pause';
  return (
    <div className="actions">
      <button type="button" className="primary" disabled={!live} onClick={() => setOpen('grow')}>
        Grow
      </button>
      <button type="button" disabled={!live} onClick={() => setOpen(pause)}>
        {pause === 'pause' ? 'Pause growth' : 'Resume growth'}
      </button>
      <button type="button" disabled={!live || !decision} onClick={() => setOpen('edit')}>
        Edit settings
      </button>
      {open === 'grow' && <Grow row={row} decision={decision} onClose={close} />}
      {(open === 'pause' || open === 'resume') && <Pause row={row} action={open} onClose={close} />}
      {open === 'edit' && decision && <EditSettings row={row} decision={decision} onClose={close} />}
    </div>
  );
}

interface Asked {
  readonly row: VolumeRow;
  readonly action: ClaimAction;
  readonly size?: string;
  readonly dryRun: boolean;
}

function act({ row, action, size, dryRun }: Asked, signal?: AbortSignal): Promise<Outcome> {
  const body = { namespace: row.namespace, name: row.claim, action, dryRun, ...(size === undefined ? {} : { size }) };
  return ask<ClaimActionAnswer>('/api/claims/act', body, signal);
}

function Grow({ row, decision, onClose }: Properties & { readonly onClose: () => void }): ReactNode {
  const [typed, setTyped] = useState('');
  const size = typed.trim() === '' ? undefined : typed.trim();
  const asked = { row, action: 'grow', ...(size === undefined ? {} : { size }) } as const;
  const step = decision?.nextSizeBytes;
  const verb =
    size !== undefined ? `Grow to ${size}` : step === undefined ? 'Grow by a step' : `Grow to ${sizeText(step)}`;
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `Grow ${row.namespace}/${row.claim}`,
        does: 'The request of the claim is raised, by the same gates as any growth.',
        leaves: 'No data is touched. A volume is never made smaller again.',
        command: `larder grow pvc/${row.claim} -n ${row.namespace}${size === undefined ? '' : ` --to ${size}`}`,
        verb,
        question: `grow ${size ?? ''}`,
        plan: (signal) => act({ ...asked, dryRun: true }, signal),
        act: () => act({ ...asked, dryRun: false }),
      }}
    >
      <label className="field">
        <span>To this size</span>
        <input
          value={typed}
          placeholder={step === undefined ? 'one step' : `one step, ${sizeText(step)}`}
          onChange={(event) => setTyped(event.target.value)}
        />
        <span className="quiet">empty: one step, as its settings say</span>
      </label>
    </ActionDialog>
  );
}

interface PauseProperties {
  readonly row: VolumeRow;
  readonly action: 'pause' | 'resume';
  readonly onClose: () => void;
}

function Pause({ row, action, onClose }: PauseProperties): ReactNode {
  const pausing = action === 'pause';
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `${pausing ? 'Pause' : 'Resume'} growth of ${row.namespace}/${row.claim}`,
        does: pausing
          ? 'The claim is marked as paused: it does not grow until somebody resumes it, also when it is full.'
          : 'The mark of the pause is taken away: the claim grows again as its settings say.',
        leaves: 'Neither the data nor the size changes.',
        command: `larder ${action} pvc/${row.claim} -n ${row.namespace}`,
        verb: pausing ? 'Pause growth' : 'Resume growth',
        question: action,
        plan: (signal) => act({ row, action, dryRun: true }, signal),
        act: () => act({ row, action, dryRun: false }),
      }}
    />
  );
}
