/** The limit of a directory, in the process of the operator: set before its volume is saved, and followed when it grows. */
import type { PersistentVolume } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import type { Catalog } from '../catalog.ts';
import { problem } from '../directory/problem.ts';
import { type VolumeDesign, volumeNameOf } from '../draft.ts';
import type { DirectoryPath, ExportDescription, Storage, StorageProblem } from '../storage.ts';
import { addressOf, directoryOf, isReleased, locate, occupied } from '../volume.ts';
import { type Enforced, isEnforced, projectOfVolume } from './note.ts';
import { projectOf } from './project.ts';
import type { LimitResult } from './quota.ts';

/** Files and directories that one request marks; then others have their turn. */
const MARKED_AT_ONCE = 20_000;

/** Undefined: the class asks for no limit, or one can be set. Asked before a directory is made. */
export async function quotaProblem(
  { options }: VolumeDesign,
  storage: Storage,
  signal: AbortSignal,
): Promise<StorageProblem | undefined> {
  if (options.quota !== 'enforce') return undefined;
  const support = await storage.quota.support(signal);
  return support.kind === 'problem' ? support : undefined;
}

/** Before the number is known: those who limit the same directory meanwhile leave room for this volume too. */
export const intended = ({ options }: VolumeDesign): Enforced | undefined =>
  options.quota === 'enforce' ? { kind: 'enforced', project: 0 } : undefined;

/** Of a directory that is there and whose volume is not saved yet. Undefined: the class asks for no limit. */
export async function enforce(
  catalog: Catalog,
  design: VolumeDesign,
  storage: Storage,
  signal: AbortSignal,
): Promise<Enforced | StorageProblem | undefined> {
  if (design.options.quota !== 'enforce') return undefined;
  const { export: description, path } = design;
  const directory = directoryOf(description, path);
  const own = bytesOf(design.claim.spec.resources.requests['storage']) ?? 0n;
  const set = (): Promise<LimitResult> => {
    const sharers = sharersOf(catalog, description, path, volumeNameOf(design.claim));
    const request = {
      path,
      bytes: largest(catalog, own, sharers),
      id: sharers.map(projectOfVolume).find((id) => id > 0) ?? projectOf(addressOf(description), path.join('/')),
      mark: true,
      maxOperations: MARKED_AT_ONCE,
    };
    return storage.quota.limit(request, signal);
  };
  for (;;) {
    const limited = await catalog.rising.inTurn(directory, set);
    if (limited.kind === 'problem') return limited;
    if (limited.remaining) continue;
    const other = strangerWith(catalog, limited.id, directory);
    if (!other) return { kind: 'enforced', project: limited.id };
    const { name } = other.metadata;
    const why = `it carries project ${limited.id}, which is that of pv ${name}: give it another number, then it is retried by itself`;
    return problem('no-quota', why);
  }
}

/** What the directory of a volume may hold: as much as the largest of the volumes that share it. */
export interface Limit {
  readonly description: ExportDescription;
  readonly path: DirectoryPath;
  readonly project: number;
  readonly bytes: bigint;
}

/** Undefined: the volume has no limit that Larder set. */
export function limitOf(catalog: Catalog, volume: PersistentVolume): Limit | undefined {
  if (!isEnforced(volume)) return undefined;
  const location = locate(volume, catalog.settings.exports);
  if (location.kind !== 'at') return undefined;
  const { export: description, path } = location;
  const bytes = largest(catalog, 0n, [volume, ...sharersOf(catalog, description, path, volume.metadata.name)]);
  return { description, path, project: projectOfVolume(volume), bytes };
}

/** Sets the limit of a directory that has its number already, to no less than is known when its turn comes. */
export async function setLimit(
  catalog: Catalog,
  limit: Limit,
  storage: Storage,
  signal: AbortSignal,
): Promise<StorageProblem | undefined> {
  const { description, path, project: id } = limit;
  const result = await catalog.rising.inTurn(directoryOf(description, path), () => {
    const bytes = largest(catalog, limit.bytes, sharersOf(catalog, description, path, ''));
    return storage.quota.limit({ path, bytes, id, mark: false, maxOperations: 0 }, signal);
  });
  return result.kind === 'problem' ? result : undefined;
}

function largest({ rising }: Catalog, bytes: bigint, volumes: readonly PersistentVolume[]): bigint {
  let most = bytes;
  for (const next of volumes.map((volume) => rising.bytesOf(volume))) if (next > most) most = next;
  return most;
}

/** Other live volumes on the same directory that have a limit. */
function sharersOf(
  catalog: Catalog,
  description: ExportDescription,
  path: DirectoryPath,
  name: string,
): readonly PersistentVolume[] {
  return catalog
    .holders(description, path)
    .filter(({ relation }) => relation === 'same')
    .map(({ volume }) => volume)
    .filter((volume) => volume.metadata.name !== name && isEnforced(volume) && !isReleased(volume));
}

/** A volume elsewhere that has this number: its limit would become that of this directory too. */
function strangerWith(catalog: Catalog, project: number, directory: string): PersistentVolume | undefined {
  if (project === 0) return undefined;
  const { caches, settings } = catalog;
  return caches.volumes
    .byIndex('larder/project', `${project}`)
    .find((volume) => !occupied(volume, settings.exports).includes(directory));
}
