/**
 * Records core/v1 Events: what happened to an object, for the people who look at it. Fire and forget: an event is never
 * worth an exception, a queue without bound, or a request per repetition.
 */
import { hash } from 'node:crypto';
import { type Clock, type Random, sleep } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { backoff } from './backoff.ts';
import type { Client } from './client.ts';
import { isKubeError } from './error.ts';
import { kinds, type ObjectReference } from './kinds.ts';
import { LeastRecent } from './least-recent.ts';
import type { KubeObject } from './object.ts';
import { orAbort } from './or-abort.ts';
import type { metrics as declared } from './registry.ts';

/** Any object, whole or narrow. */
export type EventSubject = Pick<KubeObject, 'apiVersion' | 'kind'> & {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
};

export interface EventRecorder {
  /** Returns at once and never throws. Equal events become one with a count. */
  record(subject: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Resolves when everything recorded so far has been written or given up, or when aborted. */
  flush(signal?: AbortSignal): Promise<void>;
}

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: Metrics<typeof declared> | undefined;
  /** Who reports, for example `expander`. */
  readonly component: string;
  /** Which of its instances; default empty. */
  readonly instance?: string;
  /** Part of every event's name. Given where events may not be read: a new process then begins new ones. Default empty. */
  readonly salt?: string;
  /**
   * True while there is work that people wait for: a Normal event then lets it go first, for a few seconds at most, because it
   * costs the API server as much as that work does. Warnings never wait. Default: never.
   */
  readonly busy?: () => boolean;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options);
}

/** So many claims may be refused at one moment, and each is told why; some 6 MB at most. */
const LONGEST_QUEUE = 10_000;
const LONGEST_MESSAGE_BYTES = 1_024; // validation of core/v1 Event, k8s.io/kubernetes/pkg/apis/core/validation
const LONGEST_NAME = 253;
const TRIES = 4;
/** How many events and objects are remembered for counting and limiting. */
const REMEMBERED = 4_096;
/** client-go's EventSourceObjectSpamFilter, 2025-11: 25 at once, then one in five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
/** A Normal event lets work go first for so long, and looks so often whether it is over. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

/** What is not yet written of one event. */
interface Pending {
  readonly id: string;
  readonly subject: ObjectReference & { readonly name: string };
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Monotonic. */
  readonly sinceMs: number;
  count: number;
  firstMs: number;
  lastMs: number;
}

/**
 * Invariant: `#pending` holds each event at most once, in the order of their first recording; one writer takes from it, in
 * that order but where Normal events wait.
 */
class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #pending = new Map<string, Pending>();
  /** The count that the API has of an event. */
  readonly #written = new LeastRecent<number>(REMEMBERED);
  readonly #tokens = new LeastRecent<{ left: number; atMs: number }>(REMEMBERED);
  #writing: Promise<void> | undefined;
  /** Somebody waits for all of it, as at the end of the process. */
  #flushing = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(subject: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const reference = referenceTo(subject);
    const cut = cutMessage(message);
    const { salt } = this.#options;
    const told = [reference.kind, reference.namespace, reference.name, reference.uid, type, reason, cut];
    const id = idOf(salt === undefined ? told : [...told, salt]);
    if (!this.#allow([reference.kind, reference.namespace, reference.name, reference.uid].join('/'))) {
      this.#count('limited');
      return;
    }
    const nowMs = this.#options.clock.now();
    const same = this.#pending.get(id);
    if (same) {
      same.count += 1;
      same.lastMs = nowMs;
      return;
    }
    if (this.#pending.size >= LONGEST_QUEUE) {
      this.#count('dropped');
      return;
    }
    const sinceMs = this.#options.clock.monotonic();
    const event = { id, subject: reference, type, reason, message: cut, sinceMs, count: 1 };
    this.#pending.set(id, { ...event, firstMs: nowMs, lastMs: nowMs });
    this.#writing ??= this.#writeAll();
  }

  async flush(signal?: AbortSignal): Promise<void> {
    const written = this.#writing ?? Promise.resolve();
    this.#flushing += 1;
    await (signal ? orAbort(written, signal).catch(() => undefined) : written); // only the signal rejects
    this.#flushing -= 1;
  }

  /** Never rejects. */
  async #writeAll(): Promise<void> {
    await Promise.resolve(); // what is recorded in the same turn is counted before it is written
    while (this.#pending.size > 0) {
      const event = this.#next();
      if (event) {
        this.#pending.delete(event.id);
        await this.#write(event);
      } else {
        await sleep(this.#options.clock, LOOK_MS);
      }
    }
    this.#writing = undefined;
  }

  /** The first that is to be written now; undefined: all let other work go first. */
  #next(): Pending | undefined {
    const { busy, clock } = this.#options;
    const lateMs = clock.monotonic() - PATIENCE_MS;
    const waits = busy !== undefined && this.#flushing === 0 && busy();
    for (const event of this.#pending.values()) {
      if (!waits || event.type === 'Warning' || event.sinceMs <= lateMs) return event;
    }
    return undefined;
  }

  async #write(event: Pending): Promise<void> {
    const { clock, random, log } = this.#options;
    let maybe = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#send(event, maybe);
        this.#count('written');
        return;
      } catch (err) {
        const worthwhile = isKubeError(err, 'KUBE_UNAVAILABLE', 'KUBE_THROTTLED', 'KUBE_CONFLICT');
        if (!worthwhile || attempt + 1 >= TRIES) {
          this.#count('failed');
          log.warn({ err, kind: event.subject.kind, ...nameFields(event), reason: event.reason }, 'event given up');
          return;
        }
        maybe ||= isKubeError(err, 'KUBE_UNAVAILABLE');
        await sleep(clock, backoff(attempt, random, { baseMs: 500, capMs: 5_000 }));
      }
    }
  }

  /** `maybe`: an earlier try had no answer, so it may have been written. */
  async #send(event: Pending, maybe: boolean): Promise<void> {
    const written = this.#written.get(event.id);
    if (written !== undefined && (await this.#raise(event, written))) return;
    try {
      await this.#create(event);
      this.#written.set(event.id, event.count);
    } catch (error) {
      if (!isKubeError(error, 'KUBE_ALREADY_EXISTS')) throw error;
      const existing = await this.#options.client.get(kinds.Event, objectNameOf(event));
      const count = existing.count ?? 1;
      const lost = maybe && count === event.count && existing.lastTimestamp === timestamp(event.lastMs);
      if (lost) this.#written.set(event.id, count);
      else await this.#raise(event, count); // written before this process began: goes on counting from there
    }
  }

  /** False when the API has forgotten the event in the meantime, as it does after an hour. */
  async #raise(event: Pending, written: number): Promise<boolean> {
    const count = written + event.count;
    const value = { count, lastTimestamp: timestamp(event.lastMs) };
    try {
      await this.#options.client.patch(kinds.Event, objectNameOf(event), { kind: 'merge', value });
    } catch (error) {
      if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
      this.#written.delete(event.id);
      return false;
    }
    this.#written.set(event.id, count);
    return true;
  }

  async #create(event: Pending): Promise<void> {
    const { client, component, instance = '' } = this.#options;
    await client.create(kinds.Event, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: objectNameOf(event),
      involvedObject: event.subject,
      type: event.type,
      reason: event.reason,
      message: event.message,
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
      count: event.count,
      firstTimestamp: timestamp(event.firstMs),
      lastTimestamp: timestamp(event.lastMs),
    });
  }

  /** A token bucket per object. */
  #allow(object: string): boolean {
    const nowMs = this.#options.clock.monotonic();
    const bucket = this.#tokens.get(object) ?? { left: BURST, atMs: nowMs };
    const left = Math.min(BURST, bucket.left + (nowMs - bucket.atMs) / REFILL_MS);
    const allowed = left >= 1;
    this.#tokens.set(object, { left: allowed ? left - 1 : left, atMs: nowMs });
    return allowed;
  }

  #count(outcome: 'written' | 'limited' | 'dropped' | 'failed'): void {
    this.#options.metrics?.count('event_recorder_events_total', { outcome });
  }
}

function referenceTo({ apiVersion, kind, metadata }: EventSubject): Pending['subject'] {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    name,
    ...(namespace ? { namespace } : {}),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}

/** The same event has the same name whoever writes it, so that a restart goes on counting. */
function objectNameOf({ id, subject }: Pending): { namespace: string; name: string } {
  const prefix = subject.name.slice(0, LONGEST_NAME - id.length - 1).replace(/[.-]+$/, '');
  return { namespace: subject.namespace ?? 'default', name: `${prefix}.${id}` };
}

function nameFields({ subject }: Pending): object {
  return { namespace: subject.namespace, name: subject.name };
}

function idOf(parts: readonly (string | undefined)[]): string {
  return hash('sha256', JSON.stringify(parts)).slice(0, 16);
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** At most LONGEST_MESSAGE_BYTES of UTF-8, never inside a character; what was cut ends in an ellipsis. */
function cutMessage(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= LONGEST_MESSAGE_BYTES) return message;
  let end = LONGEST_MESSAGE_BYTES - Buffer.byteLength('…');
  while (isContinuation(bytes[end])) end -= 1;
  return `${bytes.toString('utf8', 0, end)}…`;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
