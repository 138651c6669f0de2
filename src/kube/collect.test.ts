import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { Pool } from 'undici';
import { collect } from './collect.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** One connection to a server of this process: a second request waits for the first. */
async function open(t: TestContext, handler: Handler) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const origin = `http://127.0.0.1:${address.port}`;
  const pool = new Pool(origin, { connections: 1 });
  t.after(async () => {
    await pool.destroy();
    server.closeAllConnections();
    server.close();
  });
  const ask = (path: string, signal?: AbortSignal) => collect(pool, { origin, method: 'GET', path }, signal);
  return { pool, ask };
}

test('an answer that comes in pieces is whole, characters too, and has its status and headers', async (t) => {
  const bytes = Buffer.from('\ufeffä€😀');
  const { ask } = await open(t, async (_, response) => {
    response.writeHead(201, { 'X-Two': ['one', 'two'], 'Retry-After': '3' });
    for (const byte of bytes)
      await new Promise((resolve) => response.write(Buffer.of(byte), () => setImmediate(resolve)));
    response.end();
  });
  const { statusCode, headers, text } = await ask('/');
  assert.equal(text, 'ä€😀', 'without the byte order mark, as a response reads it');
  assert.equal(statusCode, 201);
  assert.deepEqual([headers['retry-after'], headers['x-two']], ['3', ['one', 'two']]);
});

test('an answer without a body is empty text', async (t) => {
  const { ask } = await open(t, (_, response) => response.writeHead(204).end());
  assert.deepEqual([(await ask('/')).statusCode, (await ask('/')).text], [204, '']);
});

test('a connection that breaks in the middle of the answer is a failure, not half an answer', async (t) => {
  const { ask } = await open(t, (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  });
  await assert.rejects(ask('/'), /closed|terminated/);
});

test('an abort ends what is under way, what waits for a connection, and what comes later, with its reason', async (t) => {
  const asked: string[] = [];
  const arrived = Promise.withResolvers<void>();
  const { ask } = await open(t, ({ url = '' }, response) => {
    asked.push(url);
    if (url === '/after') return response.end('here');
    response.write('some');
    return arrived.resolve();
  });
  const abort = new AbortController();
  const first = ask('/first', abort.signal);
  const second = ask('/second', abort.signal);
  await arrived.promise;
  const reason = { reason: 'not even an Error' };
  abort.abort(reason);
  const failures = await Promise.allSettled([first, second, ask('/third', abort.signal)]);
  assert.deepEqual(
    failures.map((each) => each.status === 'rejected' && each.reason === reason),
    [true, true, true],
  );
  assert.equal((await ask('/after')).text, 'here');
  assert.deepEqual(asked, ['/first', '/after'], 'what waited was never sent');
});

test('a pool that is closed is a failure', async (t) => {
  const { ask, pool } = await open(t, (_, response) => response.end());
  await pool.destroy();
  await assert.rejects(ask('/'), /destroyed/);
});
