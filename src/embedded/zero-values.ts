/**
 * Where the schema does not say what Go writes for a member that was not set: the tags `json:"name"` of optional members,
 * which are written all the same, and `omitempty` of required ones (types.go of k8s.io/api and
 * apiextensions-apiserver, read in 0.36). Times are in null-times.ts.
 */
import type { Json } from './json.ts';

/** `Struct.member` → what is written; null for lists, maps and pointers. */
export const zeroValues: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['AzureFilePersistentVolumeSource.secretNamespace', null],
  ['CSINodeDriver.topologyKeys', null],
  ['ClusterRole.rules', null],
  ['ContainerImage.names', null],
  ['EndpointSlice.endpoints', null],
  ['EndpointSlice.ports', null],
  ['Event.reportingComponent', ''],
  ['Event.reportingInstance', ''],
  ['NodeRuntimeHandler.name', ''],
  ['PodDisruptionBudgetStatus.currentHealthy', 0],
  ['PodDisruptionBudgetStatus.desiredHealthy', 0],
  ['PodDisruptionBudgetStatus.disruptionsAllowed', 0],
  ['PodDisruptionBudgetStatus.expectedPods', 0],
  ['PriorityClass.value', 0],
  ['ProjectedVolumeSource.sources', null],
  ['Role.rules', null],
  ['RoleRef.apiGroup', ''],
  ['StatefulSetOrdinals.start', 0],
  ['StatefulSetSpec.serviceName', ''],
  ['StatefulSetStatus.availableReplicas', 0],
  ['TypedLocalObjectReference.apiGroup', null],
  ['TypedObjectReference.apiGroup', null],
]);

/** Required lists and structs that are left out while they are empty. */
export const leftOut: ReadonlySet<string> = new Set([
  'CronJob.spec',
  'ValidatingAdmissionPolicyBinding.spec',
  'ValidatingAdmissionPolicyBindingSpec.validationActions',
]);
