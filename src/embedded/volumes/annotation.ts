/** Annotations and finalizers by which Kubernetes' own volume controllers mark what they did. The value of a mark is `yes`. */
export const annotation = {
  /** On a claim: binding is complete, both sides were written. */
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  /** On a claim or volume: its half of the binding was written by the controller, not by a user. */
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  /** On a volume: the provisioner that made it, and that removes it under policy Delete. */
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  /** On a claim: the provisioner that is asked for a volume. */
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  /** On a claim of a class that waits: the node of the pod that came first. */
  selectedNode: 'volume.kubernetes.io/selected-node',
  /** On a class, `true`: claims that name no class get it. */
  defaultClass: 'storageclass.kubernetes.io/is-default-class',
  betaDefaultClass: 'storageclass.beta.kubernetes.io/is-default-class',
  /** On a claim or volume: the class, from before there was a field; wins over the field. */
  betaClass: 'volume.beta.kubernetes.io/storage-class',
} as const;

export const finalizer = {
  claimProtection: 'kubernetes.io/pvc-protection',
  volumeProtection: 'kubernetes.io/pv-protection',
} as const;

/** A class with this provisioner only ever binds volumes that somebody made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
