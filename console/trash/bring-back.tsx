import type { ReactNode } from 'react';
import { shellWord } from '../../src/nomad/report/shell-word.ts';
import type { TrashRow, UndeleteAnswer } from '../../src/operator/api.ts';
import { ask } from '../live/ask.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';

interface Properties {
  readonly row: TrashRow;
  readonly onClose: () => void;
}

/** What was deleted, to where it was and to the claim that it had. */
export function BringBack({ row, onClose }: Properties): ReactNode {
  const [namespace = '', name = ''] = row.claim.split('/');
  const send = async (dryRun: boolean, signal?: AbortSignal): Promise<Outcome> => {
    const body = { namespace, name, entry: row.entry, export: row.export, dryRun };
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
        command: `larder volumes undelete ${shellWord(row.claim)} --entry ${shellWord(row.entry)} --export ${shellWord(row.export)}`,
        verb: 'Bring back',
        question: row.entry,
        plan: (signal) => send(true, signal),
        act: () => send(false),
      }}
    />
  );
}
