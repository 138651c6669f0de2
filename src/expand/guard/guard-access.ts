import { type Access, cached } from '../../kube/access.ts';

/** What is read before a request is raised, and where it is said why it was not. */
export const guardAccess: readonly Access[] = [
  {
    group: '',
    resource: 'persistentvolumeclaims/status',
    verbs: ['patch'],
    why: 'the condition that says why only a person can make a claim grow',
  },
  { group: '', resource: 'limitranges', verbs: cached, why: 'growth that a LimitRange would refuse' },
  {
    group: 'storage.k8s.io',
    resource: 'csistoragecapacities',
    verbs: cached,
    why: 'growth for which the storage has no room, where the driver publishes it',
  },
  {
    group: 'snapshot.storage.k8s.io',
    resource: 'volumesnapshots',
    verbs: cached,
    why: 'growth that waits for a snapshot, or needs one',
  },
  { group: 'velero.io', resource: 'backups', verbs: cached, why: 'growth that waits for a backup' },
  { group: 'velero.io', resource: 'podvolumebackups', verbs: cached, why: 'growth that waits for a backup' },
];
