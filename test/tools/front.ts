/** A proxy before an HTTP API that lets in only who shows a certificate, a header `authorization` and a tenant, as hosted ones do. */
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { request as forward } from 'undici';
import { type KeyPair, makeAuthority, signServer } from '../../src/kube/certificate.ts';

export interface Front {
  /** Without the prefix. */
  readonly url: string;
  /** PEM of who signed its certificate. */
  readonly authority: string;
  /** What a client has to show. */
  readonly client: KeyPair;
  /** Who else asks gets 401 or 403. */
  accept: { readonly authorization: string; readonly tenant: string };
  /** `METHOD path` of all that got in. */
  readonly asked: readonly string[];
}

interface FrontOptions {
  /** The API behind it. */
  readonly to: string;
  /** Of paths; what is behind it does not know it. */
  readonly prefix: string;
}

const HOUR_MS = 3_600_000;

export async function frontFor(t: TestContext, { to, prefix }: FrontOptions): Promise<Front> {
  const validity = { from: Date.now() - HOUR_MS, until: Date.now() + HOUR_MS };
  const authority = await makeAuthority('front-ca', validity);
  const { certificate: cert, key } = await signServer(authority, { name: 'front', hosts: ['127.0.0.1'] }, validity);
  const client = await selfSigned();
  const asked: string[] = [];
  const options = { cert, key, ca: client.certificate, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (request, response) => {
    const refused = refusalOf(request, front.accept);
    if (refused !== undefined) {
      response.writeHead(refused).end('no');
      return;
    }
    asked.push(`${request.method} ${request.url}`);
    pass(request, response, to + (request.url ?? '').replace(prefix, '')).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const front: Front = {
    url: `https://127.0.0.1:${port}`,
    authority: authority.certificate,
    client,
    accept: { authorization: '', tenant: '' },
    asked,
  };
  return front;
}

function refusalOf({ headers }: IncomingMessage, accept: Front['accept']): number | undefined {
  if (headers.authorization !== accept.authorization) return 401;
  return headers['x-scope-orgid'] === accept.tenant ? undefined : 403;
}

async function pass(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
  const answer = await forward(url, {
    method: request.method === 'POST' ? 'POST' : 'GET',
    headers: { 'content-type': request.headers['content-type'] ?? '' },
    body: await text(request),
  });
  response.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) });
  response.end(await answer.body.text());
}

async function selfSigned(): Promise<KeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=larder',
    keys,
    signingAlgorithm: algorithm,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}
