import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { openCertificates } from './certificates.ts';
import { createEmbedded } from './cluster.ts';
import { type ApiServer, serve } from './server.ts';

const world = { clock: systemClock, random: systemRandom };

interface Running {
  readonly server: ApiServer;
  readonly folder: string;
  readonly kubeconfig: string;
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; text: string }>;
}

async function withServer(
  work: (running: Running) => Promise<void>,
  folder = mkdtempSync(join(tmpdir(), 'larder-server-')),
) {
  const kubeconfig = join(folder, 'kubeconfig');
  const embedded = await createEmbedded(world);
  const server = await serve({ embedded, dataDir: folder, kubeconfig, ...world });
  const agent = new Agent({ connect: { ca: server.authority } });
  const get: Running['get'] = async (path, headers = { authorization: `Bearer ${server.token}` }) => {
    const response = await request(`${server.url}${path}`, { dispatcher: agent, headers });
    return { status: response.statusCode, text: await response.body.text() };
  };
  try {
    await work({ server, folder, kubeconfig, get });
  } finally {
    await agent.destroy();
    await server.close();
    embedded.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the API is reached over TLS that its authority vouches for, with the token', () =>
  withServer(async ({ get }) => {
    assert.equal((await get('/api/v1/namespaces')).status, 200);
    assert.equal((await get('/api/v1/namespaces', {})).status, 403);
    assert.equal((await get('/api/v1/namespaces', { authorization: 'Bearer x' })).status, 401);
    assert.equal((await get('/healthz', {})).text, 'ok');
  }));

test('kubeconfig, token and keys are for their owner only', () =>
  withServer(async ({ server, folder, kubeconfig }) => {
    for (const name of ['kubeconfig', 'token', 'pki/server.key']) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    }
    const config = parse(readFileSync(kubeconfig, 'utf8'));
    assert.equal(config.clusters[0].cluster.server, server.url);
    assert.equal(config.users[0].user.token, server.token);
    assert.equal(server.kubeconfig, readFileSync(kubeconfig, 'utf8'));
  }));

test('token and certificates stay from start to start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-server-'));
  const embedded = await createEmbedded(world);
  const first = await serve({ embedded, dataDir: folder, ...world });
  await first.close();
  const second = await serve({ embedded, dataDir: folder, ...world });
  await second.close();
  embedded.close();
  rmSync(folder, { recursive: true, force: true });
  assert.equal(second.token, first.token);
  assert.equal(second.authority, first.authority);
});

test('a port that is taken is said by its code', () =>
  withServer(async ({ server, folder }) => {
    const embedded = await createEmbedded(world);
    const second = serve({ embedded, dataDir: folder, port: server.port, ...world });
    await assert.rejects(second, {
      code: 'LARDER_PORT_IN_USE',
      message: `port ${server.port} is in use on 127.0.0.1: end the process that has it, or choose another port`,
    });
    embedded.close();
  }));

test('a stop ends open watches, and stopping twice is the same as once', () =>
  withServer(async ({ server }) => {
    const agent = new Agent({ connect: { ca: server.authority } });
    const headers = { authorization: `Bearer ${server.token}` };
    const watch = await request(`${server.url}/api/v1/namespaces?watch=true`, { dispatcher: agent, headers });
    const ended = watch.body.text().then(
      () => 'ended',
      () => 'ended',
    );
    await Promise.all([server.close(), server.close()]);
    assert.equal(await ended, 'ended');
    await agent.destroy();
  }));

test('a method that HTTP knows and the API does not is not allowed', () =>
  withServer(async ({ server }) => {
    const agent = new Agent({ connect: { ca: server.authority } });
    const headers = { authorization: `Bearer ${server.token}` };
    const { statusCode, body } = await request(`${server.url}/api/v1/namespaces`, {
      method: 'OPTIONS',
      dispatcher: agent,
      headers,
    });
    assert.equal(statusCode, 405);
    await body.dump();
    await agent.destroy();
  }));

test('certificates are made anew before they end, and when they are damaged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-pki-'));
  const now = createManualClock();
  const first = await openCertificates(folder, now);
  assert.deepEqual(await openCertificates(folder, now), first);
  const certificate = new X509Certificate(first.certificate);
  assert.ok(certificate.verify(new X509Certificate(first.authority).publicKey));
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  now.stepWall(Date.parse(certificate.validTo) - now.now() - 24 * 3_600_000);
  const renewed = await openCertificates(folder, now);
  assert.notEqual(renewed.certificate, first.certificate);
  rmSync(folder, { recursive: true, force: true });
});

test('a request whose token is wrong is answered before its body is there', () =>
  withServer(async ({ server }) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port), ca: server.authority });
    const head = ['POST /api/v1/namespaces HTTP/1.1', 'host: x', 'authorization: Bearer x', 'content-length: 1000'];
    socket.write(`${head.join('\r\n')}\r\n\r\n`); // and nothing of the 1000 bytes
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    assert.match(String(chunk), /^HTTP\/1\.1 401 /);
  }));
