/** Stands between an export and those who measure on it: writes down what they were told, and sometimes tells otherwise. */
import type { SampleStore } from '../../src/expand/usage/samples.ts';
import type { Track } from '../../src/expand/usage/track.ts';
import type { Storage, StorageProblem, Usage } from '../../src/provision/storage.ts';
import type { UsageLie } from './history.ts';
import type { Reported } from './invariants.ts';
import type { Host, Scheduler } from './scheduler.ts';

export interface Liar {
  tell(lie: UsageLie, untilMs: number): void;
  between(storage: Storage, host: Host): Storage;
}

const HOUR_MS = 3_600_000;

/** `reported` gets every measurement by the path of its directory, the last ones of each. */
export function createLiar(reported: Map<string, Reported[]>, scheduler: Scheduler): Liar {
  let lie: UsageLie | undefined;
  let untilMs = 0;
  const frozen = new Map<string, Usage>();

  const twisted = (path: string, usage: Usage): Usage | StorageProblem => {
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
        return { kind: 'problem', problem: 'unexpected', detail: 'simulated', errno: '', landed: 'no' };
      default:
        return lie satisfies never;
    }
  };

  return {
    tell(what, until) {
      lie = what;
      untilMs = until;
    },
    between: (storage, host) => ({
      ...storage,
      async usage(request, signal) {
        const measured = await storage.usage(request, signal);
        if (measured.kind === 'problem') return measured;
        const path = request.path.join('/');
        const told = twisted(path, measured);
        if (told.kind === 'usage') note(reported, path, told, { host, handedMs: scheduler.elapsedMs });
        return told;
      },
    }),
  };
}

const REMEMBERED = 60;

function note(
  reported: Map<string, Reported[]>,
  path: string,
  { at, usedBytes }: Usage,
  { host, handedMs }: { readonly host: Host; readonly handedMs: number },
): void {
  const list = reported.get(path) ?? [];
  reported.set(path, list);
  list.push({ handedMs, at, usedBytes, nowMs: host.clock.now() });
  if (list.length > REMEMBERED) list.shift();
}

/** The file of measurements on the disk of a node. */
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
