import type { ReactNode } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { EndAnswer, EndSetAnswer } from '../../src/operator/end-api.ts';
import { ask } from '../live/ask.ts';
import { ActionDialog } from '../parts/action-dialog.tsx';

interface Properties {
  readonly row: VolumeRow;
  readonly choice: EndAnswer['choices'][number];
  readonly onClose: () => void;
}

export const endVerbs = { archive: 'Archive when deleted', retain: 'Keep when deleted' } as const;

/** Lets the volume say what becomes of it. */
export function SetEnd({ row, choice, onClose }: Properties): ReactNode {
  const { onDelete, command } = choice;
  const claim = `${row.namespace}/${row.claim}`;
  const send = (dryRun: boolean, signal?: AbortSignal): Promise<EndSetAnswer> =>
    ask<EndSetAnswer>(
      '/api/claims/end',
      { namespace: row.namespace, name: row.claim, volume: row.volume, onDelete, dryRun },
      signal,
    );
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: onDelete === 'archive' ? `Archive ${claim} when it is deleted` : `Keep ${claim} when it is deleted`,
        does: `The volume is marked: when the claim is deleted, its directory ${onDelete === 'archive' ? 'is archived' : 'stays where it is'}, whatever its class says.`,
        leaves: 'Nothing is deleted or moved now, and the claim does not change.',
        command,
        verb: endVerbs[onDelete],
        question: onDelete,
        plan: (signal) => send(true, signal),
        act: () => send(false),
      }}
    />
  );
}
