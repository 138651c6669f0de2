import { type ReactNode, useDeferredValue, useState } from 'react';
import type { TrashRow, UndeleteAnswer } from '../../src/operator/api.ts';
import { ask } from '../live/ask.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';
import { type RestoreFields, restoreCommand, restoreRequestOf } from './restore-request.ts';

interface Properties {
  readonly row: TrashRow;
  readonly onClose: () => void;
}

const fields: readonly { readonly key: keyof RestoreFields; readonly name: string; readonly hint: string }[] = [
  { key: 'to', name: 'Directory', hint: 'below the export; empty: the name it had' },
  { key: 'claim', name: 'Claim', hint: 'namespace/name that gets it; empty: no volume is made' },
  { key: 'size', name: 'Size', hint: 'of that volume, where the archive has no note of it, as 10Gi' },
  { key: 'className', name: 'Class', hint: 'of that volume, likewise' },
];

/** An archive, or a trash entry, to a name of one's choice and for the claim that one names. */
export function Restore({ row, onClose }: Properties): ReactNode {
  const [typed, setTyped] = useState<RestoreFields>({});
  const request = restoreRequestOf(row, useDeferredValue(typed));
  const send = async (dryRun: boolean, signal?: AbortSignal): Promise<Outcome> => {
    const { path, next } = await ask<UndeleteAnswer>('/api/restore', { ...request, dryRun }, signal);
    return { changes: true, message: `${dryRun ? 'would be' : 'is'} at ${path}. ${dryRun ? '' : next}`.trim() };
  };
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `Restore ${row.path}`,
        does: 'The directory is renamed to the name below, with all that is in it. Where a claim is named, a volume is made that only this claim can bind to.',
        leaves: 'Nothing that is there is replaced: where the name is taken, this is refused.',
        command: restoreCommand(request),
        verb: 'Restore',
        question: JSON.stringify(request),
        plan: (signal) => send(true, signal),
        act: () => send(false),
      }}
    >
      <div className="fields">
        {fields.map(({ key, name, hint }) => (
          <label key={key} className="field">
            <span>{name}</span>
            <input value={typed[key] ?? ''} onChange={(event) => setTyped({ ...typed, [key]: event.target.value })} />
            <span className="quiet">{hint}</span>
          </label>
        ))}
      </div>
    </ActionDialog>
  );
}
