/** One logical request: deadline, error mapping and repetition around the transport. */
import { type Clock, DeadlineExceeded, type Random, sleep, withDeadline } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { backoff, spread } from './backoff.ts';
import { errorOfResponse, isKubeError, KubeError, malformed, messageOf } from './error.ts';
import type { metrics as declared } from './registry.ts';
import type { Transport, TransportRequest } from './transport.ts';

export interface CallOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  readonly metrics?: Metrics<typeof declared>;
  /** `name/version`; the name is also the default field manager. Default `client`. */
  readonly userAgent?: string;
  /** Tries in all; default 6. */
  readonly retry?: { readonly attempts: number };
  /** For one call with its repetitions (one page of a list), milliseconds; default 30,000. */
  readonly deadlineMs?: number;
}

interface Call {
  readonly what: string;
  readonly request: TransportRequest;
  readonly kind: 'read' | 'write';
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
}
export type Caller = (call: Call) => Promise<string>;

/** Sends with deadline and repetitions; resolves with the body of a success. */
export function createCaller(options: CallOptions): Caller {
  const { transport, clock, random, log, metrics } = options;
  const attempts = options.retry?.attempts ?? 6;
  const headers = { accept: 'application/json', 'user-agent': options.userAgent ?? 'client' };

  const once = async ({ what, request }: Call, signal: AbortSignal): Promise<string> => {
    const response = await transport.send(
      { ...request, headers: { ...headers, ...request.headers }, whole: true },
      signal,
    );
    const body = await response.text();
    metrics?.count('rest_client_requests_total', { method: request.method, code: String(response.status) });
    if (response.status >= 200 && response.status < 300) return body;
    throw errorOfResponse(what, { status: response.status, headers: response.headers, body });
  };

  return async (call) => {
    const deadlineMs = call.deadlineMs ?? options.deadlineMs ?? 30_000;
    const startMs = clock.monotonic();
    for (let attempt = 0; ; attempt += 1) {
      const leftMs = deadlineMs - (clock.monotonic() - startMs);
      try {
        return await withDeadline(clock, call.what, leftMs, (signal) => once(call, signal), call.signal);
      } catch (cause) {
        call.signal?.throwIfAborted();
        const error = unanswered(call.what, cause);
        if (error.status === 0)
          metrics?.count('rest_client_requests_total', { method: call.request.method, code: '<error>' });
        const waitMs = Math.max(spread(error.retryAfterMs ?? 0, random), backoff(attempt, random));
        const spentMs = clock.monotonic() - startMs;
        if (attempt + 1 >= attempts || spentMs + waitMs >= deadlineMs || !repeatable(call.kind, error)) throw error;
        log?.debug({ what: call.what, code: error.code, status: error.status, waitMs }, 'request repeated');
        await sleep(clock, waitMs, call.signal);
      }
    }
  };
}

/** A 503 without Retry-After comes from something in between and says nothing about whether a write was applied. */
function repeatable(kind: Call['kind'], error: KubeError): boolean {
  if (error.code === 'KUBE_THROTTLED') return true;
  if (kind === 'read') return error.code === 'KUBE_UNAVAILABLE';
  return error.status === 503 && error.retryAfterMs !== undefined;
}

function unanswered(what: string, cause: unknown): KubeError {
  if (isKubeError(cause)) return cause;
  const why = cause instanceof DeadlineExceeded ? `no answer within ${cause.deadlineMs} ms` : messageOf(cause);
  return new KubeError('KUBE_UNAVAILABLE', `${what}: ${why}`, { cause });
}

/** @throws KubeError KUBE_MALFORMED */
export function parseJson(what: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw malformed(what, cause);
  }
}
