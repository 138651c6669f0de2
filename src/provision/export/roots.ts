/** Exports that show the same folder have the same directories and the same trash: one of them stands for all. */
import { ProvisionError } from '../registry.ts';
import type { Storage } from '../storage.ts';

/** The first storage of every root. */
export function onceEach(storages: readonly Storage[]): readonly Storage[] {
  const byRoot = new Map<string, Storage>();
  for (const storage of storages) {
    if (!byRoot.has(storage.description.root)) byRoot.set(storage.description.root, storage);
  }
  return [...byRoot.values()];
}

export const unavailable = (address: string, detail: string): ProvisionError =>
  new ProvisionError('LARDER_EXPORT_UNAVAILABLE', `export ${address} ${detail}: check the server and the mount`);
