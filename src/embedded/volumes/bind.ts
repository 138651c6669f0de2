/**
 * What to do with a claim, from what is known of it now. The rules are those of kube-controller-manager's volume binder
 * (read in 1.36), with the scheduler's part for classes that wait for a pod, because there is only one node.
 */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import type { Notice } from '../events.ts';
import { annotation, NO_PROVISIONER } from './annotation.ts';
import { classOf } from './class.ts';
import { isReservedFor, match, mismatch, type Place } from './match.ts';

export interface ClaimView {
  readonly claim: PersistentVolumeClaim;
  /** The volume that the claim names; undefined when it names none or there is none. */
  readonly named: PersistentVolume | undefined;
  /** At least the volumes that name the claim and the free ones of its class. */
  readonly volumes: Iterable<PersistentVolume>;
  /** The class that the claim names; undefined when it names none or there is none. */
  readonly storageClass: StorageClass | undefined;
  /** The class that a claim without one gets. */
  readonly fallback: StorageClass | undefined;
  /** Names of the pods that use the claim and have not ended, in the order they are told to the user. */
  readonly consumers: readonly string[];
  /** Undefined while there is no node, or none that is ready. */
  readonly node: { readonly name: string; readonly labels: Readonly<Record<string, string>> } | undefined;
}

export type ClaimDecision =
  | { readonly kind: 'bind'; readonly volume: PersistentVolume }
  /** Stays, or becomes, Pending until something changes. */
  | { readonly kind: 'wait'; readonly notice?: Notice }
  | { readonly kind: 'assign-class'; readonly className: string }
  /** Pods use it: the provisioner may start, for this node. */
  | { readonly kind: 'select-node'; readonly node: string }
  | { readonly kind: 'provision'; readonly provisioner: string; readonly notice: Notice }
  | { readonly kind: 'lose'; readonly notice: Notice }
  /** It is being deleted and was never bound: a volume made or taken now would be released at once. */
  | { readonly kind: 'leave' };

export function bind(view: ClaimView): ClaimDecision {
  const { claim } = view;
  if (claim.metadata.annotations?.[annotation.bindCompleted] !== undefined) return keep(view);
  if (claim.metadata.deletionTimestamp !== undefined) return { kind: 'leave' };
  return claim.spec.volumeName ? bindNamed(view) : bindAny(view);
}

/** The binding was complete once. A volume that lost its half gets it back; any other disagreement loses the claim. */
function keep({ claim, named }: ClaimView): ClaimDecision {
  if (!claim.spec.volumeName) return lose('ClaimLost', 'Bound claim has lost reference to PersistentVolume.');
  if (!named) return lose('ClaimLost', 'Bound claim has lost its PersistentVolume.');
  const { claimRef } = named.spec;
  if (!claimRef || claimRef.uid === claim.metadata.uid) return { kind: 'bind', volume: named };
  const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
  return { kind: 'lose', notice: { reason: 'ClaimMisbound', message } };
}

function lose(reason: 'ClaimLost', message: string): ClaimDecision {
  return { kind: 'lose', notice: { reason, message: `${message} Data on the volume is lost!` } };
}

function bindNamed({ claim, named }: ClaimView): ClaimDecision {
  if (!named) return { kind: 'wait' };
  if (isReservedFor(named, claim)) return { kind: 'bind', volume: named };
  const { name } = named.metadata;
  if (named.spec.claimRef) {
    const message = `volume "${name}" already bound to a different claim.`;
    return { kind: 'wait', notice: { reason: 'FailedBinding', type: 'Warning', message } };
  }
  const reason = mismatch(named, claim);
  if (reason === undefined) return { kind: 'bind', volume: named };
  const message = `Cannot bind to requested volume "${name}": ${reason}`;
  return { kind: 'wait', notice: { reason: 'VolumeMismatch', message } };
}

function bindAny(view: ClaimView): ClaimDecision {
  const { claim, storageClass, fallback } = view;
  const volume = match(claim, view.volumes, placeOf(view));
  if (volume) return { kind: 'bind', volume };
  const className = classOf(claim);
  if (className === undefined && fallback) return { kind: 'assign-class', className: fallback.metadata.name };
  if (!className) {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return { kind: 'wait', notice: { reason: 'FailedBinding', message } };
  }
  if (!storageClass) return fail(`storageclass.storage.k8s.io "${className}" not found`);
  return waits(storageClass) && selectedNodeOf(claim) === undefined
    ? awaitConsumer(view, storageClass)
    : provision(storageClass);
}

function placeOf({ claim, storageClass, consumers, node }: ClaimView): Place {
  if (!storageClass || !waits(storageClass)) return { kind: 'anywhere' };
  const placed = selectedNodeOf(claim) !== undefined || consumers.length > 0;
  return placed && node ? { kind: 'node', labels: node.labels } : { kind: 'unknown' };
}

function awaitConsumer({ consumers, node }: ClaimView, storageClass: StorageClass): ClaimDecision {
  if (consumers.length === 0) {
    const message = 'waiting for first consumer to be created before binding';
    return { kind: 'wait', notice: { reason: 'WaitForFirstConsumer', message } };
  }
  if (node && storageClass.provisioner !== NO_PROVISIONER) return { kind: 'select-node', node: node.name };
  const message = `waiting for ${consumers.length === 1 ? 'pod' : 'pods'} ${consumers.join(',')} to be scheduled`;
  return { kind: 'wait', notice: { reason: 'WaitForPodScheduled', message } };
}

function provision({ provisioner }: StorageClass): ClaimDecision {
  if (provisioner.startsWith('kubernetes.io/')) return fail(`no volume plugin matched name: ${provisioner}`);
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system ` +
    'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
  return { kind: 'provision', provisioner, notice: { reason: 'ExternalProvisioning', message } };
}

function fail(message: string): ClaimDecision {
  return { kind: 'wait', notice: { reason: 'ProvisioningFailed', message } };
}

function waits(storageClass: StorageClass): boolean {
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer';
}

function selectedNodeOf(claim: PersistentVolumeClaim): string | undefined {
  return claim.metadata.annotations?.[annotation.selectedNode];
}
