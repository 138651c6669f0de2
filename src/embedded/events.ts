/** Events of the stand-ins for Kubernetes' own controllers. Reasons and wording are those of the real ones. */
import type { EventTable } from '../telemetry/registry.ts';

export const events = {
  FailedBinding: {
    type: 'Normal',
    meaning: 'No volume fits the claim and no class says who makes one, or the volume that it names is taken.',
    remedy: 'Name a StorageClass in the claim, mark one as default, or create a fitting PersistentVolume.',
  },
  VolumeMismatch: {
    type: 'Warning',
    meaning: 'The volume that the claim names cannot serve it: size, class, volume mode or access modes differ.',
    remedy: 'Change the claim or name another volume; the message says what differs.',
  },
  WaitForFirstConsumer: {
    type: 'Normal',
    meaning: 'The class binds claims only when a pod uses them, and none does yet.',
    remedy: 'Create the pod; nothing is wrong.',
  },
  WaitForPodScheduled: {
    type: 'Normal',
    meaning: 'A pod uses the claim but has no node yet.',
    remedy: 'Look at the events of the pod.',
  },
  ExternalProvisioning: {
    type: 'Normal',
    meaning: 'The provisioner that the class names was asked for a volume.',
    remedy: 'If it stays, check that the provisioner runs and serves that name.',
  },
  ProvisioningFailed: {
    type: 'Warning',
    meaning: 'The class of the claim does not exist, or names a provisioner that nobody can run.',
    remedy: 'Create the class, or name another one in a new claim.',
  },
  ClaimLost: {
    type: 'Warning',
    meaning: 'The claim was bound and its volume is gone.',
    remedy: 'Restore the PersistentVolume with the same name, or delete the claim.',
  },
  ClaimMisbound: {
    type: 'Warning',
    meaning: 'The volume of the claim belongs to another claim.',
    remedy: 'Delete one of the two claims.',
  },
  VolumeFailedDelete: {
    type: 'Warning',
    meaning: 'The volume is released under policy Delete, but no provisioner made it, so nobody can remove its data.',
    remedy: 'Remove the data and the PersistentVolume by hand, or set the policy to Retain.',
  },
  VolumeFailedRecycle: {
    type: 'Warning',
    meaning: 'The policy Recycle is not supported.',
    remedy: 'Set the policy to Retain or Delete.',
  },
  FailedScheduling: {
    type: 'Warning',
    meaning: 'The pod cannot be placed on the node: a claim is missing, unbound, being deleted, or bound elsewhere.',
    remedy: 'The message says which; look at the events of the claim.',
  },
  Scheduled: { type: 'Normal', meaning: 'The pod was placed on the node.', remedy: 'Nothing to do.' },
  FailedMount: {
    type: 'Warning',
    meaning: 'The directory behind a volume of the pod is missing, or the volume is of a kind without a directory.',
    remedy: 'Look at the path that the message names; the pod starts by itself when it is there.',
  },
} as const satisfies EventTable;

export type EventReason = keyof typeof events;

/** What an event on an object says. A reason has one type, the one in the table, but FailedBinding is a Warning when the claim names a volume. */
export interface Notice {
  readonly reason: EventReason;
  readonly message: string;
  /** Default: the type in the table. */
  readonly type?: 'Normal' | 'Warning';
}
