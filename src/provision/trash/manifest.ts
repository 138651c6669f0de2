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
}

const MODES: readonly AccessMode[] = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];

export function moveRequestOf(
  volume: PersistentVolume,
  what: { readonly export: ExportDescription; readonly path: DirectoryPath; readonly retention: Retention },
  at: number,
): MoveRequest {
  const notes = volume.metadata.annotations ?? {};
  const identity = notes[annotation.identity];
  const manifest: Manifest = {
    capacity: volume.spec.capacity['storage'] ?? '',
    accessModes: volume.spec.accessModes ?? [],
    storageClassName: volume.spec.storageClassName ?? '',
    provisioner: notes[annotation.provisionedBy] ?? '',
    export: addressOf(what.export),
    ...(isEnforced(volume) ? { quota: { kind: 'enforced', project: projectOfVolume(volume) } } : {}),
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
  const quota: unknown = Reflect.get(raw, 'quota');
  const project: unknown = typeof quota === 'object' && quota !== null ? Reflect.get(quota, 'project') : undefined;
  return {
    capacity: field('capacity'),
    accessModes: Array.isArray(modes) ? MODES.filter((mode) => modes.includes(mode)) : [],
    storageClassName: field('storageClassName'),
    provisioner: field('provisioner'),
    export: field('export'),
    ...(typeof project === 'number' ? { quota: { kind: 'enforced', project } } : {}),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is not a manifest; the caller says what is missing
  }
}
