/**
 * The system calls of a measurement, made at once while the filesystem answers at once: handing each to a thread costs
 * ten times what the call itself does. A filesystem that takes its time gets its calls through threads, many at a time,
 * and either way nothing else of this process waits longer than a moment.
 */
import type { Clock } from '../../telemetry/clock.ts';
import {
  atOnce,
  closeDescriptor,
  type Facts,
  factsAt,
  factsOf,
  openDirectory,
  rawNamesOf,
} from '../directory/descriptor.ts';

type Soon<T> = T | Promise<T>;

/** Names are bytes, one character each. Each throws or rejects as the function of its name in `descriptor` does. */
export interface Calls {
  open(fd: number, name: string): Soon<number>;
  factsOf(fd: number): Soon<Facts>;
  factsAt(fd: number, name: string): Soon<Facts>;
  names(fd: number): Soon<string[]>;
  close(fd: number): Soon<void>;
  /** The same for who cannot wait. Undefined: the filesystem takes its time, or others are to go first. */
  atOnce(): CallsAtOnce | undefined;
}

export interface CallsAtOnce {
  open(fd: number, name: string): number;
  factsOf(fd: number): Facts;
  factsAt(fd: number, name: string): Facts;
  close(fd: number): void;
}

/** Calls that take longer on average, ms, are not answered from memory. */
const SLOW_MS = 0.3;
/** A single call counts for no more than that: it may have been this process that had to wait. */
const CAP_MS = 1;
const NEWEST = 0.1;
/** So many calls then go through threads. */
const PATIENCE = 500;
/** After so long at a stretch, ms, others go first. */
const STRETCH_MS = 4;

export function createCalls(clock: Clock): Calls {
  let patience = 0;
  let meanMs = 0;
  let stretchMs = 0;

  const mayNow = (): boolean => patience === 0 && stretchMs < STRETCH_MS;
  const make = <T>(now: (() => T) | undefined, later: () => Promise<T>): Soon<T> => {
    if (now && mayNow()) return timed(now);
    patience = Math.max(0, patience - 1);
    stretchMs = 0;
    return later();
  };
  const timed = <T>(now: () => T): T => {
    const startMs = clock.monotonic();
    try {
      return now();
    } finally {
      const tookMs = clock.monotonic() - startMs;
      stretchMs += tookMs;
      meanMs += NEWEST * (Math.min(CAP_MS, tookMs) - meanMs);
      if (meanMs > SLOW_MS) patience = PATIENCE;
    }
  };

  const now = atOnce;
  const calls: CallsAtOnce | undefined = now && {
    open: (fd, text) => timed(() => now.openDirectory(fd, nameOf(text))),
    factsOf: (fd) => timed(() => now.factsOf(fd)),
    factsAt: (fd, text) => timed(() => now.factsAt(fd, nameOf(text))),
    close: (fd) => timed(() => now.closeDescriptor(fd)),
  };
  return {
    atOnce: () => (mayNow() ? calls : undefined),
    open(fd, text) {
      const name = nameOf(text);
      return make(now && (() => now.openDirectory(fd, name)), () => openDirectory(fd, name));
    },
    factsOf: (fd) => make(now && (() => now.factsOf(fd)), () => factsOf(fd)),
    factsAt(fd, text) {
      const name = nameOf(text);
      return make(now && (() => now.factsAt(fd, name)), () => factsAt(fd, name));
    },
    names: (fd) => make(now && (() => now.rawNamesOf(fd)), () => rawNamesOf(fd)),
    close: (fd) => make(now && (() => now.closeDescriptor(fd)), () => closeDescriptor(fd)),
  };
}

const nameOf = (text: string): Buffer => Buffer.from(text, 'latin1');
