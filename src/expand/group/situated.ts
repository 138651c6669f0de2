/** What a claim, its namespace and its class say of the group that it belongs to. Pure. */
import type { Namespace, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import { nameIn } from '../policy/layers.ts';
import { ANNOTATION_PREFIX, settingKeys } from '../settings/settings.ts';
import { GRANT, type Situated } from './belonging.ts';

/** The annotation that names a group. */
export const GROUP_NAME = ANNOTATION_PREFIX + settingKeys.group;

export function situatedOf(
  claim: PersistentVolumeClaim,
  namespace: Namespace | undefined,
  storageClass: StorageClass | undefined,
): Situated {
  return {
    claim,
    named: nameIn(GROUP_NAME, [claim, namespace, storageClass]),
    grant: namespace?.metadata.annotations?.[GRANT],
  };
}
