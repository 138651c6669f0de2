/** The node of `larder up`: its directories are measured by the exports' own processes, never by this one. */

import { type Measure, measure } from '../embedded/nodes/measure.ts';
import { createNode, type NodeStandIn } from '../embedded/nodes.ts';
import type { VolumeCaches } from '../embedded/volumes/caches.ts';
import type { Client } from '../kube/client.ts';
import type { PersistentVolume } from '../kube/kinds.ts';
import type { DirectoryPath, Storage } from '../provision/storage.ts';
import { locate } from '../provision/volume.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';

export interface LocalNodeOptions {
  readonly client: Client;
  readonly caches: VolumeCaches;
  readonly storages: readonly Storage[];
  readonly name: string;
  readonly version: string;
  /** At which `handle` is served. */
  readonly port: number;
  readonly refreshMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const SLICE_OPERATIONS = 5_000;
/** A million entries; a directory with more is reported as too large, a partial sum would be a lie. */
const MOST_SLICES = 200;

export function createLocalNode(options: LocalNodeOptions): NodeStandIn {
  const { storages } = options;
  const exports = storages.map((storage) => storage.description);
  const placeOf = (directory: string): { storage: Storage; path: DirectoryPath } | undefined => {
    const storage = storages.find(({ description }) => directory.startsWith(`${description.root}/`));
    return storage && { storage, path: directory.slice(storage.description.root.length + 1).split('/') };
  };
  return createNode({
    ...options,
    directoryOf: (volume) => directoryOf(volume, exports),
    async isDirectory(directory, signal) {
      const place = placeOf(directory);
      return place !== undefined && (await place.storage.inspect(place.path, signal)).kind === 'directory';
    },
    measure: (directory, signal) => {
      const place = placeOf(directory);
      return place ? measureOnExport(place, signal) : measure(directory, signal);
    },
  });
}

function directoryOf(volume: PersistentVolume, exports: readonly Storage['description'][]): string | undefined {
  const location = locate(volume, exports);
  if (location.kind === 'at') return [location.export.root, ...location.path].join('/');
  return undefined; // a volume that is on no export of ours has no directory that may be looked at from here
}

async function measureOnExport(
  { storage, path }: { storage: Storage; path: DirectoryPath },
  signal: AbortSignal,
): ReturnType<Measure> {
  let usage = await storage.usage({ path, maxOperations: SLICE_OPERATIONS }, signal);
  for (let slices = 1; usage.kind === 'usage' && !usage.complete && slices < MOST_SLICES; slices += 1) {
    usage = await storage.usage({ path, maxOperations: SLICE_OPERATIONS }, signal); // goes on where it stopped
  }
  const space = await storage.space(signal);
  if (usage.kind === 'problem') {
    if (usage.problem === 'missing') return { kind: 'missing' };
    throw new Error(`the export ${usage.detail}`);
  }
  if (!usage.complete) return { kind: 'too-large', entries: SLICE_OPERATIONS * MOST_SLICES };
  const known = space.kind === 'space';
  return {
    kind: 'measured',
    usedBytes: usage.usedBytes,
    inodesUsed: usage.inodes,
    inodes: known ? space.totalInodes : 0n,
    inodesFree: known ? space.freeInodes : 0n,
  };
}
