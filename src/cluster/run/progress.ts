/** How far a run is, from its events. Pure: what a person is shown. */
import type { Phase } from './phase.ts';
import type { RunEvent } from './run-event.ts';

export interface HostProgress {
  readonly host: string;
  /** What is being done there; absent: it waits. */
  readonly task?: string;
  readonly state: 'waiting' | 'working' | 'done' | 'failed' | 'unreachable';
  readonly changed: number;
}

export interface Progress {
  readonly phase: string;
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly startedAt: number;
  /** From earlier runs; absent where there was none. */
  readonly leftMs: number | undefined;
  readonly hosts: readonly HostProgress[];
}

export interface PhaseBegin {
  readonly phase: Phase;
  readonly hosts: readonly string[];
  readonly number: number;
  readonly of: number;
  readonly startedAt: number;
  readonly leftMs: number | undefined;
}

export function beginProgress({ phase, hosts, number, of, startedAt, leftMs }: PhaseBegin): Progress {
  const waiting = hosts.map((host) => ({ host, state: 'waiting' as const, changed: 0 }));
  return { phase: phase.id, number, of, startedAt, leftMs, hosts: waiting };
}

export function nextProgress(progress: Progress, event: RunEvent): Progress {
  if (event.event === 'recap') {
    const hosts = progress.hosts.map((each) =>
      isOver(each) ? each : { ...withoutTask(each), state: 'done' as const },
    );
    return { ...progress, hosts };
  }
  if (event.event !== 'begin' && event.event !== 'result') return progress;
  const known = progress.hosts.some(({ host }) => host === event.host);
  if (!known) return progress;
  return { ...progress, hosts: progress.hosts.map((each) => (each.host === event.host ? next(each, event) : each)) };
}

function next(each: HostProgress, event: Extract<RunEvent, { event: 'begin' | 'result' }>): HostProgress {
  if (isOver(each)) return each;
  if (event.event === 'begin') return { ...each, state: 'working', task: event.task };
  if (event.outcome === 'failed' || event.outcome === 'unreachable')
    return { ...each, state: event.outcome, task: event.task };
  return event.outcome === 'changed' ? { ...each, changed: each.changed + 1 } : each;
}

function isOver({ state }: HostProgress): boolean {
  return state === 'failed' || state === 'unreachable';
}

function withoutTask({ host, changed }: HostProgress): Pick<HostProgress, 'host' | 'changed'> {
  return { host, changed };
}

/** Of what earlier runs took for a phase. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle];
  const low = sorted[middle - 1];
  return sorted.length % 2 === 1 || low === undefined || high === undefined ? high : (low + high) / 2;
}
