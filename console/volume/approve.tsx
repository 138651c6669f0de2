import { type ReactNode, useState } from 'react';
import { formatQuantity } from '../../src/kube/quantity.ts';
import { shellWord } from '../../src/nomad/report/shell-word.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import { ActionDialog } from '../parts/action-dialog.tsx';
import { act } from './act.ts';
import { type Explained, wantedBytes } from './explained.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained;
  readonly onClose: () => void;
}

/** For growth that waits until a person agrees. */
export function Approve({ row, decision, onClose }: Properties): ReactNode {
  const wanted = wantedBytes(decision);
  const [typed, setTyped] = useState(wanted === undefined ? '' : formatQuantity(BigInt(wanted)));
  const size = typed.trim();
  const asked = { row, action: 'approve', size } as const;
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `Approve growth of ${row.namespace}/${row.claim}`,
        does: 'The claim is marked as approved up to this size: it then grows by its own gates, when it needs to.',
        leaves: 'Nothing grows by this alone. To take it back, approve the size that it has.',
        command: `larder approve pvc/${row.claim} -n ${row.namespace} ${size === '' ? 'SIZE' : shellWord(size)}`,
        verb: size === '' ? 'Approve' : `Approve up to ${size}`,
        question: size === '' ? undefined : `approve ${size}`,
        plan: (signal) => act({ ...asked, dryRun: true }, signal),
        act: () => act({ ...asked, dryRun: false }),
      }}
    >
      <label className="field">
        <span>Up to this size</span>
        <input value={typed} placeholder="200Gi" onChange={(event) => setTyped(event.target.value)} />
        <span className="quiet">filled in: what it waits for</span>
      </label>
    </ActionDialog>
  );
}

/** It would grow, and only a person's agreement is missing. */
export function awaitsApproval({ verdict }: Pick<Explained, 'verdict'>): boolean {
  return verdict.kind === 'Blocked' && verdict.gate === 'approval';
}
