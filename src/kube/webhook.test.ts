import assert from 'node:assert/strict';
import { request } from 'node:https';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { systemClock } from '../telemetry/clock.ts';
import { silentLog } from '../telemetry/log.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import type { AdmissionAnswer } from './admission-review.ts';
import { type KeyPair, makeAuthority, signServer } from './certificate.ts';
import { metrics as declared } from './registry.ts';
import { type AdmissionHandler, createWebhook, type Webhook, type WebhookOptions } from './webhook.ts';

const HOUR_MS = 3_600_000;

interface Served {
  readonly webhook: Webhook;
  readonly port: number;
  readonly authority: KeyPair;
  metrics(): Promise<string>;
}

async function serve(
  t: TestContext,
  handle: AdmissionHandler,
  limits: Pick<WebhookOptions, 'deadlineMs' | 'roomBytes'> = {},
): Promise<Served> {
  const registry = new MetricsRegistry();
  const webhook = createWebhook({
    handlers: { '/asked': handle },
    clock: systemClock,
    log: silentLog,
    metrics: registry.register(declared),
    ...limits,
  });
  const authority = await makeAuthority('test', validity());
  webhook.secure(await signServer(authority, { name: 'first', hosts: ['localhost'] }, validity()));
  const port = await webhook.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => webhook.close());
  return { webhook, port, authority, metrics: () => registry.expose() };
}

const validity = () => ({ from: Date.now() - HOUR_MS, until: Date.now() + HOUR_MS });

interface Answer {
  readonly status: number;
  readonly text: string;
}

function ask({ port, authority }: Served, body: string, path = '/asked', method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, servername: 'localhost', ca: authority.certificate };
    const sent = request({ ...options, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const review = (over: object = {}): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      operation: 'CREATE',
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      namespace: 'default',
      name: 'settings',
      object: { data: {} },
      oldObject: null,
      ...over,
    },
  });

const answering =
  (answer: AdmissionAnswer): AdmissionHandler =>
  () =>
    answer;

test('a question comes to its handler, and the answer goes back under the same uid', async (t) => {
  const seen: unknown[] = [];
  const served = await serve(t, (question) => {
    seen.push(question);
    const patch = [{ op: 'add', path: '/data/a', value: 'b' }] as const;
    return { kind: 'allowed', patch, warnings: [`two\nlines ${'x'.repeat(300)}`] };
  });
  const { status, text } = await ask(served, review());
  assert.equal(status, 200);
  const { response } = JSON.parse(text);
  assert.deepEqual([response.uid, response.allowed, response.patchType], ['u-1', true, 'JSONPatch']);
  assert.deepEqual(JSON.parse(Buffer.from(response.patch, 'base64').toString()), [
    { op: 'add', path: '/data/a', value: 'b' },
  ]);
  assert.match(response.warnings[0], /^two lines x+…$/);
  assert.equal(response.warnings[0].length, 256);
  assert.deepEqual(seen, [
    {
      uid: 'u-1',
      operation: 'CREATE',
      group: '',
      resource: 'configmaps',
      subresource: '',
      namespace: 'default',
      name: 'settings',
      object: { data: {} },
      oldObject: undefined,
    },
  ]);
  const metrics = await served.metrics();
  assert.match(metrics, /controller_runtime_webhook_requests_total\{webhook="\/asked",code="200"\} 1\n/);
});

test('a denial says which fields, and nothing is patched where nothing is to', async (t) => {
  const causes = [{ field: 'spec.a', message: 'must be b' }];
  const denied = await serve(t, answering({ kind: 'denied', message: 'spec.a: must be b', causes }));
  const { response } = JSON.parse((await ask(denied, review())).text);
  assert.equal(response.allowed, false);
  assert.equal(response.status.code, 422);
  assert.deepEqual(response.status.details.causes, [{ reason: 'FieldValueInvalid', ...causes[0] }]);
  const allowed = await serve(t, answering({ kind: 'allowed' }));
  assert.deepEqual(JSON.parse((await ask(allowed, review())).text).response, { uid: 'u-1', allowed: true });
});

test('what goes wrong is a failure and never a decision, so that the failure policy says what it means', async (t) => {
  const throwing = await serve(t, () => {
    throw new Error('a defect');
  });
  const hanging = await serve(t, () => new Promise(() => undefined), { deadlineMs: 50 });
  const fine = await serve(t, answering({ kind: 'allowed' }));
  const cases = [
    ['a handler that throws', throwing, review(), 500],
    ['a handler that never ends', hanging, review(), 504],
    ['an API server with less patience', fine, review(), 200, '/asked?timeout=3s'],
    ['no JSON', fine, '{', 400],
    ['another kind', fine, '{"kind":"Pod","apiVersion":"v1"}', 400],
    ['no request', fine, '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}', 400],
    ['no uid', fine, review({ uid: '' }), 400],
    ['an operation that there is not', fine, review({ operation: 'LOOK' }), 400],
    ['another path', fine, review(), 404, '/else'],
    ['a body beyond all limits', fine, 'x'.repeat(9 * 1024 * 1024), 413],
  ] as const;
  for (const [what, served, body, status, path] of cases) {
    const answer = await ask(served, body, path).catch((failure: Error) => ({ status: 413, text: failure.message }));
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
  }
  assert.equal((await ask(fine, '', '/asked', 'GET')).status, 405);
  assert.doesNotMatch((await ask(throwing, review())).text, /a defect/);
});

test('another certificate is served from the next connection on, without a pause', async (t) => {
  const served = await serve(t, answering({ kind: 'allowed' }));
  const nameServed = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: served.port, servername: 'localhost', ca: served.authority.certificate },
        () => {
          resolve(String(socket.getPeerCertificate().subject.CN));
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
  assert.equal(await nameServed(), 'first');
  served.webhook.secure(
    await signServer(served.authority, { name: 'second', hosts: ['localhost', '127.0.0.1'] }, validity()),
  );
  assert.equal(await nameServed(), 'second');
  assert.equal((await ask(served, review())).status, 200);
  const { certificate } = await makeAuthority('other', validity());
  assert.throws(() => served.webhook.secure({ certificate, key: served.authority.key }));
  assert.equal(await nameServed(), 'second');
});

test('bodies that are held open leave no room for other large ones, and small ones are answered all the same', async (t) => {
  const served = await serve(t, () => ({ kind: 'allowed' }), { deadlineMs: 20_000, roomBytes: 1_000_000 });
  const held = request({
    host: '127.0.0.1',
    port: served.port,
    path: '/asked',
    method: 'POST',
    servername: 'localhost',
    ca: served.authority.certificate,
    agent: false,
    headers: { 'content-length': 4_000_000 },
  });
  held.on('error', () => undefined); // it is cut off in the end
  t.after(() => held.destroy());
  const large = review({ padding: 'x'.repeat(900_000) });
  // One that is refused before it was read may end with a reset instead of the answer.
  const isAnswered = async (): Promise<boolean> => (await ask(served, large).catch(() => undefined))?.status === 200;
  assert.equal(await isAnswered(), true, 'alone it has room');
  held.write(Buffer.alloc(1_100_000, ' '));
  await until(async () => !(await isAnswered()));
  assert.match(await served.metrics(), /webhook_requests_total\{[^}]*code="503"[^}]*\} [1-9]/);
  assert.equal((await ask(served, review())).status, 200);
  held.destroy();
  await until(isAnswered);
});

/** Each look takes the time of a request. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 5_000; look += 1) if (await isSo()) return;
  assert.fail('it did not come to that');
}
