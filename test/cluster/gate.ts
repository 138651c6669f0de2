/** The fence as a server: the operator under test knows no other address than this one. */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Transport, TransportRequest } from '../../src/kube/transport.ts';
import { verdictOn } from './fence.ts';

export interface Gate {
  /** Of a kubeconfig that leads here. */
  readonly kubeconfig: string;
  /** What the operator wanted to change and did not: `METHOD path: reason`, each once. */
  readonly heldBack: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface GateOptions {
  readonly transport: Transport;
  readonly prefix: string;
  /** Other users of this machine are not to come in: it speaks for whoever owns the kubeconfig. */
  readonly token: string;
}

export async function openGate({ transport, prefix, token }: GateOptions): Promise<Gate> {
  const volumes = new Set<string>();
  const heldBack = new Set<string>();
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isToken(request.headers.authorization ?? '', token)) return say(response, 401, 'Unauthorized');
    const sent = { method: methodOf(request), path: request.url ?? '/', body: await bodyOf(request) };
    const verdict = verdictOn(sent, { prefix, volumes });
    if (verdict.kind === 'refused') {
      heldBack.add(`${sent.method} ${sent.path.split('?')[0]}: ${verdict.reason}`);
      return say(response, 403, 'Forbidden', `held back by the test of a cluster: ${verdict.reason}`);
    }
    const status = await forward({ transport, request, response }, sent);
    if (verdict.volume !== undefined && status === 201) volumes.add(verdict.volume);
  };
  const server = createServer((request, response) => {
    pass(request, response).catch((failure: unknown) => {
      if (response.headersSent) response.destroy();
      else say(response, 503, 'ServiceUnavailable', String(failure));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    kubeconfig: kubeconfigOf(`http://127.0.0.1:${port}`, token),
    heldBack,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isToken(header: string, token: string): boolean {
  const [given, wanted] = [Buffer.from(header), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function methodOf({ method }: IncomingMessage): TransportRequest['method'] {
  switch (method) {
    case 'GET':
    case 'POST':
    case 'PUT':
    case 'PATCH':
    case 'DELETE':
      return method;
    default:
      throw new Error(`${method} is not a request of the operator`);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

interface Exchange {
  readonly transport: Transport;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Sent {
  readonly method: TransportRequest['method'];
  readonly path: string;
  readonly body: string;
}

async function forward({ transport, request, response }: Exchange, sent: Sent): Promise<number> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const headers: Record<string, string> = {};
  for (const name of ['content-type', 'accept', 'user-agent'] as const) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  const { method, path, body } = sent;
  const answer = await transport.send({ method, path, headers, ...(body === '' ? {} : { body }) }, gone.signal);
  const kept = ['content-type', 'retry-after', 'warning'].flatMap((name) => {
    const value = answer.headers[name];
    return value === undefined ? [] : [[name, value]];
  });
  response.writeHead(answer.status, Object.fromEntries(kept));
  response.flushHeaders();
  for await (const text of answer.chunks()) {
    if (!response.write(text)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  }
  response.end();
  return answer.status;
}

function say(response: ServerResponse, code: number, reason: string, message: string = reason): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', metadata: {}, message, reason, code };
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status));
}

function kubeconfigOf(server: string, token: string): string {
  const name = 'larder-test';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}
