import { CodedError, type ErrorTable } from '../telemetry/registry.ts';

export const errors = {
  LARDER_PORT_IN_USE: {
    meaning: 'Another process listens on the port.',
    remedy: 'End that process, or choose another port with `--port` or `--console-port`.',
  },
  LARDER_CANNOT_LISTEN: {
    meaning: 'The address could not be listened on.',
    remedy: 'Choose a port above 1023, or run with the right to bind it.',
  },
  LARDER_HTTP_UNAUTHENTICATED: {
    meaning: 'The request carried no token, or a wrong one.',
    remedy:
      'Open the address that `npm start` prints; it contains the token. On a cluster the token of an account does as well (`kubectl create token`). To the API of a ledger send `Authorization: Bearer TOKEN`, with a token that `larder ledger serve` prints or its token file holds.',
  },
  LARDER_HTTP_FORBIDDEN_HOST: {
    meaning: 'The Host or Origin header names another site (protection against DNS rebinding).',
    remedy:
      'Use the address that Larder printed: 127.0.0.1 or localhost. On a cluster name the host that an Ingress shows with `--console-hosts` (the chart: `console.hosts`), and let the proxy leave the Host header as it is.',
  },
  LARDER_HTTP_FORBIDDEN: {
    meaning: 'Who is signed in may not see or do this: the roles of the cluster do not allow it.',
    remedy:
      'The detail names what is missing, in the words of `kubectl auth can-i`. Whoever administers the cluster grants it, or holds the token of the console itself.',
  },
  LARDER_HTTP_ACCESS_UNKNOWN: {
    meaning: 'The Kubernetes API did not say who asks or what they may do, so nothing was shown or done.',
    remedy:
      'Look at the API server first. The token of the console itself works without it: `docs/guides/console.md` says where it is.',
  },
  LARDER_HTTP_BAD_REQUEST: {
    meaning: 'The request is malformed.',
    remedy: 'The detail names the field and what is accepted.',
  },
  LARDER_HTTP_NOT_FOUND: {
    meaning: 'Nothing is served at that address, or the object does not exist.',
    remedy: 'Check the name.',
  },
  LARDER_HTTP_METHOD_NOT_ALLOWED: {
    meaning: 'The path is served, with other methods.',
    remedy: 'Use one of the methods in the Allow header of the answer.',
  },
  LARDER_HTTP_TOO_LARGE: {
    meaning: 'The body of the request is larger, or has more values, than the path takes.',
    remedy: 'Send less at once. Long text belongs into an artifact.',
  },
  LARDER_HTTP_MEDIA_TYPE: {
    meaning: 'The body is of a media type that the path does not take.',
    remedy: 'Send JSON, with `Content-Type: application/json`.',
  },
  LARDER_HTTP_TOO_MANY: {
    meaning: 'One address or one person asks for more, at once or in a minute, than is given.',
    remedy: 'Wait as many seconds as the detail or the Retry-After header says, or close pages of the console.',
  },
  LARDER_HTTP_REFUSED: {
    meaning: 'The request is well-formed and could not be carried out.',
    remedy: 'The detail says what stands in the way and what to do.',
  },
  LARDER_HTTP_INTERNAL: {
    meaning: 'Larder failed to answer.',
    remedy: 'The log has the cause under the same request id.',
  },
} as const satisfies ErrorTable;

export type HttpCode = keyof typeof errors;

export class HttpError extends CodedError<HttpCode> {
  override readonly name = 'HttpError';
  readonly status: number;
  constructor(code: HttpCode, status: number, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    this.status = status;
  }
}
