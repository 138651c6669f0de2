/** Stands between an export and those who measure on it: writes down what they were told, and sometimes tells otherwise. */
import type { SampleStore } from '../../src/expand/usage/samples.ts';
import type { Track } from '../../src/expand/usage/track.ts';
import type { Storage, StorageProblem, Usage } from '../../src/provision/storage.ts';
import type { ExportFs } from './export-fs.ts';
import type { UsageLie } from './history.ts';
import type { Reported } from './invariants.ts';
import type { Host, Scheduler } from './scheduler.ts';
import { pathOn } from './setting.ts';

export interface Liar {
  tell(lie: UsageLie, untilMs: number): void;
  between(storage: Storage, host: Host): Storage;
  /** What a kubelet says of a claim; undefined: nothing. */
  measure(key: string, measured: Measured, host: Host): Measured | undefined;
}

/** `inodes`: where there is a total. */
type Measured = Pick<Usage, 'at' | 'usedBytes'> & { readonly inodes?: Reported['inodes'] };

const HOUR_MS = 3_600_000;

/** `reported` gets every measurement by the path of its directory, the last ones of each. */
export function createLiar(listening: {
  readonly reported: Map<string, Reported[]>;
  readonly scheduler: Scheduler;
  readonly fs: ExportFs;
}): Liar {
  const { reported, scheduler, fs } = listening;
  let lie: UsageLie | undefined;
  let untilMs = 0;
  const frozen = new Map<string, Measured>();

  /** Undefined: nothing is said. */
  const twisted = (path: string, usage: Measured): Measured | undefined => {
    if (!lie || scheduler.elapsedMs > untilMs) {
      frozen.set(path, usage);
      return usage;
    }
    switch (lie) {
      case 'frozen':
        return frozen.get(path) ?? usage;
      case 'future':
        return { ...usage, at: usage.at + HOUR_MS };
      case 'nothing':
        return { ...usage, usedBytes: 0n };
      case 'silent':
        return undefined;
      default:
        return lie satisfies never;
    }
  };

  return {
    tell(what, until) {
      lie = what;
      untilMs = until;
    },
    measure(key, measured, host) {
      const told = twisted(key, measured);
      if (told) note(reported, key, told, { host, handedMs: scheduler.elapsedMs });
      return told;
    },
    between: (storage, host) => ({
      ...storage,
      async usage(request, signal) {
        const measured = await storage.usage(request, signal);
        if (measured.kind === 'problem') return measured;
        const path = pathOn(storage.description, request.path);
        const { at, usedBytes } = measured;
        const told = twisted(path, { at, usedBytes });
        if (!told) return SILENT;
        note(reported, path, told, { host, handedMs: scheduler.elapsedMs });
        return { ...measured, at: told.at, usedBytes: told.usedBytes };
      },
      quota: {
        ...storage.quota,
        async report(signal) {
          const report = await storage.quota.report(signal);
          if (report.kind === 'problem') return report;
          const entries = report.entries.map((entry) => {
            const at = host.clock.now();
            const byPath = report.backend === 'glusterfs';
            const counted = byPath ? pathOn(storage.description, [entry.path]) : `project ${entry.id}`;
            const told = twisted(counted, { at, usedBytes: entry.usedBytes }) ?? { usedBytes: 0n };
            for (const path of byPath ? [counted] : fs.pathsOf(entry.id)) {
              note(reported, path, { at, usedBytes: told.usedBytes }, { host, handedMs: scheduler.elapsedMs });
            }
            return { ...entry, usedBytes: told.usedBytes };
          });
          return { ...report, entries };
        },
      },
    }),
  };
}

const SILENT: StorageProblem = {
  kind: 'problem',
  problem: 'unexpected',
  detail: 'simulated',
  errno: '',
  landed: 'no',
};
/** Enough for how fast a directory filled over a day. */
const REMEMBERED = 200;

function note(
  reported: Map<string, Reported[]>,
  path: string,
  { at, usedBytes, inodes }: Measured,
  { host, handedMs }: { readonly host: Host; readonly handedMs: number },
): void {
  const list = reported.get(path) ?? [];
  reported.set(path, list);
  list.push({ handedMs, at, usedBytes, inodes, nowMs: host.clock.now() });
  if (list.length > REMEMBERED) list.shift();
}

/**
 * The file of measurements on the disk of a node. Unlike that of the product it does not mark them as those of an earlier
 * process: the other guards against old measurements are then tried alone.
 */
export function createSamples(): SampleStore {
  const tracks = new Map<string, Track>();
  return {
    load: () => new Map(tracks),
    save(changes) {
      for (const [uid, track] of changes) track ? tracks.set(uid, track) : tracks.delete(uid);
    },
    close: () => undefined,
  };
}
