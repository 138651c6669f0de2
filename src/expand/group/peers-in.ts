/** The members of a group that others can go by. Pure. */
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { PVCGroup } from '../api/pvc-group.ts';
import { claimOf } from '../claim.ts';
import { emptyHistory, parseHistory } from '../history.ts';
import { leads } from './belonging.ts';
import { type Peer, peerOf } from './shared-size.ts';

export function peersIn(group: PVCGroup, members: readonly PersistentVolumeClaim[]): readonly Peer[] {
  return members.flatMap((object) => {
    if (!leads(object, group)) return [];
    const history = parseHistory(object.metadata.annotations);
    return peerOf(claimOf(object), history.ok ? history.value : emptyHistory) ?? [];
  });
}
