/** The order in which objects are applied: what others need comes first. */
import { groupOf, type Manifest } from './manifest.ts';

/** A kind belongs to the first row that names it. Between the first rows and the rest the API may have to catch up. */
const rows: readonly { readonly group?: string; readonly kinds: readonly string[] }[] = [
  { group: '', kinds: ['Namespace'] },
  { group: 'apiextensions.k8s.io', kinds: ['CustomResourceDefinition'] },
  { group: 'scheduling.k8s.io', kinds: ['PriorityClass'] },
  { group: 'node.k8s.io', kinds: ['RuntimeClass'] },
  { group: '', kinds: ['ResourceQuota', 'LimitRange'] },
  { group: 'networking.k8s.io', kinds: ['NetworkPolicy', 'IngressClass'] },
  { group: 'policy', kinds: ['PodDisruptionBudget'] },
  { group: '', kinds: ['ServiceAccount'] },
  { group: 'rbac.authorization.k8s.io', kinds: ['ClusterRole', 'Role', 'ClusterRoleBinding', 'RoleBinding'] },
  { group: '', kinds: ['Secret', 'ConfigMap'] },
  { group: 'storage.k8s.io', kinds: ['StorageClass', 'CSIDriver'] },
  { group: '', kinds: ['PersistentVolume', 'PersistentVolumeClaim'] },
  { group: '', kinds: ['Service', 'Endpoints'] },
  { group: 'discovery.k8s.io', kinds: ['EndpointSlice'] },
  { group: '', kinds: ['Pod', 'ReplicationController'] },
  { group: 'apps', kinds: ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'] },
  { group: 'autoscaling', kinds: ['HorizontalPodAutoscaler'] },
  { group: 'batch', kinds: ['Job', 'CronJob'] },
  { group: 'networking.k8s.io', kinds: ['Ingress'] },
  { group: 'apiregistration.k8s.io', kinds: ['APIService'] },
];
/** Objects of kinds that no row names, custom resources among them. */
const REST = rows.length;
/** They judge every later write, and what answers them must be there: they come last. */
const LAST = REST + 1;

function rankOf({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): number {
  if (groupOf(apiVersion) === 'admissionregistration.k8s.io') return LAST;
  const index = rows.findIndex((row) => row.group === groupOf(apiVersion) && row.kinds.includes(kind));
  return index < 0 ? REST : index;
}

/** Objects of one rank stay in the order in which they were written. */
export function inOrder<T extends Pick<Manifest, 'apiVersion' | 'kind'>>(manifests: readonly T[]): readonly T[] {
  return [...manifests].sort((one, other) => rankOf(one) - rankOf(other));
}

export function isNamespace({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): boolean {
  return apiVersion === 'v1' && kind === 'Namespace';
}

export function isDefinition({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): boolean {
  return groupOf(apiVersion) === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition';
}
