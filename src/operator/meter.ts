import type { Meter as QuotaMeter } from '../provision/quota/meter.ts';
import { projectOfVolume } from '../provision/quota/note.ts';
import type { Meter } from '../provision/usage/crawler.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Caches } from './caches.ts';

/** What the filesystem itself has counted stands before reading directories, as long as it is not older than that. */
export function meterOf(
  quota: QuotaMeter,
  { volumes }: Pick<Caches, 'volumes'>,
  maxAgeMs: number,
  clock: Clock,
): Meter {
  return ({ volume: name, storage, path }) => {
    const volume = volumes.get(name);
    if (!volume) return undefined;
    const directory = { description: storage.description, path, project: projectOfVolume(volume) };
    const reading = quota.read(directory, maxAgeMs, clock.now());
    // GlusterFS counts no files: the directory is read for them.
    if (reading.kind === 'unknown' || reading.inodes === undefined) return undefined;
    return { usedBytes: reading.usedBytes, inodes: reading.inodes, at: reading.at };
  };
}
