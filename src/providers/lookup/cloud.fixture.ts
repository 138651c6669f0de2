/** Stands in for a cloud on the loopback: records what is asked, answers what a test says. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { systemClock } from '../../telemetry/clock.ts';
import type { World } from './question.ts';

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of a form. */
  readonly form: URLSearchParams;
}

export interface Reply {
  readonly status?: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CloudDouble {
  readonly url: string;
  readonly asked: readonly Asked[];
}

/** `undefined` from `reply`: no answer at all. */
export async function cloudFor(t: TestContext, reply: (asked: Asked) => Reply | undefined): Promise<CloudDouble> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body, form: new URLSearchParams(body) };
      asked.push(one);
      const answer = reply(one);
      if (!answer) return;
      response.writeHead(answer.status ?? 200, { ...answer.headers });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked };
}

export function worldOf(over: Partial<World> = {}, files: Readonly<Record<string, string>> = {}): World {
  return {
    clock: systemClock,
    env: {},
    readFile: (path) => {
      const text = files[path];
      return text === undefined ? Promise.reject(new Error(`no file ${path}`)) : Promise.resolve(text);
    },
    fetch: (url, init) => fetch(url, init),
    timeoutMs: 5_000,
    ...over,
  };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** Checks a request without a query as AWS does, with nothing of the code under test. Empty: the signature is right. */
export function signatureProblem({ method, path, headers, body }: Asked, secret: string): string {
  const [, , day = '', region = '', service = '', names = '', given = ''] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (given === '') return `no signature in ${headers.authorization}`;
  const date = String(headers['x-amz-date']);
  if (!date.startsWith(day)) return 'the date of the scope is another';
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`);
  const canonical = [method, path, '', lines.join(''), names, hash(body)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (k, part) => hmac(k, part),
    `AWS4${secret}`,
  );
  const expected = hmac(key, toSign).toString('hex');
  return expected === given ? '' : `expected ${expected}`;
}
