/**
 * One request whose answer is read to its end, without a stream in between: for the many small answers of a burst a
 * stream each is most of what a request costs here.
 */
import type { Dispatcher } from 'undici';

export interface Collected {
  readonly statusCode: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** UTF-8, without a byte order mark. */
  readonly text: string;
}

/** Resolves when the whole body is there. Rejects with `signal.reason` when aborted, else with what broke the connection. */
export function collect(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
): Promise<Collected> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const collector = new Collector(resolve, reject, signal);
    try {
      dispatcher.dispatch(request, collector);
    } catch (cause) {
      collector.fail(cause); // it is closed, or the request is none
    }
  });
}

/** Invariant: settles once, and then listens to its signal no more. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Collected) => void;
  readonly #reject: (cause: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #statusCode = 0;
  #headers: Collected['headers'] = {};

  constructor(resolve: (answer: Collected) => void, reject: (cause: unknown) => void, signal: AbortSignal | undefined) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** One that waits for a connection is not known to undici yet: it is turned away when its turn comes. */
  readonly #onAbort = (): void => {
    const reason: unknown = this.#signal?.reason;
    this.#reject(reason); // first: undici tells of its end within the call
    this.#controller?.abort(asError(reason));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal?.aborted) controller.abort(asError(this.#signal.reason));
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: Collected['headers']): void {
    this.#statusCode = statusCode;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#release();
    const [first, ...others] = this.#chunks;
    const body = others.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#resolve({ statusCode: this.#statusCode, headers: this.#headers, text: body ? textOf(body) : '' });
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.fail(cause);
  }

  fail(cause: unknown): void {
    this.#release();
    this.#reject(cause);
  }

  #release(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error('aborted', { cause: reason });

/** As `text()` of a response does it. */
const textOf = (body: Buffer): string =>
  body.toString('utf8', body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);
