/**
 * The life of a watch as a state machine without time or I/O. Each phase holds exactly what it needs to run; `next` says
 * where an ending leads and how long to wait first. The collection's content is never part of it: a phase that lists
 * again replaces nothing until the new list is complete.
 */
import type { KubeError } from './error.ts';

export type Phase =
  /** Get the collection as a stream of its objects that goes on as a watch. */
  | { readonly kind: 'stream'; readonly failures: number }
  /** Get the collection in pages, because the server refused to stream it. */
  | { readonly kind: 'list'; readonly failures: number }
  /** Follow the changes after `resourceVersion`. `paged`: the server is known to refuse streams. */
  | { readonly kind: 'watch'; readonly resourceVersion: string; readonly failures: number; readonly paged: boolean };

/** How a phase ended. */
export type Ending =
  /** The list is complete as of this version. */
  | { readonly kind: 'listed'; readonly resourceVersion: string }
  /** The server does not stream lists. */
  | { readonly kind: 'refused' }
  /** The version has been forgotten by the server (410). */
  | { readonly kind: 'expired' }
  /** The stream closed, broke, fell silent or could not be read. `healthy`: it had done its job until then. */
  | {
      readonly kind: 'ended';
      readonly resourceVersion: string;
      readonly healthy: boolean;
      readonly retryAfterMs: number;
    }
  /** The list or the opening of the watch failed. `answered`: the server was there and said so itself. */
  | { readonly kind: 'failed'; readonly answered: boolean; readonly retryAfterMs: number };

export interface Step {
  readonly phase: Phase;
  readonly wait: Wait;
}

export type Wait =
  | { readonly kind: 'none' }
  /** Backoff with this attempt number, from 0, but at least `atLeastMs`. */
  | { readonly kind: 'backoff'; readonly attempt: number; readonly atLeastMs: number };

/** A version from which a server that answers never gets anywhere is left behind by listing again. */
const FAILURES_BEFORE_LIST = 8;

export const FIRST: Phase = { kind: 'stream', failures: 0 };

export function next(phase: Phase, ending: Ending): Step {
  switch (ending.kind) {
    case 'listed':
      return atOnce({
        kind: 'watch',
        resourceVersion: ending.resourceVersion,
        failures: phase.failures, // only a healthy watch clears them, so that list and 410 in turns slow down
        paged: phase.kind === 'list',
      });
    case 'refused':
      return atOnce({ kind: 'list', failures: phase.failures });
    case 'expired':
      return expire(phase);
    case 'failed':
      return after(again(phase, phase.failures + 1, ending.answered), ending.retryAfterMs);
    case 'ended':
      return after(resume(phase, ending), ending.retryAfterMs);
    default:
      return ending satisfies never;
  }
}

/** A watch that closes and then finds its version forgotten is still ordinary: it lists at once. */
function expire(phase: Phase): Step {
  const list = listPhase(phase, phase.failures + 1);
  return phase.failures <= 1 ? atOnce(list) : after(list, 0);
}

/** The ending of a phase that the server, or the lack of one, refused. */
export function failure(error: KubeError): Ending {
  return { kind: 'failed', answered: error.status !== 0, retryAfterMs: error.retryAfterMs ?? 0 };
}

function listPhase(phase: Phase, failures: number): Phase {
  const paged = phase.kind === 'list' || (phase.kind === 'watch' && phase.paged);
  return { kind: paged ? 'list' : 'stream', failures };
}

function again(phase: Phase, failures: number, answered: boolean): Phase {
  const stuck = answered && phase.kind === 'watch' && failures >= FAILURES_BEFORE_LIST;
  return stuck ? listPhase(phase, failures) : { ...phase, failures };
}

function resume(phase: Phase, ending: Ending & { kind: 'ended' }): Phase {
  const failures = ending.healthy ? 1 : phase.failures + 1;
  if (phase.kind !== 'watch') return { ...phase, failures };
  return again({ ...phase, resourceVersion: ending.resourceVersion }, failures, true);
}

/** Closing is ordinary: the first time goes on at once, only repetition waits. */
function after(phase: Phase, retryAfterMs: number): Step {
  if (phase.failures <= 1 && retryAfterMs === 0) return atOnce(phase);
  return { phase, wait: { kind: 'backoff', attempt: Math.max(0, phase.failures - 2), atLeastMs: retryAfterMs } };
}

function atOnce(phase: Phase): Step {
  return { phase, wait: { kind: 'none' } };
}
