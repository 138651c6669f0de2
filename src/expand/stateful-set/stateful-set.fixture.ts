import { kinds, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { type Raw, type StatefulSet, statefulSets } from './stateful-set.ts';

interface Given {
  readonly metadata?: Raw;
  readonly spec?: Raw;
  readonly status?: Raw;
  readonly limit?: string;
}

/** As an API server gives it: with what it adds. */
export function setOf({ metadata = {}, spec = {}, status = {}, limit }: Given = {}): StatefulSet {
  const resources = { requests: { storage: '10Gi' }, ...(limit === undefined ? {} : { limits: { storage: limit } }) };
  return statefulSets.project({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'db',
      namespace: 'shop',
      uid: 'uid-of-db',
      resourceVersion: '7',
      generation: 2,
      creationTimestamp: '2026-11-01T00:00:00Z',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      managedFields: [
        { manager: 'kubectl-client-side-apply', fieldsV1: { 'f:spec': { 'f:volumeClaimTemplates': {} } } },
        { manager: 'kube-controller-manager', subresource: 'status', fieldsV1: { 'f:status': {} } },
      ],
      ...metadata,
    },
    spec: {
      replicas: 3,
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources },
          status: { phase: 'Pending' },
        },
      ],
      ...spec,
    },
    status: { observedGeneration: 2, currentRevision: 'db-1', updateRevision: 'db-1', ...status },
  });
}

/** Bound. */
export function claimOf(name: string, request: string, { capacity = request, owner = '' } = {}): PersistentVolumeClaim {
  return kinds.PersistentVolumeClaim.project({
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      ...(owner === ''
        ? {}
        : { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: owner }] }),
    },
    spec: { resources: { requests: { storage: request } } },
    status: { phase: 'Bound', capacity: { storage: capacity } },
  });
}
