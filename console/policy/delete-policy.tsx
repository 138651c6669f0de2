import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { PolicyPreview, PolicySaveAnswer } from '../../src/operator/policies/policy-api.ts';
import { ask } from '../live/ask.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';
import { ReachedClaims } from './reached-claims.tsx';
import { outcomeOf } from './save-policy.tsx';

interface Properties {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly onDeleted: () => void;
  readonly onClose: () => void;
}

export function DeletePolicy({ namespace, name, version, onDeleted, onClose }: Properties): ReactNode {
  const { data } = useQuery({
    queryKey: ['policy without', namespace, name],
    queryFn: ({ signal }) => ask<PolicyPreview>('/api/policies/preview', { namespace, name, object: null }, signal),
  });
  const send = async (dryRun: boolean, signal?: AbortSignal): Promise<Outcome> => {
    const said = await ask<PolicySaveAnswer>('/api/policies/delete', { namespace, name, version, dryRun }, signal);
    if (!dryRun && said.kind === 'saved') onDeleted();
    return outcomeOf(said);
  };
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `Delete policy ${namespace}/${name}`,
        does: 'Its settings go with it: each of its claims then grows only where another place says so.',
        leaves: 'No volume and no data goes, and no size changes.',
        command: `kubectl delete pvcpolicy ${name} -n ${namespace}`,
        verb: 'Delete policy',
        question: version,
        plan: (signal) => send(true, signal),
        act: () => send(false),
      }}
    >
      {data && <ReachedClaims namespace={namespace} preview={data} />}
    </ActionDialog>
  );
}
