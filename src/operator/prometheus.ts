/** The HTTP API of a Prometheus, Thanos, Mimir or VictoriaMetrics. */
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { createPool } from '../kube/pool.ts';
import type { Transport, TransportResponse } from '../kube/transport.ts';
import type { Clock } from '../telemetry/clock.ts';
import { type FollowedFile, followFile } from './followed-file.ts';
import { OperatorError } from './registry.ts';
import { isUntrusted } from './untrusted.ts';

type PrometheusSettings = Pick<
  ResolvedConfiguration['values'],
  | 'prometheusUrl'
  | 'prometheusTenant'
  | 'prometheusTokenFile'
  | 'prometheusUser'
  | 'prometheusPasswordFile'
  | 'prometheusCaFile'
  | 'prometheusCertificateFile'
  | 'prometheusKeyFile'
  | 'prometheusInsecureTls'
>;

/** From the environment, because settings are printed; undefined = not given. */
export interface PrometheusSecrets {
  readonly token: string | undefined;
  readonly password: string | undefined;
}

export interface PrometheusClient {
  /** Host and port, for messages. */
  readonly place: string;
  /** Asks a path below `/api/v1`, for example `query`; resolves with the JSON of the answer, also where it tells of an error. */
  ask(path: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** A page of claims takes some hundred kilobytes. */
const LARGEST_ANSWER_BYTES = 64 * 2 ** 20;

/** Undefined: none is configured. Throws OperatorError LARDER_CONFIGURATION for settings that contradict each other. */
export function createPrometheusClient(
  settings: PrometheusSettings,
  secrets: PrometheusSecrets,
  clock: Clock,
): PrometheusClient | undefined {
  if (settings.prometheusUrl === '') return undefined;
  const authorization = authorizationOf(settings, secrets, clock);
  const server = new URL(settings.prometheusUrl);
  const material = tlsOf(settings, clock);
  const transport = createPool(
    {
      server,
      namespace: '',
      source: 'prometheusUrl',
      credentials: {
        async load() {
          const word = await authorization?.();
          const tenant = settings.prometheusTenant;
          const headers = {
            ...(word === undefined ? {} : { authorization: word }),
            ...(tenant === '' ? {} : { 'x-scope-orgid': tenant }),
          };
          return { headers, tls: await material() };
        },
      },
    },
    clock,
  );
  return {
    place: server.host,
    ask: (path, parameters, signal) => ask(transport, { path, parameters }, signal),
    close: () => transport.close(),
  };
}

/** By POST, because a page of names is longer than proxies let an address be. */
async function ask(
  transport: Transport,
  { path, parameters }: { readonly path: string; readonly parameters: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<string> {
  const post = {
    method: 'POST',
    path: `/api/v1/${path}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(parameters).toString(),
  } as const;
  const response = await transport.send(post, signal).catch((cause: unknown) => {
    if (!isUntrusted(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`its certificate cannot be verified (${why}); it was sent nothing: set prometheusCaFile`, {
      cause,
    });
  });
  const text = await bounded(response);
  // An error of the query comes as JSON with a status of its own, and says more than that.
  if (response.status === 200 || text.startsWith('{')) return text;
  throw new Error(`answered ${response.status}${hintOf(response.status)}`);
}

async function bounded(response: TransportResponse): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const part of response.chunks()) {
    length += part.length;
    if (length > LARGEST_ANSWER_BYTES) throw new Error('the answer is too large');
    parts.push(part);
  }
  return parts.join('');
}

function hintOf(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return ': it does not accept the token, password or tenant that it is given';
    case 404:
      return ': prometheusUrl must be what /api/v1/query follows, with the prefix of its path if there is one';
    case 301:
    case 302:
    case 307:
    case 308:
      return ': it leads elsewhere, where no token is taken; name the address that answers itself';
    default:
      return '';
  }
}

/** The header `authorization`, read anew each time; undefined: none. */
function authorizationOf(
  { prometheusTokenFile, prometheusUser, prometheusPasswordFile }: PrometheusSettings,
  { token, password }: PrometheusSecrets,
  clock: Clock,
): FollowedFile | undefined {
  const tokenNow = prometheusTokenFile === '' ? kept(token) : followFile(prometheusTokenFile, clock);
  const passwordNow = prometheusPasswordFile === '' ? kept(password) : followFile(prometheusPasswordFile, clock);
  if (prometheusUser === '') {
    if (passwordNow) throw refused('there is a password for Prometheus and no user: set prometheusUser');
    return tokenNow && (async () => `Bearer ${(await tokenNow()).trim()}`);
  }
  if (tokenNow) throw refused('Prometheus is given a token and a user: leave out one of them');
  return async () => {
    const word = (await passwordNow?.())?.trim() ?? '';
    return `Basic ${Buffer.from(`${prometheusUser}:${word}`).toString('base64')}`;
  };
}

const kept = (secret: string | undefined): FollowedFile | undefined =>
  secret === undefined || secret === '' ? undefined : async () => secret;

function tlsOf(settings: PrometheusSettings, clock: Clock) {
  const { prometheusCertificateFile, prometheusKeyFile, prometheusCaFile, prometheusInsecureTls } = settings;
  if ((prometheusCertificateFile === '') !== (prometheusKeyFile === '')) {
    throw refused('prometheusCertificateFile and prometheusKeyFile belong together: one of them is empty');
  }
  const read = (path: string) => (path === '' ? undefined : followFile(path, clock));
  const [ca, cert, key] = [prometheusCaFile, prometheusCertificateFile, prometheusKeyFile].map(read);
  return async () => ({
    ...(ca ? { ca: await ca() } : {}),
    ...(cert ? { cert: await cert() } : {}),
    ...(key ? { key: await key() } : {}),
    ...(prometheusInsecureTls ? { rejectUnauthorized: false } : {}),
  });
}

const refused = (message: string): OperatorError => new OperatorError('LARDER_CONFIGURATION', message);
