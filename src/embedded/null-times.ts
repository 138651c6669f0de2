/**
 * Times that the API writes as null when they were not set: Go's `omitempty` does not leave out a struct, and a time is
 * one (types.go of k8s.io/api, apiextensions-apiserver and apimachinery, read in 0.36).
 */
export const nullTimes: ReadonlySet<string> = new Set([
  'Condition.lastTransitionTime',
  'ContainerStateRunning.startedAt',
  'ContainerStateTerminated.finishedAt',
  'ContainerStateTerminated.startedAt',
  'CustomResourceDefinitionCondition.lastTransitionTime',
  'DaemonSetCondition.lastTransitionTime',
  'DeploymentCondition.lastTransitionTime',
  'DeploymentCondition.lastUpdateTime',
  'Event.deprecatedFirstTimestamp',
  'Event.deprecatedLastTimestamp',
  'Event.eventTime',
  'Event.firstTimestamp',
  'Event.lastTimestamp',
  'EventSeries.lastObservedTime',
  'HorizontalPodAutoscalerCondition.lastTransitionTime',
  'JobCondition.lastProbeTime',
  'JobCondition.lastTransitionTime',
  'NamespaceCondition.lastTransitionTime',
  'NodeCondition.lastHeartbeatTime',
  'NodeCondition.lastTransitionTime',
  'PersistentVolumeClaimCondition.lastProbeTime',
  'PersistentVolumeClaimCondition.lastTransitionTime',
  'PodCondition.lastProbeTime',
  'PodCondition.lastTransitionTime',
  'ReplicaSetCondition.lastTransitionTime',
  'ReplicationControllerCondition.lastTransitionTime',
  'StatefulSetCondition.lastTransitionTime',
  'VolumeError.time',
]);
