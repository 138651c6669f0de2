/** A server for the tests of this room, told by each test what to answer to each request. */
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string as it is, an object as JSON, a feed as a stream. Default: an empty object. */
  readonly body?: string | object | Feed;
}

export interface ScriptedTransport extends Transport {
  readonly requests: TransportRequest[];
}

/** `answer` may throw, which is a request that got no response. */
export function scripted(
  answer: (request: TransportRequest, signal: AbortSignal | undefined) => Answer | Promise<Answer>,
): ScriptedTransport {
  const requests: TransportRequest[] = [];
  return {
    requests,
    async send(request, signal) {
      requests.push(request);
      const { status = 200, headers = {}, body = {} } = await answer(request, signal);
      if (body instanceof Feed && signal)
        signal.addEventListener('abort', () => body.reset(signal.reason), { once: true });
      return respond(status, headers, body);
    },
    close: async () => undefined,
  };
}

function respond(status: number, headers: Readonly<Record<string, string>>, body: string | object): TransportResponse {
  return {
    status,
    headers,
    async text() {
      if (!(body instanceof Feed)) return typeof body === 'string' ? body : JSON.stringify(body);
      let text = '';
      for await (const chunk of body) text += chunk;
      return text;
    },
    async *chunks() {
      if (body instanceof Feed) yield* body;
      else yield typeof body === 'string' ? body : JSON.stringify(body);
    },
  };
}

/** A stream that the test writes. */
export class Feed implements AsyncIterable<string> {
  readonly #chunks: string[] = [];
  #wake: () => void = () => undefined;
  #end: { readonly error?: unknown } | undefined;

  /** Raw text, cut wherever the test likes. */
  push(...chunks: string[]): this {
    this.#chunks.push(...chunks);
    this.#wake();
    return this;
  }

  event(type: string, object: object): this {
    return this.push(`${JSON.stringify({ type, object })}\n`);
  }

  close(): this {
    this.#end ??= {};
    this.#wake();
    return this;
  }

  /** The connection breaks. */
  reset(error: unknown = new Error('read ECONNRESET')): this {
    this.#end ??= { error };
    this.#wake();
    return this;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
      } else if (this.#end) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

export function status(code: number, reason: string, message = reason): Answer {
  return { status: code, body: statusBody(code, reason, message) };
}

export function statusBody(code: number, reason: string, message = reason): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}

/** A ConfigMap as the API returns it; `value` distinguishes its states. */
export function item(
  name: string,
  resourceVersion: string,
  more: { uid?: string; value?: string; namespace?: string } = {},
): object {
  const { uid = `uid-${name}`, value = resourceVersion, namespace = 'ns' } = more;
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, uid, resourceVersion }, data: { value } };
}

export function endOfList(resourceVersion: string): object {
  return { metadata: { resourceVersion, annotations: { 'k8s.io/initial-events-end': 'true' } } };
}

export const noJitter = { next: () => 1, uuid: () => '00000000-0000-4000-8000-000000000000' };
