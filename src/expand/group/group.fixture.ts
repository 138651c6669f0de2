/** Claims and groups for tests. */

import type { Client } from '../../kube/client.ts';
import { kinds, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { pvcGroups } from '../api/pvc-group.ts';

export function claimObject(key: string, metadata: object = {}, storage = '10Gi'): PersistentVolumeClaim {
  const [namespace = '', name = ''] = key.split('/');
  return kinds.PersistentVolumeClaim.project({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name, uid: key, resourceVersion: '1', ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    status: { phase: 'Bound', capacity: { storage } },
  });
}

/** As somebody wrote it, sent as it is. */
export async function putGroup(client: Client, key: string, spec: object): Promise<void> {
  const [namespace = '', name = ''] = key.split('/');
  const value = { apiVersion: 'pvc-chonker.io/v1alpha1', kind: 'PVCGroup', metadata: { name, namespace }, spec };
  await client.patch(pvcGroups, { namespace, name }, { kind: 'apply', value }, { force: true });
}
