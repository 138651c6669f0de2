/**
 * Runs the phases of phase.ts against a server: lists a collection and follows its changes for ever. What arrives is
 * handed on in order; nothing here holds the collection.
 */
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { backoff } from './backoff.ts';
import type { Client } from './client.ts';
import { isKubeError, type KubeError } from './error.ts';
import type { KubeObject } from './object.ts';
import { type Ending, FIRST, failure, next, type Phase, type Wait } from './phase.ts';
import type { metrics as declared } from './registry.ts';
import type { Resource } from './resource.ts';
import { follow } from './stream.ts';

export type WatchMessage<T> =
  /** The whole collection as it now is. */
  | { readonly kind: 'listed'; readonly objects: readonly T[] }
  /** The server does not have the kind, so there are no objects; only where that is allowed. Repeated while it is so. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'stored'; readonly object: T }
  /** `object` is its last state; absent when that cannot be read. */
  | { readonly kind: 'removed'; readonly key: string; readonly resourceVersion: string; readonly object?: T };

export interface WatchOptions<T extends KubeObject> {
  readonly client: Client;
  readonly resource: Resource<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: Metrics<typeof declared> | undefined;
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** The kind may not be there, now or later: its definition comes and goes. Default false: that is trouble. */
  readonly optional?: boolean | undefined;
  readonly onMessage: (message: WatchMessage<T>) => void;
  /** The server is alive: called for everything that arrives, bookmarks as well. */
  readonly onHeard: () => void;
}

/** How a phase went: where it stands now, how it ended, and the error to tell about, if any. */
export interface Result {
  readonly phase: Phase;
  readonly ending: Ending;
  readonly error?: KubeError;
}

/** Resolves when aborted; never rejects. */
export async function watch<T extends KubeObject>(options: WatchOptions<T>, signal: AbortSignal): Promise<void> {
  const tell = createTeller(options);
  let phase = FIRST;
  let absences = 0;
  while (!signal.aborted) {
    const result =
      phase.kind === 'list' ? await listPhase(options, phase, signal) : await follow(options, phase, signal);
    if (signal.aborted) return;
    const absent = options.optional === true && isAbsent(result);
    if (absent) {
      options.onHeard();
      options.onMessage({ kind: 'absent' });
    }
    tell(result, absent);
    const step = next(result.phase, result.ending);
    phase = step.phase;
    absences = absent ? absences + 1 : 0;
    if (absent) await rest(options, absences, signal);
    else await pause(options, step.wait, signal);
  }
}

/** Definitions are applied beside us or hardly ever, and there are several kinds to look for: soon, then twice a minute at most. */
const ABSENT_MS = { first: 1_000, longest: 30_000 } as const;

async function rest(
  { clock, random }: { clock: Clock; random: Random },
  absences: number,
  signal: AbortSignal,
): Promise<void> {
  const leastMs = Math.min(ABSENT_MS.longest, ABSENT_MS.first * 2 ** (absences - 1));
  await sleep(clock, leastMs * (1 + random.next()), signal).catch(() => undefined); // aborted: the loop sees it
}

/** An API server that is only starting says 503; a watch that was cut off tries its version for a while before it lists. */
function isAbsent({ phase, ending, error }: Result): boolean {
  return ending.kind === 'failed' && phase.kind !== 'watch' && error?.code === 'KUBE_NOT_FOUND';
}

async function listPhase<T extends KubeObject>(
  options: WatchOptions<T>,
  phase: Phase,
  signal: AbortSignal,
): Promise<Result> {
  const { client, resource, namespace, labelSelector, fieldSelector } = options;
  try {
    const list = await client.list(resource, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      signal,
      onMalformed: (error) =>
        options.log.warn({ resource: resource.plural, code: error.code, err: error }, 'object left out'),
    });
    options.onHeard();
    options.onMessage({ kind: 'listed', objects: list.items });
    return { phase, ending: { kind: 'listed', resourceVersion: list.resourceVersion } };
  } catch (cause) {
    if (!isKubeError(cause)) {
      if (signal.aborted) return { phase, ending: { kind: 'failed', answered: false, retryAfterMs: 0 } };
      throw cause;
    }
    return { phase, ending: failure(cause), error: cause };
  }
}

async function pause(options: { clock: Clock; random: Random }, wait: Wait, signal: AbortSignal): Promise<void> {
  if (wait.kind === 'none') return;
  const waitMs = Math.max(wait.atLeastMs, backoff(wait.attempt, options.random, { baseMs: 200 }));
  await sleep(options.clock, waitMs, signal).catch(() => undefined); // aborted: the loop sees it
}

const ABSENT = 'absent';

/** One line when trouble begins or changes its nature, not one per try. */
function createTeller<T extends KubeObject>(options: WatchOptions<T>): (result: Result, absent: boolean) => void {
  const resource = options.resource.plural;
  let told = '';
  return ({ ending, error }, absent) => {
    if (absent) {
      if (told !== ABSENT) options.log.info({ resource }, 'the API server does not have this kind; looked for again');
      told = ABSENT;
      return;
    }
    if (ending.kind === 'listed') told = '';
    else options.metrics?.count('informer_interruptions_total', { resource, reason: ending.kind });
    if (!error || ending.kind === 'refused' || ending.kind === 'expired') return;
    if (error.code !== told) options.log.warn({ resource, code: error.code, err: error }, 'watch interrupted');
    told = error.code;
  };
}
