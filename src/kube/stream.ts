/** One watch connection: opening it, reading its events, noticing that it died. */
import { errorOfResponse, errorOfStatus, isKubeError, KubeError, malformed, messageOf, type Status } from './error.ts';
import { Lines } from './lines.ts';
import { nameOfRaw } from './list.ts';
import { type KubeObject, keyOf } from './object.ts';
import { orAbort } from './or-abort.ts';
import { type Ending, failure, next, type Phase } from './phase.ts';
import { isObject } from './reader.ts';
import { describeRequest, pathOf, queryOf } from './resource.ts';
import { guardSilence } from './silence.ts';
import type { TransportResponse } from './transport.ts';
import type { Result, WatchOptions } from './watch.ts';

type Streaming = Exclude<Phase, { kind: 'list' }>;

/** The server ends a watch after a time between these, so that all watches do not come back together. */
const SHORTEST_SECONDS = 300;
const LONGEST_SECONDS = 600;
/** API servers send bookmarks about once a minute; a connection without any is dead. */
const SILENT_MS = 180_000;
/** The same before the end of a streamed list, when a server that knows no such lists just goes quiet. */
const SILENT_LIST_MS = 60_000;
/** A connection that lasted this long did its job, even if there was nothing to tell. */
const HEALTHY_MS = 5_000;
/** A server in the same process never lets go by itself: after so many characters timers and sockets get their turn. */
const CHARACTERS_PER_TURN = 512 * 1024;
const END_OF_LIST = 'k8s.io/initial-events-end';

/** Opens the connection and reads it to its end. Resolves also when aborted; rejects never. */
export async function follow<T extends KubeObject>(
  options: WatchOptions<T>,
  phase: Streaming,
  signal: AbortSignal,
): Promise<Result> {
  const session = new Session(options, phase);
  const connection = new AbortController();
  const onAbort = (): void => connection.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const guard = guardSilence(
    options.clock,
    () => (session.listing ? SILENT_LIST_MS : SILENT_MS),
    () => connection.abort(session.fellSilent()),
  );
  try {
    if (signal.aborted) onAbort();
    const request = {
      method: 'GET',
      path: requestPath(options, phase),
      headers: { accept: 'application/json' },
    } as const;
    const opening = options.client.request(request, { signal: connection.signal });
    const response = await orAbort(opening, connection.signal);
    if (response.status !== 200) return session.refused(await failureOf(session.what, response, connection.signal));
    const ending = await session.read(response, connection.signal, guard.heard);
    return session.result(ending);
  } catch (cause) {
    return session.broken(cause);
  } finally {
    guard.stop();
    signal.removeEventListener('abort', onAbort);
    connection.abort();
  }
}

/**
 * What one connection has told so far. Invariant: `#phase` is a watch exactly when the collection is complete, and its
 * `resourceVersion` is then that of the last event handed on; until then `#initial` gathers the list.
 */
class Session<T extends KubeObject> {
  readonly what: string;
  readonly #options: WatchOptions<T>;
  readonly #startMs: number;
  #phase: Streaming;
  #initial: T[] = [];
  #advanced = false;
  #opened = false;
  #silent = false;

  constructor(options: WatchOptions<T>, phase: Streaming) {
    this.#options = options;
    this.#phase = phase;
    this.#startMs = options.clock.monotonic();
    this.what = describeRequest('watch', options.resource, {});
  }

  get listing(): boolean {
    return this.#phase.kind === 'stream';
  }

  /** Hands on what arrives until the stream ends; the ending is undefined when it just closed. */
  async read(response: TransportResponse, signal: AbortSignal, heard: () => void): Promise<Ending | undefined> {
    this.#opened = true;
    const lines = new Lines();
    const chunks = response.chunks()[Symbol.asyncIterator]();
    try {
      for (let read = 0; ; ) {
        const chunk = await orAbort(chunks.next(), signal);
        if (chunk.done) return undefined; // a line that was cut off comes again after resuming
        heard();
        this.#options.onHeard();
        for (const line of lines.push(chunk.value)) {
          const ending = this.#take(line);
          if (ending) return ending;
        }
        read += chunk.value.length;
        if (read < CHARACTERS_PER_TURN) continue;
        read = 0;
        await new Promise<void>((resolve) => void setImmediate(resolve));
      }
    } finally {
      // Not awaited: a transport that hangs must not hold up the resumption.
      chunks.return?.().catch(() => undefined);
    }
  }

  result(ending: Ending | undefined, error?: KubeError): Result {
    const told = error === undefined ? {} : { error };
    return { phase: this.#phase, ending: ending ?? this.#ended(error?.retryAfterMs ?? 0), ...told };
  }

  /** The server answered the opening with an error. */
  refused(error: KubeError): Result {
    if (isKubeError(error, 'KUBE_GONE')) return this.result({ kind: 'expired' }, error);
    if (isKubeError(error, 'KUBE_INVALID')) return this.result(this.#misunderstood(), error);
    return this.result(failure(error), error);
  }

  fellSilent(): KubeError {
    this.#silent = true;
    return new KubeError('KUBE_UNAVAILABLE', `${this.what}: the server fell silent`);
  }

  /** The connection could not be opened, or broke. */
  broken(cause: unknown): Result {
    const known = isKubeError(cause) ? cause : undefined;
    const error = known ?? new KubeError('KUBE_UNAVAILABLE', `${this.what}: ${messageOf(cause)}`, { cause });
    if (!this.#opened) return this.result(failure(error), error);
    if (this.#silent && this.listing) return this.result({ kind: 'refused' }, error);
    return this.result(this.#ended(error.retryAfterMs ?? 0), error);
  }

  #ended(retryAfterMs: number): Ending {
    const healthy = this.#advanced || this.#options.clock.monotonic() - this.#startMs >= HEALTHY_MS;
    const phase = this.#phase;
    if (phase.kind === 'stream') return { kind: 'failed', answered: true, retryAfterMs };
    return { kind: 'ended', resourceVersion: phase.resourceVersion, healthy, retryAfterMs };
  }

  /** A server that does not take these parameters; on a watch, one that cannot make sense of the version. */
  #misunderstood(): Ending {
    return this.#phase.kind === 'stream' ? { kind: 'refused' } : { kind: 'expired' };
  }

  /** Returns the ending when the event is the last one worth reading. */
  #take(line: string): Ending | undefined {
    const event = parseEvent(line);
    if (!event) throw malformed(this.what, new TypeError('a line of the watch is not an event'));
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#store(event.object);
        return undefined;
      case 'DELETED':
        this.#remove(event.object);
        return undefined;
      case 'BOOKMARK':
        return this.#bookmark(event.object);
      case 'ERROR': {
        const { ending, error } = this.refused(errorOfStatus(this.what, event.object));
        if (ending.kind !== 'failed') return ending;
        throw error;
      }
      default:
        return undefined; // a type that a later version of the protocol may add
    }
  }

  #store(raw: RawObject): void {
    const object = this.#project(raw);
    if (this.#phase.kind === 'stream') {
      if (object) this.#initial.push(object);
      return;
    }
    this.#advance(raw.metadata.resourceVersion);
    if (object) this.#options.onMessage({ kind: 'stored', object });
  }

  #remove(raw: RawObject): void {
    if (this.#phase.kind === 'stream') return; // a list that is still arriving consists of additions only
    const { resourceVersion } = raw.metadata;
    this.#advance(resourceVersion);
    const object = this.#project(raw);
    const key = keyOf(raw.metadata);
    this.#options.onMessage({ kind: 'removed', key, resourceVersion, ...(object === undefined ? {} : { object }) });
  }

  #bookmark(raw: RawObject): Ending | undefined {
    const { resourceVersion, annotations } = raw.metadata;
    if (this.#phase.kind === 'watch') {
      this.#advance(resourceVersion);
      return undefined;
    }
    const complete = isObject(annotations) && annotations[END_OF_LIST] === 'true';
    if (!complete) return { kind: 'refused' };
    const { phase } = next(this.#phase, { kind: 'listed', resourceVersion });
    if (phase.kind === 'list') return { kind: 'refused' };
    this.#phase = phase;
    this.#advanced = true;
    const objects = this.#initial;
    this.#initial = [];
    this.#options.onMessage({ kind: 'listed', objects });
    return undefined;
  }

  #advance(resourceVersion: string): void {
    if (this.#phase.kind !== 'watch' || this.#phase.resourceVersion === resourceVersion) return;
    this.#phase = { ...this.#phase, resourceVersion };
    this.#advanced = true;
  }

  /** An object that cannot be read is left as it was last known: to forget it would look like a deletion. */
  #project(raw: RawObject): T | undefined {
    try {
      return this.#options.resource.project(raw);
    } catch (cause) {
      const error = malformed(`${this.what}: ${nameOfRaw(raw)}`, cause);
      this.#options.log.warn(
        { resource: this.#options.resource.plural, code: error.code, err: error },
        'object left out',
      );
      return undefined;
    }
  }
}

interface RawObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
    readonly annotations?: unknown;
  };
}

interface RawEvent {
  readonly type: string;
  /** A Status when the type is ERROR. */
  readonly object: RawObject & Partial<Status>;
}

/** Undefined when the line is no JSON or lacks what every event has. */
function parseEvent(line: string): RawEvent | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return isEvent(parsed) ? parsed : undefined;
  } catch {
    return undefined; // the caller tells
  }
}

function isEvent(value: unknown): value is RawEvent {
  if (!isObject(value) || typeof value['type'] !== 'string' || !isObject(value['object'])) return false;
  if (value['type'] === 'ERROR') return true; // carries a Status
  const { metadata } = value['object'];
  return isObject(metadata) && typeof metadata['resourceVersion'] === 'string';
}

function requestPath<T extends KubeObject>(options: WatchOptions<T>, phase: Streaming): string {
  const spread = LONGEST_SECONDS - SHORTEST_SECONDS;
  const common = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(Math.floor(SHORTEST_SECONDS + options.random.next() * spread)),
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  };
  const from =
    phase.kind === 'stream'
      ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
      : { resourceVersion: phase.resourceVersion };
  const where = options.namespace === undefined ? {} : { namespace: options.namespace };
  return pathOf(options.resource, where) + queryOf({ ...common, ...from });
}

async function failureOf(what: string, response: TransportResponse, signal: AbortSignal): Promise<KubeError> {
  const body = await orAbort(response.text(), signal);
  return errorOfResponse(what, { status: response.status, headers: response.headers, body });
}
