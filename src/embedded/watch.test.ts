import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../telemetry/clock.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { createEmbedded, type Embedded } from './cluster.ts';

const PATH = '/api/v1/namespaces/default/configmaps';

async function start(
  historySize = 10_000,
): Promise<{ embedded: Embedded; clock: ReturnType<typeof createManualClock> }> {
  const clock = createManualClock();
  return { embedded: await createEmbedded({ clock, random: systemRandom, historySize }), clock };
}

async function make({ transport }: Embedded, name: string): Promise<void> {
  const answer = await transport.send({ method: 'POST', path: PATH, body: JSON.stringify({ metadata: { name } }) });
  assert.equal(answer.status, 201);
}

async function open({ transport }: Embedded, query: string, signal?: AbortSignal): Promise<AsyncIterator<string>> {
  const answer = await transport.send({ method: 'GET', path: `${PATH}?watch=true&${query}` }, signal);
  assert.equal(answer.status, 200);
  return answer.chunks()[Symbol.asyncIterator]();
}

async function events(
  stream: AsyncIterator<string>,
): Promise<{ type: string; object: { metadata: Record<string, string>; code?: number; reason?: string } }[]> {
  const { value } = await stream.next();
  return String(value)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('a watch from a forgotten revision ends with 410 Expired as an event', async () => {
  const { embedded } = await start();
  const revision = embedded.store.revision();
  await make(embedded, 'a');
  embedded.store.compact(embedded.store.revision());
  const stream = await open(embedded, `resourceVersion=${revision}`);
  const [event] = await events(stream);
  assert.equal(event?.type, 'ERROR');
  assert.equal(event?.object.code, 410);
  assert.equal(event?.object.reason, 'Expired');
  assert.equal((await stream.next()).done, true);
  embedded.close();
});

test('a watch that falls behind the history is told so, and misses nothing before', async () => {
  const { embedded } = await start(5);
  const stream = await open(embedded, `resourceVersion=${embedded.store.revision()}`);
  const first = events(stream);
  await make(embedded, 'first');
  assert.equal((await first)[0]?.object.metadata['name'], 'first');
  for (let index = 0; index < 9; index += 1) await make(embedded, `n${index}`);
  assert.equal((await events(stream))[0]?.type, 'ERROR');
  embedded.close();
});

test('a slow reader gets everything, in order, in one piece', async () => {
  const { embedded } = await start();
  const stream = await open(embedded, `resourceVersion=${embedded.store.revision()}`);
  for (let index = 0; index < 9; index += 1) await make(embedded, `n${index}`);
  const names = (await events(stream)).map(({ object }) => object.metadata['name']);
  assert.deepEqual(names, ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8']);
  embedded.close();
});

test('a quiet watch gets a bookmark every minute, from which it can resume', async () => {
  const { embedded, clock } = await start();
  const stream = await open(embedded, `resourceVersion=${embedded.store.revision()}&allowWatchBookmarks=true`);
  const bookmark = events(stream);
  const other = {
    method: 'POST',
    path: '/api/v1/namespaces',
    body: JSON.stringify({ metadata: { name: 'other' } }),
  } as const;
  await embedded.transport.send(other);
  const revision = embedded.store.revision();
  await clock.advance(60_000);
  const [event] = await bookmark;
  assert.equal(event?.type, 'BOOKMARK');
  assert.ok(Number(event?.object.metadata['resourceVersion']) >= revision);
  embedded.close();
});

test('a bookmark never overtakes a change', async () => {
  const { embedded, clock } = await start();
  const stream = await open(embedded, `resourceVersion=${embedded.store.revision()}&allowWatchBookmarks=true`);
  const heard = events(stream);
  void make(embedded, 'late');
  await clock.advance(60_000);
  assert.equal((await heard)[0]?.object.metadata['name'], 'late');
  assert.equal((await events(stream))[0]?.type, 'BOOKMARK');
  embedded.close();
});

test('a watch ends at its timeout and leaves no timer', async () => {
  const { embedded, clock } = await start();
  const stream = await open(
    embedded,
    `timeoutSeconds=5&allowWatchBookmarks=true&resourceVersion=${embedded.store.revision()}`,
  );
  const end = stream.next();
  await clock.advance(5_000);
  assert.equal((await end).done, true);
  assert.equal(clock.pending(), 0);
  embedded.close();
});

test('a watch ends when its request is given up', async () => {
  const { embedded, clock } = await start();
  const stop = new AbortController();
  const stream = await open(embedded, `resourceVersion=${embedded.store.revision()}`, stop.signal);
  const end = stream.next();
  stop.abort();
  assert.equal((await end).done, true);
  assert.equal(clock.pending(), 0);
  embedded.close();
});

test('a reader that stops early leaves nothing behind', async () => {
  const { embedded, clock } = await start();
  await make(embedded, 'a');
  const answer = await embedded.transport.send({ method: 'GET', path: `${PATH}?watch=true&allowWatchBookmarks=true` });
  for await (const chunk of answer.chunks()) {
    assert.match(chunk, /ADDED/);
    break;
  }
  assert.equal(clock.pending(), 0);
  embedded.close();
});
