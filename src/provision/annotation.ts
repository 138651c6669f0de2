/** Names that Larder and the provisioners before it write on objects. All of them are part of the contract with users. */

export const annotation = {
  /** On PVs; the class's provisioner. Source: sig-storage-lib-external-provisioner v10. */
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  /** On claims: the class, before `spec.storageClassName` existed; it still wins. */
  betaClass: 'volume.beta.kubernetes.io/storage-class',
  /** On claims, by kube-controller-manager when it found no volume to bind. */
  trigger: 'volume.kubernetes.io/storage-provisioner',
  betaTrigger: 'volume.beta.kubernetes.io/storage-provisioner',
  /** On claims of WaitForFirstConsumer classes, by the scheduler. */
  selectedNode: 'volume.kubernetes.io/selected-node',
  /** On PVs: `delete`, `archive` or `retain`, so that a deleted class cannot strand the volume. */
  onDelete: 'larder.dev/on-delete',
  /** On PVs: "true" when the directory held data before Larder knew it. */
  adopted: 'larder.dev/adopted',
  /** On PVs: "true" when the class lets an adopted directory be deleted. */
  deleteAdopted: 'larder.dev/delete-adopted',
  /** On PVs: which directory this is, as `Storage` identifies it. */
  identity: 'larder.dev/identity',
  /** On PVs: the entry of the trash or the archives from which the directory comes, or came, back. */
  restoredFrom: 'larder.dev/restored-from',
  /** On PVs that no claim can bind to, because their directory is on its way back: the size that they will have. */
  restoredSize: 'larder.dev/restored-size',
  /** On those: uid of the claim that was there already, and gets a volume of its own with the directory. */
  givenTo: 'larder.dev/given-to',
  /** On PVs: `namespace/name` of the claim that the directory was copied from. */
  clonedFrom: 'larder.dev/cloned-from',
  /** On PVs: a duration as the class writes it, or `never`. */
  trashRetention: 'larder.dev/trash-retention',
  archiveRetention: 'larder.dev/archive-retention',
  /** On PVs: `enforce` when Larder keeps a limit on the directory, as large as the volume. */
  quota: 'larder.dev/quota',
  /** On PVs: the number under which XFS and ext4 count the directory. */
  projectId: 'larder.dev/project-id',
  /** On namespaces: how much its claims may request on each export, as a quantity. */
  budget: 'larder.dev/budget',
  /** On namespaces: "true" lets its claims adopt existing directories. */
  adopt: 'larder.dev/adopt',
  /** On claims, where the class's `allowOverrides` lists them. */
  mode: 'larder.dev/mode',
  uid: 'larder.dev/uid',
  gid: 'larder.dev/gid',
} as const;

/** Keeps the PV until its directory was dealt with. The name of sig-storage-lib-external-provisioner, for takeovers. */
export const FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';

/** The label that the `local` backend's node affinity names. */
export const HOSTNAME_LABEL = 'kubernetes.io/hostname';
