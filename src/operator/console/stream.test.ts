import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import fastify from 'fastify';
import { createPlaces } from '../../http/places.ts';
import { HttpError } from '../../http/registry.ts';
import { systemRandom } from '../../telemetry/clock.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { guard, letIn } from '../access/guard.ts';
import { nobody, owner, type Viewer } from '../access/viewer.ts';
import { feedOf } from './feed.ts';
import { createHub } from './hub.ts';
import { stream } from './stream.ts';
import { volumeRow } from './volume-row.fixture.ts';

const head = { version: '1', cluster: 'here', startedAt: 1, leader: true, apiUp: true };
const volumes = [volumeRow({ namespace: 'team' }), volumeRow({ namespace: 'other' })];
const feed = feedOf({ head, exports: [], volumes, happenings: [] });
const LOOK_AGAIN_MS = 10_000;

/** What the cluster says of the person; a test changes it while their page is open. */
interface Said {
  present: boolean;
  namespaces: readonly string[];
  answers: boolean;
}

function viewerOf(said: Said): Viewer {
  const asked = <T>(value: T): Promise<T> =>
    said.answers
      ? Promise.resolve(value)
      : Promise.reject(new HttpError('LARDER_HTTP_ACCESS_UNKNOWN', 503, 'no answer'));
  return {
    ...nobody,
    isPresent: () => asked(said.present),
    may: () => asked(false),
    scope: () => asked(new Set(said.namespaces)),
  };
}

async function pageOf(t: TestContext, viewer: Viewer) {
  const clock = createManualClock();
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async (request) => letIn(request, viewer));
  guard(app, []);
  const hub = createHub({ look: () => feed, clock, random: systemRandom });
  const places = createPlaces(100);
  app.get('/stream', { config: { needs: [] } }, (request, reply) => stream({ hub, places, clock }, request, reply));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const [answer]: IncomingMessage[] = await once(get(`${url}/stream`), 'response');
  if (!answer) throw new Error('no answer');
  let text = '';
  answer.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const seen = async (what: RegExp): Promise<void> => {
    while (!what.test(text)) await once(answer, 'data');
  };
  return { clock, answer, seen, url: `${url}/stream`, ended: () => once(answer, 'end'), heard: () => text };
}

const said = (): Said => ({ present: true, namespaces: ['team'], answers: true });

test('a page is told what the person may see, and anew when that changes', { timeout: 20_000 }, async (t) => {
  const person = said();
  const page = await pageOf(t, viewerOf(person));
  await page.seen(/event: beat/);
  assert.match(page.heard(), /"namespace":"team"/);
  assert.doesNotMatch(page.heard(), /"namespace":"other"/);
  person.namespaces = ['other'];
  await page.clock.advance(LOOK_AGAIN_MS);
  await page.seen(/"namespace":"other"/);
  assert.match(page.heard(), /event: snapshot[\s\S]*event: snapshot/);
});

test('a page ends with the session of the person', { timeout: 20_000 }, async (t) => {
  const person = said();
  const page = await pageOf(t, viewerOf(person));
  await page.seen(/event: beat/);
  await page.clock.advance(LOOK_AGAIN_MS);
  assert.equal(page.answer.readableEnded, false);
  person.present = false;
  const over = page.ended();
  await page.clock.advance(LOOK_AGAIN_MS);
  await over;
});

test('a page ends when it is not known any more what the person may see', { timeout: 20_000 }, async (t) => {
  const person = said();
  const page = await pageOf(t, viewerOf(person));
  await page.seen(/event: beat/);
  person.answers = false;
  const over = page.ended();
  await page.clock.advance(LOOK_AGAIN_MS);
  await over;
});

test('before it is known what the person may see nothing is sent', { timeout: 20_000 }, async (t) => {
  const page = await pageOf(t, viewerOf({ ...said(), answers: false }));
  assert.equal(page.answer.statusCode, 503);
  await page.ended();
  assert.doesNotMatch(page.heard(), /event:|team/);
});

test('the holder of the own token sees all, and is not asked about', { timeout: 20_000 }, async (t) => {
  const page = await pageOf(t, owner);
  await page.seen(/"namespace":"other"/);
  await page.clock.advance(LOOK_AGAIN_MS * 5);
  assert.equal(page.answer.readableEnded, false);
});

test('one person has a hundred pages open at most, and room again when one is closed', {
  timeout: 20_000,
}, async (t) => {
  const page = await pageOf(t, viewerOf(said()));
  await page.seen(/event: beat/);
  const open = async (): Promise<IncomingMessage> => {
    const [answer]: IncomingMessage[] = await once(get(page.url, { agent: false }), 'response');
    if (!answer) throw new Error('no answer');
    return answer.resume();
  };
  const more = await Promise.all(Array.from({ length: 99 }, open));
  assert.deepEqual(new Set(more.map(({ statusCode }) => statusCode)), new Set([200]));
  const refused = await open();
  assert.equal(refused.statusCode, 429);
  more[0]?.destroy();
  let { statusCode } = await open();
  while (statusCode !== 200) ({ statusCode } = await open()); // the server hears of it a moment later
});

test('who asks for the head alone gets it, and it ends', { timeout: 20_000 }, async (t) => {
  const page = await pageOf(t, viewerOf(said()));
  const [answer]: IncomingMessage[] = await once(request(page.url, { method: 'HEAD' }).end(), 'response');
  if (!answer) throw new Error('no answer');
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers['content-type']), /^text\/event-stream/);
  answer.resume();
  await once(answer, 'end');
  if (!answer.complete) throw new Error('it was cut off');
});
