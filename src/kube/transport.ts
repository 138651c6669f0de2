/**
 * The seam under the client: one request in, one response (or stream) out. The network implements it with a connection
 * pool, the embedded API implements it in process, and the simulator wraps the latter with faults.
 */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, beginning with `/`, already percent-encoded. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The answer will be read by `text()`: a transport may gather it before it resolves. Default false. */
  readonly whole?: boolean;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body as UTF-8 text. Call either this or `chunks`, once. */
  text(): Promise<string>;
  /** The body as it arrives, cut at arbitrary places (but never inside a UTF-8 sequence). Ending early closes the request. */
  chunks(): AsyncIterable<string>;
}

export interface Transport {
  /** Resolves when the response's head is there. Rejects when no response came (the request may have been applied!). */
  send(request: TransportRequest, signal?: AbortSignal): Promise<TransportResponse>;
  close(): Promise<void>;
}
