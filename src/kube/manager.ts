/** Starts what a process runs in the right order, and stops it in the reverse one. */
import type { Log } from '../telemetry/log.ts';
import type { Cache } from './cache.ts';
import type { Controller } from './controller.ts';
import type { LeaseElection, Term } from './lease.ts';
import type { KubeObject } from './object.ts';

/** What the manager needs of a cache, whatever its kind. */
type AnyCache = Pick<Cache<KubeObject>, 'run' | 'synced' | 'hasSynced' | 'refresh'> & {
  readonly resource: { readonly plural: string };
};

export interface Manager {
  /** Runs from the start to the end, leader or not, so that a new leader begins with warm caches. */
  addCache(cache: AnyCache): void;
  /** Runs while this process leads. */
  addController(controller: Pick<Controller, 'name' | 'run'>): void;
  /** Runs while this process leads, beside the controllers; must end soon after `term.signal` aborts. */
  onLeading(work: (term: Term) => Promise<void>): void;
  /** All caches have had their first list. */
  ready(): boolean;
  /**
   * Caches, then (once they are complete) the election, then controllers and leading work, term after term. A term begins
   * by listing again: a watch that hangs is noticed only after minutes, and must not hide what the leader before has
   * written. Resolves when aborted and everything has stopped: controllers first, then the lease, then the caches. Never
   * rejects.
   */
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  readonly log: Log;
  /** Absent: this process always leads, in one term. */
  readonly election?: LeaseElection;
}

export function createManager({ log, election }: ManagerOptions): Manager {
  const caches: AnyCache[] = [];
  const work: { readonly name: string; readonly run: (term: Term) => Promise<void> }[] = [];

  /** One that fails does not take the others with it: it is told, and missing until the next term. */
  const lead = async (term: Term): Promise<void> => {
    const all = work.map(async ({ name, run }) => {
      try {
        await run(term);
      } catch (err) {
        if (!term.signal.aborted) log.error({ work: name, err }, 'leading work failed');
      }
    });
    await Promise.all([...all, untilAborted(term.signal)]);
  };

  const succeed = async (term: Term): Promise<void> => {
    const current = await whole(
      caches.map((cache) => cache.refresh(term.signal)),
      term.signal,
    );
    if (current) await lead(term);
  };

  return {
    addCache: (cache) => void caches.push(cache),
    addController: (controller) =>
      void work.push({ name: controller.name, run: (term) => controller.run(term.signal) }),
    onLeading: (run) => void work.push({ name: run.name, run }),
    ready: () => caches.every((cache) => cache.hasSynced()),
    async run(signal) {
      const cachesStop = new AbortController();
      const running = caches.map((cache) => cache.run(cachesStop.signal));
      const complete = await whole(
        caches.map((cache) => cache.synced(signal)),
        signal,
      );
      if (complete) {
        log.info({ caches: caches.length }, 'caches complete');
        if (election) await election.run(signal, succeed);
        else await lead({ signal, renewed: async () => !signal.aborted });
      }
      cachesStop.abort(signal.reason);
      await Promise.all(running);
    },
  };
}

/** False when aborted before. */
async function whole(work: readonly Promise<void>[], signal: AbortSignal): Promise<boolean> {
  try {
    await Promise.all(work);
    return !signal.aborted;
  } catch {
    return false; // only the signal rejects
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
