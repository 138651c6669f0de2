/** The API server that the suite is run against, and plain HTTP to it. Nothing in here, or in the suite, knows which one it is. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Agent, request } from 'undici';
import { createEmbedded } from '../../src/embedded/cluster.ts';
import { serve } from '../../src/embedded/server.ts';
import { createVolumeControllers } from '../../src/embedded/volumes.ts';
import { createClient } from '../../src/kube/client.ts';
import { createManager } from '../../src/kube/manager.ts';
import type { Transport } from '../../src/kube/transport.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';

export interface Target {
  readonly baseUrl: string;
  readonly token: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
}

/** Somebody else's server, by LARDER_CONFORMANCE_URL, _TOKEN and _CA (a file). */
function given(): Target | undefined {
  const { LARDER_CONFORMANCE_URL: baseUrl, LARDER_CONFORMANCE_TOKEN: token, LARDER_CONFORMANCE_CA: ca } = process.env;
  if (!baseUrl || !token || !ca) return undefined;
  return { baseUrl, token, ca: readFileSync(ca, 'utf8') };
}

/** The embedded API over TLS, with its state on the disk, and the controllers for volumes that run beside it. */
async function ownServer(): Promise<Target> {
  const dataDir = mkdtempSync(join(tmpdir(), 'larder-conformance-'));
  const world = { clock: systemClock, random: systemRandom };
  const embedded = await createEmbedded({ ...world, dataDir });
  const server = await serve({ embedded, dataDir, ...world });
  const stopping = new AbortController();
  const stopped = runVolumes(embedded.transport, stopping.signal);
  after(async () => {
    stopping.abort();
    await stopped;
    await server.close();
    embedded.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { baseUrl: server.url, token: server.token, ca: server.authority };
}

function runVolumes(transport: Transport, signal: AbortSignal): Promise<void> {
  const world = { clock: systemClock, random: systemRandom, log: silentLog };
  const { caches, controllers } = createVolumeControllers({ ...world, client: createClient({ ...world, transport }) });
  const manager = createManager({ log: silentLog });
  for (const cache of caches) manager.addCache(cache);
  for (const controller of controllers) manager.addController(controller);
  return manager.run(signal);
}

export interface Call {
  readonly method?: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as it is; anything but text and bytes as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As JSON.parse leaves it: the suite asserts every member that it reads. */
type Parsed = ReturnType<typeof JSON.parse>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes?: Buffer;
  readonly text: string;
  /** The body as JSON; null when it is none. */
  readonly json: Parsed;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: Parsed;
}

export interface Watch extends AsyncDisposable {
  /** The next event of the stream; undefined when it ended. */
  next(): Promise<WatchEvent | undefined>;
}

export interface Api {
  call(path: string, call?: Call): Promise<Answer>;
  watch(path: string, headers?: Readonly<Record<string, string>>): Promise<Watch>;
  /** A new namespace of this suite, by name. */
  namespace(): Promise<string>;
}

/** Every test file calls this once, at the top. */
export async function connect(): Promise<Api> {
  const { api, close } = open(given() ?? (await ownServer()));
  after(close);
  return api;
}

/** The server that the environment names, outside of tests. @throws Error when it names none. */
export function connectToGiven(): Opened {
  const target = given();
  if (!target) throw new Error('LARDER_CONFORMANCE_URL, _TOKEN and _CA must name a server');
  return open(target);
}

export interface Opened {
  readonly api: Api;
  close(): Promise<void>;
}

function open(target: Target): Opened {
  const agent = new Agent({ connect: { ca: target.ca }, bodyTimeout: 30_000, allowH2: false });
  const authorization = `Bearer ${target.token}`;
  const api: Api = {
    async call(path, { method = 'GET', body, headers = {} } = {}) {
      const response = await request(`${target.baseUrl}${path}`, {
        method,
        dispatcher: agent,
        headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: encoded(body),
      });
      const bytes = Buffer.from(await response.body.arrayBuffer());
      const text = bytes.toString('utf8');
      return { status: response.statusCode, headers: response.headers, bytes, text, json: parsed(text) };
    },
    async watch(path, headers = {}) {
      const response = await request(`${target.baseUrl}${path}`, {
        dispatcher: agent,
        headers: { authorization, ...headers },
      });
      const lines = linesOf(response.body);
      return {
        async next() {
          const { value } = await lines.next();
          return value === undefined ? undefined : JSON.parse(value);
        },
        async [Symbol.asyncDispose]() {
          response.body.on('error', () => undefined); // the request is given up on purpose
          response.body.destroy();
        },
      };
    },
    async namespace() {
      const name = `conformance-${randomBytes(5).toString('hex')}`;
      await api.call('/api/v1/namespaces', { method: 'POST', body: { metadata: { name } } });
      // pods are refused until the account that they run under is there
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await eventually(async () => (await api.call(account)).status === 200, `${name} has no default account`);
      // a server that publishes its authority writes a ConfigMap there, in the middle of what the suite counts
      const published = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`;
      if ((await api.call(published('default'))).status === 200)
        await eventually(async () => (await api.call(published(name))).status === 200, `${name} has no authority`);
      return name;
    },
  };
  return { api, close: () => agent.destroy() };
}

const POLL_MS = 20;
const LIMIT_MS = 60_000;

/** Resolves when the check holds. @throws Error saying `otherwise` when it does not in time. */
export async function eventually(check: () => Promise<boolean>, otherwise: string): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!(await check())) {
    if (performance.now() > limit) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function encoded(body: unknown): string | Uint8Array | null {
  if (body === undefined) return null;
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the test that needs JSON fails on it
  }
}

async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  return undefined;
}
