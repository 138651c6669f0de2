import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import type { People } from './people.ts';
import { HttpError } from './registry.ts';
import { createHttpServer } from './server.ts';

const token = 'a-token-of-at-least-thirty-two-characters';
const host = '127.0.0.1:7480';

/** `ann-1` is ann's token; her session is `session-of-ann-1`. */
async function server() {
  const clock = createManualClock();
  const sessions = new Set<string>();
  const came: string[] = [];
  const asked: string[] = [];
  const knows = async (bearer: string): Promise<boolean> => {
    asked.push(bearer);
    if (bearer === 'away') throw new HttpError('LARDER_HTTP_ACCESS_UNKNOWN', 503, 'the API server is <away>');
    return bearer.startsWith('ann');
  };
  const people: People = {
    owner: () => void came.push('owner'),
    async byToken(_request, bearer) {
      const known = await knows(bearer);
      if (known) came.push('ann by token');
      return known;
    },
    async bySession(_request, id) {
      if (sessions.has(id)) came.push('ann by session');
      return sessions.has(id);
    },
    async begin(bearer) {
      if (!(await knows(bearer))) return undefined;
      sessions.add(`session-of-${bearer}`);
      return `session-of-${bearer}`;
    },
    end: (id) => void sessions.delete(id),
  };
  const signIn = { hints: [{ text: 'ask <somebody>', command: 'kubectl "create" token' }] };
  const hosts = ['127.0.0.1'];
  const app = await createHttpServer({ log: silentLog, token, openPaths: [], hosts, signIn, people, clock });
  app.get('/data', async () => 'data');
  const form = (given: string, headers: Record<string, string> = {}) =>
    app.inject({
      ...{ method: 'POST', url: '/sign-in', payload: `next=/data\r\ntoken=${given}\r\n` },
      headers: { host, 'content-type': 'text/plain', ...headers },
    });
  const data = (headers: Record<string, string>) => app.inject({ url: '/data', headers: { host, ...headers } });
  return { app, form, data, came, asked, clock, sessions };
}

const cookiesOf = (answer: { readonly headers: Record<string, unknown> }): readonly string[] =>
  [answer.headers['set-cookie']].flat().map(String);
const kept = (answer: Parameters<typeof cookiesOf>[0]): string =>
  cookiesOf(answer)
    .filter((cookie) => !cookie.includes('Max-Age=0'))
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');

test('a person comes in by the form, has a session without the token in it, and is out when they sign out', async () => {
  const { app, form, data, came } = await server();
  const signed = await form('ann-1');
  assert.deepEqual([signed.statusCode, signed.headers.location], [303, '/data']);
  const cookie = kept(signed);
  assert.match(cookie, /^larder_session_[0-9a-f]{12}=session-of-ann-1$/);
  assert.equal((await data({ cookie })).body, 'data');
  assert.deepEqual(came, ['ann by session']);
  const out = await app.inject({ method: 'POST', url: '/sign-out', headers: { host, cookie } });
  assert.equal(out.statusCode, 200);
  assert.equal(kept(out), '');
  const over = await data({ cookie, accept: 'text/html' });
  assert.equal(over.statusCode, 401);
  assert.match(over.body, /The session is over/);
  await app.close();
});

test('who signs in is nobody else any more', async () => {
  const { form, data, came } = await server();
  const both = `${kept(await form('ann-1'))}; ${kept(await form(token))}`;
  await data({ cookie: both });
  assert.deepEqual(came, ['owner']);
  for (const given of ['ann-1', token]) {
    const cookies = cookiesOf(await form(given));
    assert.deepEqual(cookies.map((cookie) => cookie.includes('Max-Age=0')).sort(), [false, true], given);
  }
});

test('over TLS the cookie is for TLS alone', async () => {
  const { form } = await server();
  for (const [proto, secure] of [
    ['https', true],
    ['https, http', true],
    ['http', false],
    ['http, https', false],
  ] as const) {
    const cookies = cookiesOf(await form('ann-1', { 'x-forwarded-proto': proto }));
    assert.ok(
      cookies.every((cookie) => cookie.includes('; Secure') === secure),
      proto,
    );
  }
});

test('a token in the header lets its holder in for that request', async () => {
  const { data, came } = await server();
  const answer = await data({ authorization: 'Bearer ann-1' });
  assert.deepEqual([answer.body, answer.headers['set-cookie']], ['data', undefined]);
  assert.equal((await data({ authorization: `Bearer ${token}` })).body, 'data');
  assert.equal((await data({ authorization: 'Bearer bob' })).statusCode, 401);
  assert.deepEqual(came, ['ann by token', 'owner']);
});

test('where it cannot be found out who it is, that is said, and nobody is let in', async () => {
  const { form, data } = await server();
  assert.equal((await data({ authorization: 'Bearer away' })).json().code, 'LARDER_HTTP_ACCESS_UNKNOWN');
  const answer = await form('away');
  assert.deepEqual([answer.statusCode, answer.headers['set-cookie']], [503, undefined]);
  assert.match(answer.body, /the API server is &lt;away>/);
  assert.match(answer.body, /ask &lt;somebody>.*kubectl &quot;create&quot; token/);
});

test('who shows wrong tokens one after the other is asked about no more, by any way', async () => {
  const { form, data, asked, clock } = await server();
  const cookie = kept(await form('ann-1'));
  for (let count = 0; count < 10; count += 1) {
    assert.equal((await form(`wrong-${count}`)).statusCode, 401);
    assert.equal((await data({ authorization: `Bearer wrong-${count}` })).statusCode, 401);
  }
  asked.length = 0;
  const refused = await form('ann-2');
  assert.deepEqual([refused.statusCode, refused.headers['set-cookie']], [429, undefined]);
  assert.match(refused.body, /try again in \d+ s/);
  assert.equal((await data({ authorization: 'Bearer wrong' })).statusCode, 429);
  assert.deepEqual(asked, []);
  assert.equal((await data({ cookie })).statusCode, 200, 'who has a session is not kept out');
  assert.equal((await data({ authorization: `Bearer ${token}` })).statusCode, 200);
  await clock.advance(60_000);
  assert.equal((await form('ann-2')).statusCode, 303);
});
