import { type ReactNode, useState } from 'react';
import { shellWord } from '../../src/nomad/report/shell-word.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import { ActionDialog } from '../parts/action-dialog.tsx';
import { sizeText } from '../words/size.ts';
import { act } from './act.ts';
import type { Explained } from './explained.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained | undefined;
  readonly onClose: () => void;
}

export function Grow({ row, decision, onClose }: Properties): ReactNode {
  const [typed, setTyped] = useState('');
  const size = typed.trim() === '' ? undefined : typed.trim();
  const asked = { row, action: 'grow', ...(size === undefined ? {} : { size }) } as const;
  const step = decision?.nextSizeBytes;
  // To which size, of one that somebody typed, the dry run says: it may be less.
  const verb = size !== undefined ? 'Grow' : step === undefined ? 'Grow by a step' : `Grow to ${sizeText(step)}`;
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `Grow ${row.namespace}/${row.claim}`,
        does: 'The request of the claim is raised, by the same gates as any growth.',
        leaves: 'No data is touched. A volume is never made smaller again.',
        command: `larder grow pvc/${row.claim} -n ${row.namespace}${size === undefined ? '' : ` --to ${shellWord(size)}`}`,
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
