/** RFC 9457 problem details: how every failed HTTP answer of Larder looks. */
export interface Problem {
  /** A reference to the docs entry of `code`, or `about:blank`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened, to which object, what to do. */
  readonly detail: string;
  /** Stable code, as in the errors reference. */
  readonly code: string;
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Refused',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Invalid',
  429: 'Too many requests',
  431: 'Headers too large',
  503: 'Unavailable',
};

export function problem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: titles[status] ?? 'Internal error', status, detail, code };
}
