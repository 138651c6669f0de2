/** What the trash remembers of a volume, so that `undelete` can make it again when the volume object is long gone. */
import type { AccessMode, PersistentVolume } from '../../kube/kinds.ts';
import { annotation } from '../annotation.ts';
import type { Retention } from '../parameter.ts';
import { type Enforced, isEnforced, projectOfVolume } from '../quota/note.ts';
import type { DirectoryPath, ExportDescription, MoveRequest } from '../storage.ts';
import { addressOf, claimKeyOf } from '../volume.ts';

export interface Manifest {
  readonly capacity: string;
  readonly accessModes: readonly AccessMode[];
  readonly storageClassName: string;
  readonly provisioner: string;
  /** `addressOf` the export: several may show one folder, and the volume comes back on the one it was on. */
  readonly export: string;
  /** The limit that comes back with the directory; absent: it had none of ours. */
  readonly quota?: Enforced;
  /** Absent: what the class says counts. */
  readonly mountOptions?: readonly string[];
  /** Held data before it became a volume, and whether its class let it be deleted all the same; absent: not. */
  readonly adopted?: boolean;
  readonly deleteAdopted?: boolean;
}

/** Longer ones are left to the class: a note has room for 16 KiB, and must never keep a directory from moving. */
const MOUNT_OPTIONS_LENGTH = 4_096;

const MODES: readonly AccessMode[] = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];

export function moveRequestOf(
  volume: PersistentVolume,
  what: { readonly export: ExportDescription; readonly path: DirectoryPath; readonly retention: Retention },
  at: number,
): MoveRequest {
  const notes = volume.metadata.annotations ?? {};
  const { mountOptions = [] } = volume.spec;
  const identity = notes[annotation.identity];
  const manifest: Manifest = {
    capacity: volume.spec.capacity['storage'] ?? '',
    accessModes: volume.spec.accessModes ?? [],
    storageClassName: volume.spec.storageClassName ?? '',
    provisioner: notes[annotation.provisionedBy] ?? '',
    export: addressOf(what.export),
    ...(isEnforced(volume) ? { quota: { kind: 'enforced', project: projectOfVolume(volume) } } : {}),
    ...(mountOptions.length > 0 && mountOptions.join().length <= MOUNT_OPTIONS_LENGTH ? { mountOptions } : {}),
    ...(notes[annotation.adopted] === 'true' ? { adopted: true } : {}),
    ...(notes[annotation.deleteAdopted] === 'true' ? { deleteAdopted: true } : {}),
  };
  return {
    path: what.path,
    volumeUid: volume.metadata.uid,
    volumeName: volume.metadata.name,
    claim: claimKeyOf(volume),
    at,
    ...(identity === undefined ? {} : { identity }),
    ...(what.retention.ms === undefined ? {} : { expiresAt: at + what.retention.ms }),
    manifest: JSON.stringify(manifest),
  };
}

/** Undefined for text that is none: entries of other versions, or a damaged file. */
export function parseManifest(text: string | undefined): Manifest | undefined {
  const raw = parseJson(text ?? '');
  if (typeof raw !== 'object' || raw === null) return undefined;
  const field = (name: string): string => {
    const value: unknown = Reflect.get(raw, name);
    return typeof value === 'string' ? value : '';
  };
  const modes: unknown = Reflect.get(raw, 'accessModes');
  const options: unknown = Reflect.get(raw, 'mountOptions');
  const quota: unknown = Reflect.get(raw, 'quota');
  const project: unknown = typeof quota === 'object' && quota !== null ? Reflect.get(quota, 'project') : undefined;
  return {
    capacity: field('capacity'),
    accessModes: Array.isArray(modes) ? MODES.filter((mode) => modes.includes(mode)) : [],
    storageClassName: field('storageClassName'),
    provisioner: field('provisioner'),
    export: field('export'),
    ...(typeof project === 'number' ? { quota: { kind: 'enforced', project } } : {}),
    ...(Array.isArray(options) ? { mountOptions: options.filter((option) => typeof option === 'string') } : {}),
    ...(Reflect.get(raw, 'adopted') === true ? { adopted: true } : {}),
    ...(Reflect.get(raw, 'deleteAdopted') === true ? { deleteAdopted: true } : {}),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is not a manifest; the caller says what is missing
  }
}
