/** An export on a folder, with its process where it can be weighed. */
import { createExport } from '../src/provision/export/export.ts';
import { spawnChild } from '../src/provision/export/spawn.ts';
import type { Storage } from '../src/provision/storage.ts';
import { systemClock, systemRandom } from '../src/telemetry/clock.ts';
import { silentLog } from '../src/telemetry/log.ts';

export interface ExportProcess {
  readonly storage: Storage;
  /** Of the process that runs now. */
  readonly pid: () => number;
}

/** Runs `work` while the export runs. `usageFolder`: where it remembers what it measured; absent: nowhere. */
export async function withExport<T>(
  { root, usageFolder }: { readonly root: string; readonly usageFolder?: string },
  work: (running: ExportProcess) => Promise<T>,
): Promise<T> {
  let pid = 0;
  const factory = spawnChild(silentLog);
  const storage = createExport({
    description: { backend: 'local', server: '', path: root, root },
    allowLocal: true,
    ...(usageFolder === undefined ? {} : { usageFolder }),
    childFactory: (events) => {
      const child = factory(events);
      pid = child.pid;
      return child;
    },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  const stop = new AbortController();
  const running = storage.run(stop.signal);
  try {
    return await work({ storage, pid: () => pid });
  } finally {
    stop.abort();
    await running;
  }
}
