import type { ReactNode } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { ActionDialog } from '../parts/action-dialog.tsx';
import { act } from './act.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly action: 'pause' | 'resume';
  readonly onClose: () => void;
}

export function Pause({ row, action, onClose }: Properties): ReactNode {
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
