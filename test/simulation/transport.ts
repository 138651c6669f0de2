/**
 * The way from a process to the API: a request and its answer each take time, may be refused, lost before or after they
 * took effect, and watches close, stutter and repeat themselves. What the API did is seen by an observer in any case.
 */
import type { Transport, TransportRequest, TransportResponse } from '../../src/kube/transport.ts';
import type { ApiFault } from './history.ts';
import { createRandom, type SeededRandom } from './random.ts';
import type { Host } from './scheduler.ts';

/** What goes wrong at present, for all processes that are told to suffer. */
export interface Weather {
  faults: readonly ApiFault[];
  /** Of the requests. */
  share: number;
}

export interface Wire {
  /** The API itself: answers at once. */
  readonly api: Transport;
  readonly host: Host;
  /** Outlives the sender of a request. */
  readonly late: Host;
  readonly weather: Weather;
  /** True while the host is cut off from the API. */
  readonly cutOff: () => boolean;
  /** Called with every request of the host that reached the API, and with its answer, even one that is lost. */
  readonly observe: (exchange: Exchange) => void;
}

export interface Exchange {
  readonly host: Host;
  readonly request: TransportRequest;
  readonly status: number;
  /** Of a write; empty for reads. */
  readonly body: string;
}

class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** One for all: an abort without a reason makes a new exception each time. */
const CLOSED = new ConnectionLost('closed');

export function createWire(wire: Wire, seed: string): Transport {
  const random = createRandom(`${seed}/wire/${wire.host.name}`);
  return {
    send: (request, signal) => raceAbort(send(wire, random, request, signal), signal),
    close: () => Promise.resolve(),
  };
}

async function send(
  wire: Wire,
  random: SeededRandom,
  request: TransportRequest,
  signal: AbortSignal | undefined,
): Promise<TransportResponse> {
  const { host, weather } = wire;
  const what = `${request.method} ${request.path.split('?', 1)[0]}`;
  await host.park(`${what} leaves`);
  if (wire.cutOff()) return host.forever();
  const isWatch = request.path.includes('watch=true');
  const fault = weather.faults.length > 0 && random.chance(weather.share) ? random.pick(weather.faults) : undefined;
  const refusal = fault && refusalOf(fault, request.method !== 'GET', isWatch);
  if (refusal) {
    await host.park(`${what} refused ${refusal.status}`);
    return refusal;
  }
  if (fault === 'timeout') return host.forever();
  if (fault === 'timeout-late' && !isWatch) return applyLate(wire, random, { request, what });
  const closing = new AbortController();
  host.onKill(() => closing.abort(CLOSED));
  signal?.addEventListener('abort', () => closing.abort(CLOSED), { once: true });
  const answer = await wire.api.send(request, closing.signal);
  if (isWatch && answer.status === 200) {
    await host.park(`${what} opens`);
    return watchAnswer(wire, random, { answer, what, closing });
  }
  const body = await answer.text();
  wire.observe({ host, request, status: answer.status, body: request.method === 'GET' ? '' : body });
  if (fault === 'timeout-applied') return host.forever();
  await host.park(`${what} ${answer.status}`);
  if (wire.cutOff()) return host.forever();
  if (fault === 'error-applied' && request.method !== 'GET') return plain(500, 'InternalError', {});
  return textAnswer(answer.status, answer.headers, body);
}

/** The API server takes its time with a request whose sender has gone. */
async function applyLate(
  { api, host, late, observe }: Wire,
  random: SeededRandom,
  { request, what }: { readonly request: TransportRequest; readonly what: string },
): Promise<never> {
  await late.park(`${what} late`, random.between(1_000, 50_000));
  const answer = await api.send(request);
  const body = await answer.text();
  observe({ host, request, status: answer.status, body: request.method === 'GET' ? '' : body });
  return host.forever();
}

function refusalOf(fault: ApiFault, isWrite: boolean, isWatch: boolean): TransportResponse | undefined {
  switch (fault) {
    case 'conflict':
      return isWrite ? plain(409, 'Conflict', {}) : undefined;
    case 'gone':
      return isWatch ? plain(410, 'Expired', {}) : undefined;
    case 'throttled':
      return plain(429, 'TooManyRequests', { 'retry-after': '1' });
    case 'error':
      return plain(500, 'InternalError', {});
    case 'error-applied':
    case 'timeout':
    case 'timeout-applied':
    case 'timeout-late':
    case 'reset':
    case 'duplicate':
    case 'delay':
      return undefined;
    default:
      return fault satisfies never;
  }
}

function plain(code: number, reason: string, headers: Record<string, string>): TransportResponse {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: `simulated ${reason}` };
  return textAnswer(code, { 'content-type': 'application/json', ...headers }, JSON.stringify(status));
}

function textAnswer(status: number, headers: Readonly<Record<string, string>>, body: string): TransportResponse {
  return {
    status,
    headers,
    text: () => Promise.resolve(body),
    async *chunks() {
      yield body;
    },
  };
}

interface OpenWatch {
  readonly answer: TransportResponse;
  readonly what: string;
  readonly closing: AbortController;
}

/** Events arrive one step each. A connection that breaks loses what was on its way, never something in the middle. */
function watchAnswer(wire: Wire, random: SeededRandom, watch: OpenWatch): TransportResponse {
  const { answer, what, closing } = watch;
  async function* chunks(): AsyncGenerator<string> {
    const { host, weather } = wire;
    try {
      for await (const chunk of answer.chunks()) {
        const fault =
          weather.faults.length > 0 && random.chance(weather.share) ? random.pick(weather.faults) : undefined;
        await host.park(`${what} event`, fault === 'delay' ? random.between(100, 20_000) : undefined);
        if (wire.cutOff()) await host.forever();
        if (fault === 'reset') throw new ConnectionLost('simulated reset');
        yield chunk;
        if (fault === 'duplicate') yield chunk;
      }
      await host.park(`${what} closes`);
    } finally {
      closing.abort(CLOSED);
    }
  }
  return { status: answer.status, headers: answer.headers, text: () => answer.text(), chunks };
}

/** As the network does: an aborted request rejects at once, whatever becomes of it. */
function raceAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(
      (value) => {
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      },
      (cause: unknown) => {
        signal.removeEventListener('abort', onAbort);
        reject(cause);
      },
    );
  });
}
