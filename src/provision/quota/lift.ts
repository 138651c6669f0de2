/** Takes the limit of a directory away that was moved to the trash or the archives, or that no volume came of. */
import type { PersistentVolume } from '../../kube/kinds.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Catalog } from '../catalog.ts';
import type { ExportDescription, Storage } from '../storage.ts';
import { limitOf } from './enforce.ts';

export interface LiftOptions {
  readonly catalog: Catalog;
  readonly storageOf: (description: ExportDescription) => Storage;
  readonly log: Log;
}

/**
 * A limit that stays does no harm: nobody writes there any more, and its number is not given out while anything carries
 * it. So a failure is a line in the log, and the removal goes on.
 */
export async function liftLimit(options: LiftOptions, volume: PersistentVolume, signal: AbortSignal): Promise<void> {
  const { catalog, log, storageOf } = options;
  const limit = limitOf(catalog, volume);
  if (!limit) return;
  const { description, path, project: id } = limit;
  const lifted = await storageOf(description).quota.lift({ path, id }, signal);
  if (lifted.kind !== 'problem') return;
  const { detail } = lifted;
  log.warn({ controller: 'quota', volume: volume.metadata.name, project: id, detail }, 'a quota was not lifted');
}
