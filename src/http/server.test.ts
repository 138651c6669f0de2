import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { silentLog } from '../telemetry/log.ts';
import { createHttpServer, listen } from './server.ts';

const token = 'a-token-of-at-least-thirty-two-characters';

async function server(options: { requestsPerMinute?: number } = {}) {
  const app = await createHttpServer({
    log: silentLog,
    token,
    openPaths: ['/healthz'],
    hosts: ['127.0.0.1', 'localhost'],
    ...options,
  });
  app.get('/healthz', async () => 'ok');
  app.get('/data', async () => ({ answer: 42 }));
  app.get('/broken', async () => {
    throw new Error('the secret inside');
  });
  app.post('/data', async (request) => ({ got: request.body }));
  return app;
}

const host = '127.0.0.1:7480';

test('an open path answers without a token, every other path answers 401 as problem+json', async () => {
  const app = await server();
  assert.equal((await app.inject({ url: '/healthz', headers: { host } })).statusCode, 200);
  const refused = await app.inject({ url: '/data', headers: { host } });
  assert.equal(refused.statusCode, 401);
  assert.match(String(refused.headers['content-type']), /application\/problem\+json/);
  assert.equal(refused.json().code, 'LARDER_HTTP_UNAUTHENTICATED');
  await app.close();
});

test('the token is accepted as bearer header, and as a query that is traded for a strict cookie', async () => {
  const app = await server();
  const byHeader = await app.inject({ url: '/data', headers: { host, authorization: `Bearer ${token}` } });
  assert.deepEqual(byHeader.json(), { answer: 42 });
  assert.equal(byHeader.headers['set-cookie'], undefined);
  const byQuery = await app.inject({ url: `/data?token=${token}`, headers: { host } });
  const cookie = String(byQuery.headers['set-cookie']);
  assert.match(cookie, /HttpOnly; SameSite=Strict/);
  const byCookie = await app.inject({ url: '/data', headers: { host, cookie: cookie.split(';')[0] ?? '' } });
  assert.equal(byCookie.statusCode, 200);
  await app.close();
});

test('a token of another length, a near miss and an empty one are all refused', async () => {
  const app = await server();
  for (const wrong of ['', 'x', `${token.slice(0, -1)}X`, `${token}X`]) {
    const answer = await app.inject({ url: '/data', headers: { host, authorization: `Bearer ${wrong}` } });
    assert.equal(answer.statusCode, 401, wrong);
  }
  await app.close();
});

test('requests addressed to another host, or sent by another site, are refused (DNS rebinding, CSRF)', async () => {
  const app = await server();
  const authorization = `Bearer ${token}`;
  for (const headers of [
    { host: 'evil.example:7480' },
    { host: '127.0.0.1.evil.example' },
    { host, origin: 'https://evil.example' },
    { host, origin: 'null' },
  ]) {
    const answer = await app.inject({
      url: '/data',
      method: 'POST',
      payload: {},
      headers: { authorization, ...headers },
    });
    assert.equal(answer.json().code, 'LARDER_HTTP_FORBIDDEN_HOST', JSON.stringify(headers));
  }
  const own = await app.inject({
    url: '/data',
    method: 'POST',
    payload: { a: 1 },
    headers: { authorization, host, origin: 'http://127.0.0.1:7480' },
  });
  assert.deepEqual(own.json(), { got: { a: 1 } });
  await app.close();
});

test('a defect answers 500 without telling what is inside; an oversized or malformed body answers 4xx', async () => {
  const app = await server();
  const headers = { host, authorization: `Bearer ${token}` };
  const broken = await app.inject({ url: '/broken', headers });
  assert.equal(broken.statusCode, 500);
  assert.equal(broken.json().code, 'LARDER_HTTP_INTERNAL');
  assert.doesNotMatch(broken.body, /secret/);
  const large = await app.inject({ url: '/data', method: 'POST', headers, payload: { text: 'x'.repeat(2 ** 20) } });
  assert.equal(large.statusCode, 413);
  const malformed = await app.inject({
    url: '/data',
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: '{',
  });
  assert.equal(malformed.statusCode, 400);
  assert.equal((await app.inject({ url: '/nothing', headers })).json().code, 'LARDER_HTTP_NOT_FOUND');
  await app.close();
});

test('no answer allows inline script, framing or sniffing', async () => {
  const app = await server();
  const { headers } = await app.inject({ url: '/healthz', headers: { host } });
  const policy = String(headers['content-security-policy']);
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe-inline/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  await app.close();
});

test('more requests than the limit answer 429', async () => {
  const app = await server({ requestsPerMinute: 2 });
  const codes = [];
  for (let i = 0; i < 3; i += 1) codes.push((await app.inject({ url: '/healthz', headers: { host } })).statusCode);
  assert.deepEqual(codes, [200, 200, 429]);
  await app.close();
});

test('with a test of bearer tokens neither query nor cookie lets anybody in, and who is kept out is told how to come in', async () => {
  const app = await createHttpServer({
    ...{ log: silentLog, openPaths: [], hosts: [] },
    token: (bearer) => bearer === token,
    methodsAt: (path) => (path === '/data' ? ['GET', 'HEAD'] : []),
  });
  app.get('/data', async () => ({ answer: 42 }));
  const ask = (headers: Record<string, string>, url = '/data') => app.inject({ url, headers });
  assert.equal((await ask({ authorization: `bearer  ${token}` })).statusCode, 200);
  const outside: readonly Record<string, string>[] = [
    {},
    { cookie: `larder_token=${token}` },
    { authorization: token },
    { authorization: `Bearer ${token} x` },
  ];
  for (const headers of outside) {
    const refused = await ask(headers);
    assert.equal(refused.statusCode, 401, JSON.stringify(headers));
    assert.equal(refused.headers['www-authenticate'], 'Bearer');
    assert.match(refused.json().detail, /Authorization: Bearer TOKEN/);
  }
  assert.equal((await ask({}, `/data?token=${token}`)).statusCode, 401);
  const wrong = await app.inject({ method: 'DELETE', url: '/data', headers: { authorization: `Bearer ${token}` } });
  assert.deepEqual(
    [wrong.statusCode, wrong.headers['allow'], wrong.json().code],
    [405, 'GET, HEAD', 'LARDER_HTTP_METHOD_NOT_ALLOWED'],
  );
  await app.close();
});

test('what is no request, no address or has headers without end is answered as problem+json too', async () => {
  const app = await server();
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  const cases: readonly (readonly [string, number])[] = [
    ['nonsense\r\n\r\n', 400],
    [`GET /%E0%A4%A HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
  ];
  for (const [sent, status] of cases) {
    const answer = await heard(port, sent);
    assert.match(
      answer,
      new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*application/problem\\+json[\\s\\S]*LARDER_HTTP_BAD_REQUEST`, 'i'),
      sent.slice(0, 40),
    );
  }
  await app.close();
});

/** What a socket hears that sends this and says no more. */
function heard(port: number, sent: string): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(sent));
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

test('an address that would be another host, or none, is one of ours, for strangers and for who brings the token', async (t) => {
  const failures: object[] = [];
  const log = { ...silentLog, error: (fields: object) => void failures.push(fields) };
  const signIn = { hints: [] };
  const app = await createHttpServer({ log, token, openPaths: [], hosts: ['127.0.0.1'], signIn });
  t.after(() => app.close());
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  for (const path of ['//', '//[', '//a:b', '/\\[', '//:99999', '//elsewhere.example/']) {
    for (const accept of ['application/json', 'text/html']) {
      const rest = `HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`;
      assert.match(await heard(port, `GET ${path} ${rest}`), /^HTTP\/1.1 401 /, path);
      const brought = await heard(port, `GET ${path}?token=${token} ${rest}`);
      assert.match(brought, accept === 'text/html' ? /^HTTP\/1.1 303 / : /^HTTP\/1.1 404 /, path);
      assert.doesNotMatch(brought, /location: (?!\/[^/\\])(?!\/\r)/i, 'nobody is sent elsewhere');
    }
  }
  assert.deepEqual(failures, []);
});

test('who sends slowly has less time for the headers than for all of it, and is looked for more often than either', async () => {
  const app = await server();
  const { headersTimeout, requestTimeout } = app.server;
  const looksEvery: unknown = Reflect.get(app.server, 'connectionsCheckingInterval');
  assert.ok(headersTimeout > 0 && headersTimeout < requestTimeout, `${headersTimeout} and ${requestTimeout}`);
  assert.ok(typeof looksEvery === 'number' && looksEvery < headersTimeout, String(looksEvery));
  await app.close();
});

test('a port in use is named in one coded error', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const app = await server();
  await assert.rejects(listen(app, { host: '127.0.0.1', port }), {
    code: 'LARDER_PORT_IN_USE',
    message: `port ${port} is in use on 127.0.0.1: end the process that has it, or choose another port`,
  });
  await app.close();
  other.close();
});

test('a browser is led: the token goes out of the address, and without one there is a form', async () => {
  const app = await createHttpServer({
    ...{ log: silentLog, token, openPaths: [], hosts: ['127.0.0.1'], signIn: { hints: [] } },
  });
  app.get('/data', async () => 'data');
  const accept = 'text/html,application/xhtml+xml';
  const led = await app.inject({ url: `/data?a=1&token=${token}`, headers: { host, accept } });
  assert.deepEqual([led.statusCode, led.headers.location], [303, '/data?a=1']);
  const cookie = String(led.headers['set-cookie']).split(';')[0] ?? '';
  assert.equal((await app.inject({ url: '/data', headers: { host, accept, cookie } })).body, 'data');
  const elsewhere = await app.inject({ url: `//evil.example/?token=${token}`, headers: { host, accept } });
  assert.doesNotMatch(String(elsewhere.headers.location), /^\/[/\\]/);

  const form = await app.inject({ url: '/data?a="><b>', headers: { host, accept } });
  assert.equal(form.statusCode, 401);
  assert.match(form.body, /<form method="post" action="\/sign-in"/);
  assert.doesNotMatch(form.body, /"><b>/);
  assert.equal((await app.inject({ url: '/data', headers: { host } })).json().code, 'LARDER_HTTP_UNAUTHENTICATED');
  const sent = (payload: string, origin = 'http://127.0.0.1:7480') =>
    app.inject({ method: 'POST', url: '/sign-in', payload, headers: { host, origin, 'content-type': 'text/plain' } });
  const signed = await sent(`next=/data?a=1\r\ntoken=${token}\r\n`);
  assert.deepEqual([signed.statusCode, signed.headers.location], [303, '/data?a=1']);
  assert.match(String(signed.headers['set-cookie']), /HttpOnly; SameSite=Strict/);
  const out = await app.inject({ method: 'POST', url: '/sign-out', headers: { host } });
  assert.match(out.body, /You are signed out/);
  for (const ended of [out.headers['set-cookie']].flat()) assert.match(String(ended), /=; .*Max-Age=0$/);
  assert.equal((await sent(`next=//evil.example/\r\ntoken=${token}\r\n`)).headers.location, '/evil.example/');
  for (const wrong of ['token=x', 'nothing', '', `next=/\r\ntoken=${token}x`]) {
    const refused = await sent(wrong);
    assert.deepEqual([refused.statusCode, refused.headers['set-cookie']], [401, undefined], wrong);
  }
  assert.equal((await sent(`token=${token}`, 'https://evil.example')).statusCode, 403);
  await app.close();
});
