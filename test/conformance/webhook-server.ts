/** An admission webhook of the suite's own: HTTPS on this machine, answering as each check wants. */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openCertificates } from '../../src/embedded/certificates.ts';
import { systemClock } from '../../src/telemetry/clock.ts';

type Parsed = ReturnType<typeof JSON.parse>;

/** `undefined`: no answer at all. */
export type Reply = Parsed | { readonly status: number; readonly text: string } | undefined;

export interface Received {
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly review: Parsed;
}

export interface WebhookServer {
  readonly url: string;
  /** Base64 of the PEM, as configurations want it. */
  readonly caBundle: string;
  readonly received: Received[];
  /** What is answered at a path; the review's `response`, without its uid. */
  answer(path: string, reply: (request: Parsed) => Reply | Promise<Reply>): void;
}

const allow = (): Reply => ({ allowed: true });

/** Every file of checks calls this once. What has no answer is allowed. */
export async function startWebhooks(): Promise<WebhookServer> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-webhook-'));
  const { authority, certificate, key } = await openCertificates(folder, systemClock);
  const replies = new Map<string, (request: Parsed) => Reply | Promise<Reply>>();
  const received: Received[] = [];
  const server = createServer({ cert: certificate, key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const review = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const path = request.url ?? '/';
    received.push({ path, headers: request.headers, review });
    const reply = await (replies.get(path.split('?')[0] ?? '') ?? allow)(review.request);
    if (reply === undefined) return; // the caller waits until it gives up
    if ('text' in reply)
      return void response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.text);
    const body = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: review.request.uid, ...reply },
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `https://127.0.0.1:${port}`,
    caBundle: Buffer.from(authority).toString('base64'),
    received,
    answer: (path, reply) => void replies.set(path, reply),
  };
}
