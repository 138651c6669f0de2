/**
 * The informer against a server in the same process: a list of claims, then changes to them. What the server spends on
 * making its text is measured and taken off, so that the figures are those of the informer alone.
 */
import { createCache, createClient, kinds, type Transport, type TransportResponse } from '../src/kube/index.ts';
import { systemClock, systemRandom } from '../src/telemetry/clock.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';
import { compareInformers } from './server/informer.ts';

const PAGE = 500;
const LINES_PER_CHUNK = 48; // about 64 KiB, what a socket gives at a time
const CLASSES = ['fast', 'slow', 'shared', 'archive'];

interface Size {
  readonly claims: number;
  readonly events: number;
}

/** Arguments: number of claims and of events; default those of the bar, 100,000 and 50,000. */
export async function run([claims = '100000', events = '50000']: readonly string[]): Promise<BenchReport> {
  const size = { claims: Number(claims), events: Number(events) };
  const streamed = await measure(size, 'streamed');
  const bare = parseBare(size); // after the memory was read, so that it does not count
  const paged = await measure(size, 'paged');
  const compared = await compareInformers();
  const eventsPerSecond = size.events / streamed.eventSeconds;
  const full = size.claims >= 100_000;
  const bar = (text: string, met: boolean): Pick<BenchRow, 'bar'> => (full ? { bar: { text, met } } : {});
  const ready = (how: string, seconds: number): BenchRow => ({
    what: `informer ready, ${size.claims} claims, ${how} list`,
    unit: 's',
    median: seconds,
    ratio: { to: 'bare JSON.parse', value: seconds / bare.listSeconds },
    ...bar('< 6 s', seconds < 6),
  });
  return {
    about: `Informer of claims: list ${size.claims}, then ${size.events} watch events, from a server in the same process; then the same over TLS from the embedded API and from kube-apiserver, each in processes of their own.`,
    notes: compared.notes,
    rows: [
      ready('streamed', streamed.readySeconds),
      ready('paged', paged.readySeconds),
      {
        what: `${size.events} watch events`,
        unit: 'events/s',
        median: eventsPerSecond,
        ratio: { to: 'bare JSON.parse', value: streamed.eventSeconds / bare.eventSeconds },
        ...bar('≥ 20,000', eventsPerSecond >= 20_000),
      },
      { what: 'one chunk of events, handed on', unit: 'ms', ...distribution(streamed.chunkMs) },
      { what: 'RSS after the list', unit: 'MB', median: streamed.listMegabytes },
      {
        what: 'RSS at its highest',
        unit: 'MB',
        median: streamed.mostMegabytes,
        ...bar('< 400 MB', streamed.mostMegabytes < 400),
      },
      ...compared.rows,
    ],
  };
}

interface Measured {
  readonly readySeconds: number;
  readonly eventSeconds: number;
  readonly chunkMs: readonly number[];
  readonly listMegabytes: number;
  readonly mostMegabytes: number;
}

async function measure(size: Size, how: 'streamed' | 'paged'): Promise<Measured> {
  const server = new Server(size, how);
  const client = createClient({ transport: server, clock: systemClock, random: systemRandom });
  const options = { client, clock: systemClock, random: systemRandom, log: silentLog };
  const indexes = { class: (claim: { spec: { storageClassName?: string } }) => [claim.spec.storageClassName ?? ''] };
  const cache = createCache({ ...options, resource: kinds.PersistentVolumeClaim, indexes });
  const allChanged = Promise.withResolvers<void>();
  let changed = 0;
  cache.onChange((change) => {
    if (change.kind !== 'updated') return;
    changed += 1;
    if (changed === size.events) allChanged.resolve();
  });
  const stop = new AbortController();
  const began = performance.now();
  const running = cache.run(stop.signal);
  await cache.synced();
  const readyMs = performance.now() - began - server.spentMs;
  if (cache.size !== size.claims) throw new Error(`${cache.size} claims in the cache`);
  const listMegabytes = megabytes();
  const { spentMs } = server;
  const eventsBegan = performance.now();
  server.begin();
  await allChanged.promise;
  const eventMs = performance.now() - eventsBegan - (server.spentMs - spentMs);
  const mostMegabytes = process.resourceUsage().maxRSS / 1024;
  stop.abort();
  await running;
  return {
    readySeconds: readyMs / 1000,
    eventSeconds: eventMs / 1000,
    chunkMs: server.chunkMs,
    listMegabytes,
    mostMegabytes,
  };
}

function megabytes(): number {
  return process.memoryUsage().rss / 2 ** 20;
}

/** The least that any client has to do: parse every line, keep nothing. */
function parseBare(size: Size): { listSeconds: number; eventSeconds: number } {
  const time = (lines: Iterable<string>): number => {
    let spentMs = 0;
    for (const line of lines) {
      const began = performance.now();
      JSON.parse(line);
      spentMs += performance.now() - began;
    }
    return spentMs / 1000;
  };
  return { listSeconds: time(listLines(size)), eventSeconds: time(eventLines(size)) };
}

function* listLines({ claims }: Size): Generator<string> {
  for (let n = 0; n < claims; n += 1) yield `{"type":"ADDED","object":${claimText(n, n + 1)}}\n`;
}

function* eventLines({ claims, events }: Size): Generator<string> {
  // Steps through the claims out of order, so that the cache cannot profit from neighbours.
  for (let n = 0; n < events; n += 1) {
    yield `{"type":"MODIFIED","object":${claimText((n * 7_919) % claims, claims + n + 1)}}\n`;
  }
}

/** Invariant: `spentMs` is all the time in which this server, and not the informer, was at work. */
class Server implements Transport {
  spentMs = 0;
  readonly chunkMs: number[] = [];
  readonly #size: Size;
  readonly #how: 'streamed' | 'paged';
  readonly #begin = Promise.withResolvers<void>();

  constructor(size: Size, how: 'streamed' | 'paged') {
    this.#size = size;
    this.#how = how;
  }

  /** Lets the events flow. */
  begin(): void {
    this.#begin.resolve();
  }

  async send({ path }: { path: string }, signal?: AbortSignal): Promise<TransportResponse> {
    const query = new URLSearchParams(path.split('?')[1]);
    if (!query.has('watch')) return this.#page(Number(query.get('continue') ?? 0));
    if (!query.has('sendInitialEvents')) return answer(200, this.#watch(signal));
    return this.#how === 'streamed' ? answer(200, this.#stream(signal)) : answer(422, once('{}'));
  }

  async close(): Promise<void> {
    this.begin();
  }

  #page(from: number): TransportResponse {
    const began = performance.now();
    const to = Math.min(from + PAGE, this.#size.claims);
    const items: string[] = [];
    for (let n = from; n < to; n += 1) items.push(claimText(n, n + 1));
    const next = to < this.#size.claims ? `,"continue":"${to}"` : '';
    const text = `{"kind":"List","metadata":{"resourceVersion":"${this.#size.claims}"${next}},"items":[${items.join(',')}]}`;
    this.spentMs += performance.now() - began;
    return answer(200, once(text));
  }

  async *#stream(signal: AbortSignal | undefined): AsyncGenerator<string> {
    yield* this.#chunks(listLines(this.#size));
    const metadata = `{"resourceVersion":"${this.#size.claims}","annotations":{"k8s.io/initial-events-end":"true"}}`;
    yield `{"type":"BOOKMARK","object":{"metadata":${metadata}}}\n`;
    yield* this.#watch(signal);
  }

  async *#watch(signal: AbortSignal | undefined): AsyncGenerator<string> {
    await this.#begin.promise;
    let handedMs = 0;
    for (const chunk of this.#chunks(eventLines(this.#size))) {
      handedMs = performance.now();
      yield chunk;
      this.chunkMs.push(performance.now() - handedMs);
    }
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** Written into one buffer and decoded from it, as bytes of a socket are. */
  *#chunks(lines: Iterable<string>): Generator<string> {
    const buffer = Buffer.allocUnsafe(4 * LINES_PER_CHUNK * 1024);
    let began = performance.now();
    let length = 0;
    let count = 0;
    for (const line of lines) {
      length += buffer.write(line, length, 'latin1');
      count += 1;
      if (count % LINES_PER_CHUNK > 0) continue;
      const chunk = buffer.toString('latin1', 0, length);
      this.spentMs += performance.now() - began;
      yield chunk;
      began = performance.now();
      length = 0;
    }
    this.spentMs += performance.now() - began;
    if (length > 0) yield buffer.toString('latin1', 0, length);
  }
}

function answer(status: number, chunks: AsyncIterable<string>): TransportResponse {
  return {
    status,
    headers: {},
    chunks: () => chunks,
    async text() {
      let text = '';
      for await (const chunk of chunks) text += chunk;
      return text;
    },
  };
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

/** A claim as an API server sends it, with the managed fields that a client has to parse and drop. */
function claimText(n: number, version: number): string {
  const namespace = `team-${n % 200}`;
  const storage = `${1 + (n % 40)}Gi`;
  const fields =
    '{"f:metadata":{"f:annotations":{".":{},"f:volume-name":{}},"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:accessModes":{},"f:resources":{"f:requests":{".":{},"f:storage":{}}},"f:storageClassName":{},"f:volumeMode":{}}}';
  return (
    `{"kind":"PersistentVolumeClaim","apiVersion":"v1","metadata":{"name":"data-${n}","namespace":"${namespace}",` +
    `"uid":"00000000-0000-4000-8000-${String(n).padStart(12, '0')}","resourceVersion":"${version}",` +
    `"creationTimestamp":"2025-01-01T00:00:00Z","labels":{"app":"app-${n % 50}","tier":"storage"},` +
    `"annotations":{"volume-name":"data_${n}","pv.kubernetes.io/bind-completed":"yes",` +
    `"kubectl.kubernetes.io/last-applied-configuration":"{\\"apiVersion\\":\\"v1\\",\\"kind\\":\\"PersistentVolumeClaim\\"}"},` +
    `"finalizers":["kubernetes.io/pvc-protection"],"managedFields":[{"manager":"kubectl","operation":"Update",` +
    `"apiVersion":"v1","time":"2025-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":${fields}}]},` +
    `"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"${storage}"}},` +
    `"volumeName":"pvc-00000000-0000-4000-8000-${String(n).padStart(12, '0')}",` +
    `"storageClassName":"${CLASSES[n % CLASSES.length]}","volumeMode":"Filesystem"},` +
    `"status":{"phase":"Bound","accessModes":["ReadWriteOnce"],"capacity":{"storage":"${storage}"}}}`
  );
}
