import type { Volume } from '../../jobspec/job.ts';
import type { Note } from '../account.ts';
import { fold } from '../fold.ts';
import type { GroupScope, TerraformVolume } from '../scope.ts';
import { type Branch, bare } from '../sourced.ts';
import { accessModeOf, addClaimOf, claimName, quantityOf } from './claim.ts';

/** A volume that Terraform only registered, and the driver of the cluster that knows it by the same handle. */
export interface Static {
  readonly beside: TerraformVolume;
  readonly handle: string;
  readonly driver: string;
}

/** Undefined where no driver is known for its plugin: only a person can say which one reads the same volumes. */
export function staticOf({ project }: GroupScope, source: string): Static | undefined {
  const beside = project.surroundings.volumes.get(source);
  if (beside?.externalId === undefined) return undefined;
  const { csiDrivers } = project.policy.storage;
  const driver = Object.hasOwn(csiDrivers, beside.pluginId) ? csiDrivers[beside.pluginId] : undefined;
  return driver === undefined ? undefined : { beside, handle: beside.externalId, driver };
}

/** How a volume is mounted: what the job says goes before what was registered, as in Nomad. */
export function mountedAs(
  { mount_options: own }: Volume,
  beside: TerraformVolume | undefined,
): { readonly fsType?: string; readonly flags: readonly string[] } {
  const fsType = own?.fs_type?.value ?? beside?.fsType;
  return { ...(fsType === undefined ? {} : { fsType }), flags: own?.mount_flags?.value ?? beside?.mountFlags ?? [] };
}

interface Registered {
  readonly known: Static;
  readonly source: string;
}

/** A PersistentVolume with the same handle, kept for a claim of its own: no class makes another, empty one. */
export function staticVolume(
  scope: GroupScope,
  volume: Volume,
  { known: { beside, handle, driver }, source }: Registered,
): { readonly name: string; readonly note: Note } {
  const { project, module } = scope;
  const accessModes = [accessModeOf(volume).mode];
  // what the driver has is as large as it is: the number only has to agree
  const storage = (beside.size === undefined ? undefined : quantityOf(beside.size)) ?? project.policy.storage.size;
  const volumeMode = volume.attachment_mode?.value === 'block-device' ? 'Block' : undefined;
  const volumeOf = (claim: string): string => fold(`${bare(module.namespace)}-${claim}`);
  const wanted = { name: claimName(source, project.policy), source };
  const { kind, name: claim } = addClaimOf(scope, wanted, (of) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: of },
    spec: {
      accessModes,
      storageClassName: '',
      volumeMode,
      volumeName: volumeOf(of),
      resources: { requests: { storage } },
    },
  }));
  if (kind !== 'shared') {
    const { fsType, flags } = mountedAs(volume, beside);
    const spec: Branch = {
      capacity: { storage },
      accessModes,
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode,
      mountOptions: flags.length === 0 ? undefined : flags,
      csi: { driver, volumeHandle: handle, fsType, volumeAttributes: beside.context },
      claimRef: { namespace: module.namespace, name: claim },
    };
    const name = volumeOf(claim);
    const object = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec };
    module.manifests.push({ kind: 'persistentvolume', name, object });
  }
  const place = `${beside.file}:${beside.line}`;
  const text = `the volume ${handle} of ${driver} as a PersistentVolume, with how it is mounted (${place})`;
  if (!beside.hasSecrets) return { name: claim, note: { text } };
  const todo = `Give the PersistentVolume of ${source} its nodePublishSecretRef: its plugin was given secrets (${place}).`;
  return { name: claim, note: { class: 'approximate', text: `${text}; secrets of its plugin are not written`, todo } };
}
