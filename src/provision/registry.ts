/** The vocabulary of the room: event reasons, error codes and metrics. The reference pages are generated from here. */
import { type Access, cached } from '../kube/access.ts';
import { CodedError, type ErrorTable, type EventTable, type MetricTable } from '../telemetry/registry.ts';

export const events = {
  ProvisioningSucceeded: {
    type: 'Normal',
    meaning: 'The directory is there and the PersistentVolume is saved.',
    remedy: 'Nothing to do.',
  },
  VolumeUsageHigh: {
    type: 'Warning',
    meaning:
      "The claim's directory has reached 80, 90 or 100 % of its size; a directory without a quota is not stopped there.",
    remedy: 'Let it grow (`pvc-chonker.io/enabled: "true"`), raise the request, or delete what is not needed.',
  },
  VolumeAdopted: {
    type: 'Normal',
    meaning: 'The directory existed and held data; the volume uses it as it was.',
    remedy: 'Nothing to do. Such a directory is never deleted, unless the class sets deleteAdopted.',
  },
  PermissionsCorrected: {
    type: 'Normal',
    meaning: 'The existing directory got the mode and owner of the class; what it holds was not touched.',
    remedy: 'Nothing to do.',
  },
  PermissionsKept: {
    type: 'Normal',
    meaning: 'The existing directory belongs to an application and keeps its mode and owner.',
    remedy: 'Set existingMode to "correct" in the class if the class should win.',
  },
  CloneInProgress: {
    type: 'Normal',
    meaning:
      'The claim that `dataSource` names is being copied; the message says how far. Nobody sees the copy before it is complete.',
    remedy: 'Wait, and do not write into the source meanwhile. Delete the claim to stop it.',
  },
  CloneCompleted: {
    type: 'Normal',
    meaning: 'The directory is a complete copy of its source and becomes the volume.',
    remedy: 'Nothing to do.',
  },
  CloneInexact: {
    type: 'Warning',
    meaning:
      'The copy is complete but differs from its source: entries changed while they were copied, are sockets, FIFOs or devices, or could not get their owner.',
    remedy:
      'Stop what writes into the source, delete the new claim and make it again; owners need Larder to run as root.',
  },
  ProvisioningFailed: {
    type: 'Warning',
    meaning: 'There is no volume for the claim yet; the message names the cause.',
    remedy: 'Do what the end of the message says; it is tried again by itself.',
  },
  ParameterIgnored: {
    type: 'Warning',
    meaning: 'Two settings of the StorageClass exclude each other and one of them has no effect.',
    remedy: 'Create the class again with only one of them.',
  },
  VolumeRetained: {
    type: 'Normal',
    meaning: 'The claim is gone, its directory stays where it is.',
    remedy: 'Do what the event says and create the claim again to use it, or remove the directory by hand.',
  },
  VolumeArchived: {
    type: 'Normal',
    meaning: 'The directory of a deleted volume was renamed to archived-….',
    remedy: 'Bring it back with `larder volumes undelete NAMESPACE/NAME`.',
  },
  VolumeTrashed: {
    type: 'Normal',
    meaning: 'The directory of a deleted volume is in the trash until its retention ends.',
    remedy: 'Bring it back with `larder volumes undelete NAMESPACE/NAME`.',
  },
  VolumeCleaned: {
    type: 'Warning',
    meaning: 'The directory of this deleted claim was removed from trash or archives to make room on its export.',
    remedy:
      'Nothing to do; it cannot be brought back. `cleanBelowFree` and `cleanEarly` say when this happens, a longer list of what goes is `larder volumes clean --dry-run`.',
  },
  VolumeRestored: {
    type: 'Normal',
    meaning: 'The directory of this volume was in the trash, on request or by a late operation, and is back.',
    remedy: 'Nothing to do.',
  },
  VolumeNotRestored: {
    type: 'Warning',
    meaning: 'What was to be brought back stays where it is, or is back beside another volume of its claim.',
    remedy: 'Do what the end of the message says. Nothing was lost or replaced.',
  },
  VolumeMisplaced: {
    type: 'Warning',
    meaning: 'The directory of this volume is in the trash and cannot be moved back: another is in its place.',
    remedy: 'Look at both, remove the wrong one, and run `larder volumes undelete`.',
  },
  VolumeFailedDelete: {
    type: 'Warning',
    meaning: 'The released volume could not be removed; its directory is untouched.',
    remedy: 'Do what the end of the message says; it is tried again by itself.',
  },
  VolumeResizeFailed: {
    type: 'Warning',
    meaning:
      'The request was raised and the volume does not follow: the budget of the namespace is used up, or the quota of the directory cannot be raised. Nothing was changed.',
    remedy: 'Do what the end of the message says; it is tried again by itself every five minutes.',
  },
  VolumeResizeSuccessful: {
    type: 'Normal',
    meaning: 'The capacity of the volume and the claim follows the raised request.',
    remedy: 'Nothing to do.',
  },
} as const satisfies EventTable;

export type EventReason = keyof typeof events;

export const errors = {
  LARDER_EXPORT_UNKNOWN: {
    meaning: 'A volume or a trash entry is on an export that this Larder does not serve.',
    remedy: 'Configure the export, or ask the Larder that serves it.',
  },
  LARDER_EXPORT_UNAVAILABLE: {
    meaning: 'The export did not answer, so that nothing can be said about its directories.',
    remedy: 'Check server and mount; `larder doctor` names what fails. `undelete --export` reaches what others have.',
  },
  LARDER_TRASH_ENTRY_MISSING: {
    meaning: 'Neither the trash nor the archives have a directory of that claim.',
    remedy: 'List what there is with `larder volumes undelete` without a claim.',
  },
  LARDER_ADOPTION_REFUSED: {
    meaning: 'Volumes for existing directories cannot be proposed as asked.',
    remedy: 'The message names what to change; nothing was written.',
  },
  LARDER_NOT_PERMITTED: {
    meaning: 'The account of the operator may not do what the command asks of it.',
    remedy: 'Apply `docs/reference/rbac.yaml`, or grant what the message names, and restart the operator.',
  },
  LARDER_CLEAN_REFUSED: {
    meaning: 'Nothing was removed from trash or archives, or not all of it.',
    remedy: 'The message names what is in the way.',
  },
  LARDER_RESTORE_REFUSED: {
    meaning: 'The directory could not be moved back to its place.',
    remedy: 'The message names what is in the way.',
  },
} as const satisfies ErrorTable;

export class ProvisionError extends CodedError<keyof typeof errors> {
  override readonly name = 'ProvisionError';
  readonly mayHaveChanged: boolean = false; // true: something was begun, and may have been done or be done yet
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;
/** The first six have the names and labels of sig-storage-lib-external-provisioner v10, so that its dashboards work. */
export const metrics = {
  controller_persistentvolumeclaim_provision_total: {
    type: 'counter',
    help: 'Volumes provisioned, by class and data source kind.',
    labels: ['class', 'source'],
  },
  controller_persistentvolumeclaim_provision_failed_total: {
    type: 'counter',
    help: 'Failed attempts to provision a volume, by class and data source kind.',
    labels: ['class', 'source'],
  },
  controller_persistentvolumeclaim_provision_duration_seconds: {
    type: 'histogram',
    help: 'Time to provision a volume, from the first attempt.',
    labels: ['class', 'source'],
    buckets: SECONDS,
  },
  controller_persistentvolume_delete_total: {
    type: 'counter',
    help: 'Volumes removed, by class.',
    labels: ['class'],
  },
  controller_persistentvolume_delete_failed_total: {
    type: 'counter',
    help: 'Failed attempts to remove a volume, by class.',
    labels: ['class'],
  },
  controller_persistentvolume_delete_duration_seconds: {
    type: 'histogram',
    help: 'Time to remove a volume, from the start of the successful attempt.',
    labels: ['class'],
    buckets: SECONDS,
  },
  larder_clones_running: {
    type: 'gauge',
    help: 'Claims that are being copied, by export.',
    labels: ['export'],
  },
  larder_clones_total: {
    type: 'counter',
    help: 'Copies of claims that ended, by export and result: completed, failed or withdrawn.',
    labels: ['export', 'result'],
  },
  larder_clone_bytes_total: {
    type: 'counter',
    help: 'Bytes of completed copies, by export and how: copied, or shared with the source (reflink).',
    labels: ['export', 'how'],
  },
  larder_export_up: {
    type: 'gauge',
    help: '1 while the export answers, else 0.',
    labels: ['export'],
  },
  larder_trash_entries: {
    type: 'gauge',
    help: 'Directories in the trash and archives of Larder, by export and kind.',
    labels: ['export', 'kind'],
  },
  larder_trash_removed_total: {
    type: 'counter',
    help: 'Directories removed from trash and archives, by export, kind and reason: ended (retention), early (to make room).',
    labels: ['export', 'kind', 'reason'],
  },
} as const satisfies MetricTable;

/** Set by the crawler, one series per bound claim. */
export const usageMetrics = {
  larder_volume_used_bytes: {
    type: 'gauge',
    help: 'Bytes that the directory of the volume occupies: blocks, hard links counted once.',
    labels: ['namespace', 'persistentvolumeclaim', 'class'],
  },
  larder_volume_limit_bytes: {
    type: 'gauge',
    help: 'Capacity of the volume.',
    labels: ['namespace', 'persistentvolumeclaim', 'class'],
  },
  larder_volume_inodes_used: {
    type: 'gauge',
    help: 'Files and directories in the volume.',
    labels: ['namespace', 'persistentvolumeclaim', 'class'],
  },
  larder_volume_usage_age_seconds: {
    type: 'gauge',
    help: 'Time since the directory of the volume was last read in full; since then only changes that show were counted.',
    labels: ['namespace', 'persistentvolumeclaim', 'class'],
  },
} as const satisfies MetricTable;

const KUBELET_LABELS = ['namespace', 'persistentvolumeclaim'] as const;

/**
 * The names, help and labels of k8s.io/kubernetes/pkg/kubelet/metrics/collectors/volume_stats.go (1.36). Only there when
 * the configuration asks for them.
 */
export const kubeletVolumeMetrics = {
  kubelet_volume_stats_capacity_bytes: {
    type: 'gauge',
    help: 'Capacity in bytes of the volume',
    labels: KUBELET_LABELS,
  },
  kubelet_volume_stats_available_bytes: {
    type: 'gauge',
    help: 'Number of available bytes in the volume',
    labels: KUBELET_LABELS,
  },
  kubelet_volume_stats_used_bytes: {
    type: 'gauge',
    help: 'Number of used bytes in the volume',
    labels: KUBELET_LABELS,
  },
  kubelet_volume_stats_inodes: {
    type: 'gauge',
    help: 'Maximum number of inodes in the volume',
    labels: KUBELET_LABELS,
  },
  kubelet_volume_stats_inodes_free: {
    type: 'gauge',
    help: 'Number of free inodes in the volume',
    labels: KUBELET_LABELS,
  },
  kubelet_volume_stats_inodes_used: {
    type: 'gauge',
    help: 'Number of used inodes in the volume',
    labels: KUBELET_LABELS,
  },
} as const satisfies MetricTable;

/** What the room asks of the Kubernetes API; roles are made from it. */
export const accessTo: readonly Access[] = [
  { group: '', resource: 'persistentvolumeclaims', verbs: [...cached, 'get'], why: 'claims that wait for a volume' },
  {
    group: '',
    resource: 'persistentvolumeclaims/status',
    verbs: ['patch'],
    why: 'the capacity of a claim whose volume has grown',
  },
  {
    group: '',
    resource: 'persistentvolumes',
    verbs: [...cached, 'get', 'create', 'patch', 'delete'],
    why: 'volumes of claims: made, grown, and removed when their claim is gone',
  },
  { group: 'storage.k8s.io', resource: 'storageclasses', verbs: cached, why: 'what a claim asks for' },
  { group: '', resource: 'namespaces', verbs: cached, why: 'whether a namespace allows adoption' },
  { group: '', resource: 'pods', verbs: cached, why: 'to tell pods why they wait' },
];
