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
  while (!signal.aborted) {
    const result =
      phase.kind === 'list' ? await listPhase(options, phase, signal) : await follow(options, phase, signal);
    if (signal.aborted) return;
    tell(result);
    const step = next(result.phase, result.ending);
    phase = step.phase;
    await pause(options, step.wait, signal);
  }
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

/** One line when trouble begins or changes its nature, not one per try. */
function createTeller<T extends KubeObject>(options: WatchOptions<T>): (result: Result) => void {
  const resource = options.resource.plural;
  let told = '';
  return ({ ending, error }) => {
    if (ending.kind === 'listed') told = '';
    else options.metrics?.count('informer_interruptions_total', { resource, reason: ending.kind });
    if (!error || ending.kind === 'refused' || ending.kind === 'expired') return;
    if (error.code !== told) options.log.warn({ resource, code: error.code, err: error }, 'watch interrupted');
    told = error.code;
  };
}
