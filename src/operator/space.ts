import type { Space, Storage, StorageProblem } from '../provision/storage.ts';
import { type Clock, sleep } from '../telemetry/clock.ts';
import { type ExportLook, type ExportLooks, noLooks, withLook } from './export-looks.ts';

const REFRESH_MS = 10_000;

/** The free space of each export, read now and then, so that nobody who shows it or decides by it ever waits for a mount. */
export interface SpaceWatch {
  run(signal: AbortSignal): Promise<void>;
  /** The last figure; undefined before the first, and since the export went down. */
  latest(storage: Storage): Space | undefined;
  /** How it answered over the last day. */
  looks(storage: Storage): ExportLooks;
}

/** `onLook` is told of every look; undefined: the export is down. */
export function createSpaceWatch(
  storages: readonly Storage[],
  clock: Clock,
  onLook: (storage: Storage, space: Space | undefined) => void = () => undefined,
): SpaceWatch {
  const figures = new Map<Storage, Space>();
  const looks = new Map<Storage, ExportLooks>();

  async function watchOne(storage: Storage, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const begun = clock.monotonic();
      const space = await storage.space(signal).catch(() => undefined); // rejects only when aborted
      if (space) {
        const look = lookOf(space, clock.now(), clock.monotonic() - begun);
        looks.set(storage, withLook(looks.get(storage) ?? noLooks, look));
      }
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
    looks: (storage) => looks.get(storage) ?? noLooks,
  };
}

function lookOf(answer: Space | StorageProblem, at: number, tookMs: number): ExportLook {
  if (answer.kind === 'problem') return { at, tookMs, problem: answer.detail };
  return { at, tookMs, problem: '', freeBytes: answer.freeBytes };
}
