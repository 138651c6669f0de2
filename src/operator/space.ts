import type { Space, Storage } from '../provision/storage.ts';
import { type Clock, sleep } from '../telemetry/clock.ts';

const REFRESH_MS = 10_000;

/** The free space of each export, read now and then, so that nobody who shows it or decides by it ever waits for a mount. */
export interface SpaceWatch {
  run(signal: AbortSignal): Promise<void>;
  /** The last figure; undefined before the first, and since the export went down. */
  latest(storage: Storage): Space | undefined;
}

/** `onLook` is told of every look; undefined: the export is down. */
export function createSpaceWatch(
  storages: readonly Storage[],
  clock: Clock,
  onLook: (storage: Storage, space: Space | undefined) => void = () => undefined,
): SpaceWatch {
  const figures = new Map<Storage, Space>();

  async function watchOne(storage: Storage, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const space = await storage.space(signal).catch(() => undefined); // rejects only when aborted
      if (space?.kind === 'space') figures.set(storage, space);
      else figures.delete(storage);
      if (!signal.aborted) onLook(storage, figures.get(storage));
      await sleep(clock, REFRESH_MS, signal).catch(() => undefined); // only the signal rejects
    }
  }

  return {
    async run(signal) {
      await Promise.all(storages.map((storage) => watchOne(storage, signal)));
    },
    latest: (storage) => figures.get(storage),
  };
}
