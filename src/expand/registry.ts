import { type Access, cached } from '../kube/access.ts';
import { CodedError, type ErrorTable, type EventTable, type MetricTable } from '../telemetry/registry.ts';
import { GROUP } from './api/pvc-policy.ts';
import { guardAccess } from './guard/guard-access.ts';
import type { DriverReason } from './provider.ts';

/** What Larder says on a claim about its growth. */
export const events = {
  ExpansionRequested: {
    type: 'Normal',
    meaning: 'The claim passed its threshold, and Larder raised its request.',
    remedy: 'Nothing: `Expanded` follows when the storage has grown.',
  },
  Expanded: {
    type: 'Normal',
    meaning: 'The volume has the size that was requested.',
    remedy: 'Nothing.',
  },
  WouldExpand: {
    type: 'Normal',
    meaning: 'Larder runs dry: without dryRun it would have raised the request now.',
    remedy: 'Set dryRun to false when the announced growth is what you want.',
  },
  ExpansionRecovered: {
    type: 'Normal',
    meaning: 'A growth that was stuck or failing has completed.',
    remedy: 'Nothing.',
  },
  GroupCoordinated: {
    type: 'Normal',
    meaning:
      'The claim is brought to the size of its group: Larder raised its request. It stands in the place of `ExpansionRequested`.',
    remedy: 'Nothing: `Expanded` follows when the storage has grown.',
  },
  ExpansionFailed: {
    type: 'Warning',
    meaning: 'The API server or the storage driver refused the growth.',
    remedy:
      'Read the message: it is the answer of the API server or the driver. Larder tries again with growing pauses.',
  },
  ExpansionStuck: {
    type: 'Warning',
    meaning: 'A growth was requested long ago and has not progressed (stuckAfter).',
    remedy:
      'Look at the conditions of the claim and the log of the CSI resizer; a pending filesystem resize needs a pod that mounts the claim.',
  },
  ExpansionInfeasible: {
    type: 'Warning',
    meaning: 'The storage driver says that this size is not possible.',
    remedy: 'Lower the request to a size above the capacity, or lower max-size, and read the driver’s message.',
  },
  ExpansionIneffective: {
    type: 'Warning',
    meaning:
      'A growth completed, but the filesystem (or its inode total) is no larger. Larder stops growing the claim for that reason.',
    remedy:
      'The driver does not really expand: move the data, or free space; remove annotation pvc-chonker.io/history to try again.',
  },
  MaxSizeReached: {
    type: 'Warning',
    meaning: 'The claim is full enough to grow, but its largest allowed size is reached.',
    remedy: 'Free space, or raise annotation pvc-chonker.io/max-size.',
  },
  InvalidConfiguration: {
    type: 'Warning',
    meaning: 'A setting of the claim cannot be read; it is not grown until that is repaired.',
    remedy: 'Correct the field that the message names.',
  },
  NotExpandable: {
    type: 'Warning',
    meaning: 'The claim asks to be grown, but its class or its storage does not allow it.',
    remedy: 'Set allowVolumeExpansion: true on the StorageClass if the driver can expand; else use another class.',
  },
  BudgetExceeded: {
    type: 'Warning',
    meaning:
      'The claim grew as often as it may within a day, or the claims of its namespace or of the cluster grew by as much as they may.',
    remedy:
      'Find out what fills it. A larger `increase` needs fewer expansions; bytesPerNamespaceDay and bytesPerClusterDay are the budgets.',
  },
  ApprovalRequired: {
    type: 'Warning',
    meaning: 'The claim would grow beyond the size above which a person must approve.',
    remedy: 'Set annotation larder.dev/approved-up-to on the claim to the largest size that you approve.',
  },
  SnapshotRequired: {
    type: 'Warning',
    meaning: 'The growth is large enough to need a recent VolumeSnapshot of the claim, and there is none.',
    remedy: 'Take a VolumeSnapshot of the claim, or raise or remove snapshot-above.',
  },
  WaitsForWindow: {
    type: 'Normal',
    meaning: 'The claim is full enough to grow, and its change window is closed.',
    remedy:
      'Nothing: it grows when the window opens. In a hurry, set annotation pvc-chonker.io/window: "always" on it.',
  },
  WaitsForBackup: {
    type: 'Normal',
    meaning: 'A VolumeSnapshot or a Velero backup reads the claim; it grows afterwards.',
    remedy: 'Nothing: a backup that does not end is waited for as long as backupPatience says.',
  },
  DriverFailing: {
    type: 'Warning',
    meaning: 'The storage driver failed several times in a row; it is left alone, and one claim at a time tries again.',
    remedy: 'Look at the claims with ExpansionFailed and at the log of the CSI driver; growth resumes by itself.',
  },
  QuotaWouldBeExceeded: {
    type: 'Warning',
    meaning: 'A ResourceQuota of the namespace leaves no room for the growth.',
    remedy: 'Raise the quota that the message names, or free storage in the namespace.',
  },
  ForeignWriter: {
    type: 'Warning',
    meaning:
      'Someone else lowered the request that Larder had raised, or set a request that the driver refuses. Larder does not fight over it: it waits an hour, and longer each time.',
    remedy: 'Write the grown size into the manifest, or let your GitOps tool ignore spec.resources.requests.storage.',
  },
} as const satisfies EventTable;
export type EventReason = keyof typeof events;

export const errors = {
  LARDER_EXPAND_USAGE_MALFORMED: {
    meaning: 'A kubelet answered, but not with what its protocol says.',
    remedy: 'Only the volumes of that node are affected; look at the kubelet, or at a proxy before it.',
  },
  LARDER_EXPAND_SAMPLES_UNUSABLE: {
    meaning: 'The file with recent measurements cannot be opened or written.',
    remedy: 'Check the disk of the data folder; measurements then start afresh after a restart.',
  },
  LARDER_EXPAND_HISTORY_UNUSABLE: {
    meaning: 'The file with the history of usage cannot be opened or written; a full disk is the usual cause.',
    remedy:
      'Free space on the disk of the data folder, or correct its owner. What is measured meanwhile is kept in memory and written later; growth goes on.',
  },
  LARDER_EXPAND_HISTORY_DAMAGED: {
    meaning: 'The file with the history of usage is damaged. It was moved aside, and a new one begins.',
    remedy:
      'Check the disk. The message names where the damaged file is: remove it, or read what is left of it with `sqlite3 FILE .recover`.',
  },
} as const satisfies ErrorTable;

export class ExpandError extends CodedError<keyof typeof errors> {
  override readonly name = 'ExpandError';
}

/** Why an expansion failed: the closed set of label `reason`. */
export type FailureReason =
  | 'forbidden' /** RBAC or admission refused the request */
  | 'quota' /** a ResourceQuota refused the request */
  | 'invalid' /** the API server called the request invalid */
  | 'unavailable' /** the API server did not answer */
  | 'driver-error' /** the storage driver reports an error */
  | 'infeasible' /** the storage driver says that the size is not possible */
  | 'stuck' /** no progress within stuckAfter */
  | 'ineffective' /** the growth completed without more usable capacity */
  | DriverReason; /** what the driver's words mean (provider.ts) */

const claim = ['pvc', 'namespace'] as const;

export const metrics = {
  pvc_chonker_expansions_total: {
    type: 'counter',
    help: 'Expansions that completed: the volume has the requested size.',
    labels: ['pvc', 'namespace', 'provider'],
  },
  pvc_chonker_expansion_failures_total: {
    type: 'counter',
    help: 'Expansions that failed, by reason.',
    labels: ['pvc', 'namespace', 'reason'],
  },
  pvc_chonker_loop_duration_seconds: {
    type: 'histogram',
    help: 'Time of one pass over all claims, from the first question to the last measurement.',
    labels: [],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  pvc_chonker_threshold_reached_total: {
    type: 'counter',
    help: 'How often a claim came to its threshold, by type: storage or inodes.',
    labels: ['pvc', 'namespace', 'type'],
  },
  pvc_chonker_max_size_reached_total: {
    type: 'counter',
    help: 'How often a claim needed to grow and was at its largest allowed size.',
    labels: claim,
  },
  pvc_chonker_pvc_unhealthy_total: {
    type: 'counter',
    help: 'How often a claim became stuck, ineffective or unmeasured for long, or its kubelet called the volume abnormal.',
    labels: claim,
  },
  pvc_chonker_expansions_requested_total: {
    type: 'counter',
    help: 'Requests for more storage that the API server accepted.',
    labels: ['pvc', 'namespace', 'provider'],
  },
  /** Without the claim: a counter that begins with an object's first growth cannot tell Prometheus of that one. */
  pvc_chonker_expansion_outcomes_total: {
    type: 'counter',
    help: 'Growths of all claims by outcome: requested, completed or failed. From the start on, and claims that go take nothing off.',
    labels: ['outcome'],
  },
  pvc_chonker_usage_ratio: { type: 'gauge', help: 'Used share of the capacity, 0 to 1.', labels: claim },
  pvc_chonker_inodes_usage_ratio: { type: 'gauge', help: 'Used share of the inodes, 0 to 1.', labels: claim },
  pvc_chonker_capacity_bytes: { type: 'gauge', help: 'Capacity as the usage source reports it.', labels: claim },
  pvc_chonker_time_to_full_seconds: {
    type: 'gauge',
    help: 'Time until the volume is full at its rate of growth; absent while it does not fill or too little was measured.',
    labels: claim,
  },
  pvc_chonker_cooldown_until_seconds: {
    type: 'gauge',
    help: 'Unix time at which the claim may grow again; 0 when it is not cooling down.',
    labels: claim,
  },
  pvc_chonker_circuit_state: {
    type: 'gauge',
    help: 'Circuit of a storage driver: 0 closed, 1 half-open (one claim tries), 2 open (left alone).',
    labels: ['driver'],
  },
  pvc_chonker_stuck: { type: 'gauge', help: '1 while a growth is stuck or was ineffective.', labels: claim },
  pvc_chonker_at_max: {
    type: 'gauge',
    help: '1 while the claim needs to grow and may not: largest size.',
    labels: claim,
  },
  pvc_chonker_decision_duration_seconds: {
    type: 'histogram',
    help: 'Time from a measurement that is available to the decision on it.',
    labels: [],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5],
  },
  pvc_chonker_expansion_stage_seconds: {
    type: 'histogram',
    help: 'Time of an expansion by stage: controller (requested to volume grown), filesystem (to filesystem grown).',
    labels: ['stage'],
    buckets: [0.5, 1, 5, 15, 60, 300, 900, 3_600, 21_600],
  },
  pvc_chonker_api_requests_total: {
    type: 'counter',
    help: 'Requests of the expander to the API server, by verb.',
    labels: ['verb'],
  },
  pvc_chonker_node_scrape_success: {
    type: 'gauge',
    help: '1 when the last scrape of the node went well.',
    labels: ['node'],
  },
  pvc_chonker_node_scrape_timestamp_seconds: {
    type: 'gauge',
    help: 'Unix time of the last scrape of the node that went well.',
    labels: ['node'],
  },
  pvc_chonker_node_scrape_duration_seconds: {
    type: 'gauge',
    help: 'Time that the last scrape of the node took.',
    labels: ['node'],
  },
} as const satisfies MetricTable;

/** What the room asks of the Kubernetes API; roles are made from it. */
export const accessTo: readonly Access[] = [
  {
    group: '',
    resource: 'persistentvolumeclaims',
    verbs: [...cached, 'get', 'patch'],
    why: 'claims: their settings, their request, which growth raises, and its history',
  },
  { group: '', resource: 'persistentvolumes', verbs: cached, why: 'the volume of a claim: its driver, type and state' },
  { group: 'storage.k8s.io', resource: 'storageclasses', verbs: cached, why: 'settings of a class' },
  { group: '', resource: 'namespaces', verbs: cached, why: 'settings of a namespace' },
  { group: '', resource: 'pods', verbs: cached, why: 'on which node a volume is mounted' },
  { group: '', resource: 'resourcequotas', verbs: cached, why: 'growth that a quota would refuse' },
  { group: GROUP, resource: 'pvcpolicies', verbs: cached, why: 'settings for the claims that a policy is for' },
  {
    group: GROUP,
    resource: 'pvcpolicies',
    verbs: ['get', 'create', 'patch', 'delete'],
    why: 'policies that people make, change or delete in the console, once the cluster was asked whether they may',
  },
  {
    group: GROUP,
    resource: 'pvcpolicies/status',
    verbs: ['patch'],
    why: 'how many claims a policy matches, and what is wrong with it',
  },
  { group: GROUP, resource: 'pvcgroups', verbs: cached, why: 'claims that are sized together' },
  { group: GROUP, resource: 'pvcgroups/status', verbs: ['patch'], why: 'members, size and growths of a group' },
  {
    group: 'storage.k8s.io',
    resource: 'volumeattributesclasses',
    verbs: ['get'],
    why: 'the type that a claim was modified to, of claims that name such a class',
  },
  ...guardAccess,
];
