import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import 'reflect-metadata';
import { inspect } from 'node:util';
import * as x509 from '@peculiar/x509';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { type ConnectOptions, connect } from './connection.ts';
import { isKubeError } from './error.ts';

interface Pair {
  readonly cert: string;
  readonly key: string;
}

let folder: string;
let pair: Pair;
let client: Pair;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'connection-'));
  pair = await selfSigned('localhost');
  client = await selfSigned('somebody');
  await writeFile(path.join(folder, 'ca.crt'), pair.cert);
});

after(() => rm(folder, { recursive: true }));

async function selfSigned(name: string): Promise<Pair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date('2020-01-01'),
    notAfter: new Date('2090-01-01'),
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: name },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: TestContext, handler: Handler): Promise<string> {
  const options = { cert: pair.cert, key: pair.key, requestCert: true, rejectUnauthorized: false };
  const server: Server = createServer(options, handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  return `https://127.0.0.1:${address.port}`;
}

/** A kubeconfig with one context. */
function kubeconfig(server: string, user: object, cluster: object = {}): string {
  return JSON.stringify(
    {
      'current-context': 'here',
      clusters: [
        { name: 'cluster', cluster: { server, 'certificate-authority': path.join(folder, 'ca.crt'), ...cluster } },
      ],
      users: [{ name: 'user', user }],
      contexts: [{ name: 'here', context: { cluster: 'cluster', user: 'user', namespace: 'shop' } }],
    },
    undefined,
    1,
  );
}

async function open(t: TestContext, options: Omit<ConnectOptions, 'clock'>) {
  const clock = createManualClock();
  const connection = await connect({ clock, env: {}, ...options });
  t.after(() => connection.transport.close());
  const get = async (target = '/version') => {
    const response = await connection.transport.send({ method: 'GET', path: target });
    return { status: response.status, body: await response.text() };
  };
  return { ...connection, clock, get };
}

const echoAuthorization: Handler = (request, response) => response.end(request.headers.authorization ?? 'nobody');

test('a token of a kubeconfig is sent, and the context says server, namespace and source', async (t) => {
  const server = await serve(t, echoAuthorization);
  const { get, ...connection } = await open(t, { kubeconfig: kubeconfig(server, { token: 'secret' }) });
  assert.equal((await get()).body, 'Bearer secret');
  assert.equal(connection.server, `${server}/`);
  assert.equal(connection.namespace, 'shop');
  assert.equal(connection.source, 'kubeconfig text, context here');
});

test('a path in the URL of the server is kept', async (t) => {
  const server = await serve(t, (request, response) => response.end(request.url));
  const { get } = await open(t, { kubeconfig: kubeconfig(`${server}/k8s/clusters/c-1/`, {}) });
  assert.equal((await get('/version?a=b')).body, '/k8s/clusters/c-1/version?a=b');
});

test('user name and password are sent, and who to act as', async (t) => {
  const server = await serve(t, (request, response) =>
    response.end(`${request.headers.authorization} ${request.headers['impersonate-user']}`),
  );
  const { get } = await open(t, { kubeconfig: kubeconfig(server, { username: 'me', password: 'pw', as: 'you' }) });
  assert.equal((await get()).body, `Basic ${Buffer.from('me:pw').toString('base64')} you`);
});

test('a client certificate is shown, from data or from files next to the kubeconfig', async (t) => {
  const server = await serve(t, (request, response) => {
    const socket: unknown = request.socket;
    response.end((socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody');
  });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const inline = { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) };
  assert.equal((await (await open(t, { kubeconfig: kubeconfig(server, inline) })).get()).body, 'somebody');
  await writeFile(path.join(folder, 'client.crt'), client.cert);
  await writeFile(path.join(folder, 'client.key'), client.key);
  const file = path.join(folder, 'with-files');
  await writeFile(file, kubeconfig(server, { 'client-certificate': 'client.crt', 'client-key': 'client.key' }));
  assert.equal((await (await open(t, { kubeconfig: file })).get()).body, 'somebody');
});

test('a server whose certificate is not from the CA is not talked to, unless the kubeconfig says so', async (t) => {
  const server = await serve(t, echoAuthorization);
  const data = Buffer.from(client.cert).toString('base64');
  const strict = await open(t, { kubeconfig: kubeconfig(server, {}, { 'certificate-authority-data': data }) });
  await assert.rejects(strict.get(), /certificate/);
  const lax = await open(t, {
    kubeconfig: kubeconfig(server, {}, { 'certificate-authority-data': data, 'insecure-skip-tls-verify': true }),
  });
  assert.equal((await lax.get()).body, 'nobody');
});

test('an exec plugin is asked once, and again when its token is refused', async (t) => {
  const counter = path.join(folder, 'exec-count');
  await writeFile(counter, '');
  const script = `printf x >> ${counter}; printf '{"kind":"ExecCredential","status":{"token":"t%s"}}' "$(wc -c < ${counter} | tr -d ' ')"`;
  let refused = 'Bearer none';
  const server = await serve(t, (request, response) => {
    response.statusCode = request.headers.authorization === refused ? 401 : 200;
    response.end(request.headers.authorization);
  });
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: ['-c', script] };
  const { get } = await open(t, { kubeconfig: kubeconfig(server, { exec }) });
  assert.deepEqual(await get(), { status: 200, body: 'Bearer t1' });
  assert.deepEqual(await get(), { status: 200, body: 'Bearer t1' });
  refused = 'Bearer t1';
  assert.deepEqual(await get(), { status: 200, body: 'Bearer t2' });
  refused = 'Bearer t2';
  assert.deepEqual(await get(), { status: 401, body: 'Bearer t2' }, 'not again so soon');
});

test('requests that were refused together ask the plugin once', async (t) => {
  const counter = path.join(folder, 'exec-together');
  await writeFile(counter, '');
  const script = `printf x >> ${counter}; printf '{"kind":"ExecCredential","status":{"token":"t%s"}}' "$(wc -c < ${counter} | tr -d ' ')"`;
  const held: (() => void)[] = [];
  let refusing = false;
  const server = await serve(t, (request, response) => {
    response.statusCode = refusing && request.headers.authorization === 'Bearer t1' ? 401 : 200;
    const answer = (): void => void response.end(request.headers.authorization);
    if (request.url === '/late' && response.statusCode === 401) held.push(answer);
    else answer();
  });
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: ['-c', script] };
  const { get } = await open(t, { kubeconfig: kubeconfig(server, { exec }) });
  await get();
  refusing = true;
  const late = get('/late');
  while (held.length === 0) await new Promise((resolve) => void setImmediate(resolve));
  assert.equal((await get('/early')).body, 'Bearer t2');
  held[0]?.();
  assert.equal((await late).body, 'Bearer t2');
});

test('an exec plugin that fails is named with what it said', async () => {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', 'echo please log in >&2; exit 3'],
  };
  const connecting = connect({
    clock: createManualClock(),
    env: {},
    kubeconfig: kubeconfig('https://127.0.0.1:1', { exec }),
  });
  await assert.rejects(
    connecting,
    (error) => isKubeError(error, 'KUBE_CONFIG') && /users\[user\]\.user\.exec: please log in/.test(error.message),
  );
});

test('an OIDC token that has not expired is sent', async (t) => {
  const server = await serve(t, echoAuthorization);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'RS256' })}.${part({ exp: 4_000_000_000 })}.c2ln`;
  const provider = {
    name: 'oidc',
    config: { 'idp-issuer-url': 'https://issuer', 'client-id': 'c', 'id-token': token, 'refresh-token': 'r' },
  };
  const { get } = await open(t, { kubeconfig: kubeconfig(server, { 'auth-provider': provider }) });
  assert.equal((await get()).body, `Bearer ${token}`);
});

test('in a cluster, the token file is read again each minute and after a refusal', async (t) => {
  const refused = new Set<string>();
  const server = await serve(t, (request, response) => {
    const token = request.headers.authorization ?? '';
    response.statusCode = refused.has(token) ? 401 : 200;
    response.end(token);
  });
  const write = (token: string): Promise<void> => writeFile(path.join(folder, 'token'), `${token}\n`);
  await write('one');
  const url = new URL(server);
  const env = { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port };
  const { get, clock, namespace, source } = await open(t, { env, serviceAccountFolder: folder });
  assert.deepEqual([namespace, source], ['default', 'in-cluster service account']);
  assert.equal((await get()).body, 'Bearer one');
  await write('two');
  await clock.advance(59_000);
  assert.equal((await get()).body, 'Bearer one');
  await clock.advance(1_000);
  assert.equal((await get()).body, 'Bearer two');
  await write('three');
  refused.add('Bearer two');
  assert.deepEqual(await get(), { status: 200, body: 'Bearer three' });
  await rm(path.join(folder, 'token'));
  await clock.advance(60_000);
  assert.equal((await get()).body, 'Bearer three', 'a token that cannot be read now may still be good');
});

test('watches do not take the connections of requests, and end when their reader leaves', async (t) => {
  let watches = 0;
  const server = await serve(t, (request, response) => {
    if (!request.url?.includes('watch=true')) return response.end('here');
    watches += 1;
    response.write('first');
    return response.on('close', () => (watches -= 1));
  });
  const { get, transport } = await open(t, { kubeconfig: kubeconfig(server, {}) });
  const readers: AsyncIterator<string>[] = [];
  for (let n = 0; n < 100; n += 1) {
    const response = await transport.send({ method: 'GET', path: `/things?watch=true&n=${n}` });
    const reader = response.chunks()[Symbol.asyncIterator]();
    assert.equal((await reader.next()).value, 'first');
    readers.push(reader);
  }
  assert.equal(watches, 100);
  assert.equal((await get()).body, 'here');
  for (const reader of readers) await reader.return?.();
  while (watches > 0) await new Promise((resolve) => void setImmediate(resolve));
});

test('characters that arrive in two pieces are whole in the chunks', async (t) => {
  const bytes = Buffer.from('ä€😀');
  const server = await serve(t, async (_, response) => {
    for (const byte of bytes)
      await new Promise((resolve) => response.write(Buffer.of(byte), () => setImmediate(resolve)));
    response.end();
  });
  const { transport } = await open(t, { kubeconfig: kubeconfig(server, {}) });
  const response = await transport.send({ method: 'GET', path: '/x?watch=1' });
  let text = '';
  for await (const chunk of response.chunks()) {
    assert.ok(!chunk.includes('\ufffd'));
    text += chunk;
  }
  assert.equal(text, 'ä€😀');
});

test('KUBECONFIG may name several files; the first that has a name counts', async (t) => {
  const server = await serve(t, echoAuthorization);
  const first = path.join(folder, 'first');
  const second = path.join(folder, 'second');
  await writeFile(first, JSON.stringify({ users: [{ name: 'user', user: { token: 'first' } }] }));
  await writeFile(second, kubeconfig(server, { token: 'second' }));
  const KUBECONFIG = [first, path.join(folder, 'missing'), second].join(path.delimiter);
  const { get } = await open(t, { env: { KUBECONFIG } });
  assert.equal((await get()).body, 'Bearer first');
});

test('a kubeconfig on one line is read, and what is neither text nor file is never shown', async (t) => {
  const server = await serve(t, echoAuthorization);
  const line = JSON.stringify(JSON.parse(kubeconfig(server, { token: 'secret' })));
  const { get } = await open(t, { kubeconfig: line });
  assert.equal((await get()).body, 'Bearer secret');
  const encoded = Buffer.from(line).toString('base64');
  for (const given of [encoded, `token: "${encoded.slice(0, 60)}"`, `/${encoded}{"token"`, encoded.slice(0, 120)]) {
    await assert.rejects(connect({ clock: createManualClock(), env: {}, kubeconfig: given }), (error) => {
      assert.ok(isKubeError(error, 'KUBE_CONFIG'));
      assert.match(error.message, /no file, and no kubeconfig of several lines \(\d+ characters, not shown/);
      assert.ok(!inspect(error, { depth: 9 }).includes(encoded.slice(0, 40)), 'also not in its cause');
      return true;
    });
  }
  const missing = connect({ clock: createManualClock(), env: {}, kubeconfig: './no such file.yaml' });
  await assert.rejects(missing, /kubeconfig \.\/no such file\.yaml: ENOENT/);
});
