import assert from 'node:assert/strict';
import { test } from 'node:test';
import { content, listed, setUp } from './informer.fixture.ts';
import { endOfList, Feed, item, status, statusBody } from './scripted.fixture.ts';

test('a streamed list is complete at its bookmark, and the same connection goes on as a watch', async () => {
  const feed = new Feed().event('ADDED', item('a', '1')).event('ADDED', item('b', '2'));
  const { cache, changes, clock, requests, end } = setUp([feed]);
  await clock.advance(0);
  assert.equal(cache.hasSynced(), false);
  assert.equal(cache.size, 0);
  feed.event('BOOKMARK', endOfList('10')).event('MODIFIED', item('a', '11')).event('DELETED', item('b', '12'));
  await cache.synced();
  await clock.advance(0);
  assert.deepEqual(changes, ['added ns/a 1', 'added ns/b 2', 'updated ns/a 1>11', 'deleted ns/b 12']);
  assert.deepEqual(content(cache), ['a=11']);
  assert.equal(requests.length, 1);
  const query = new URLSearchParams(requests[0]?.path.split('?')[1]);
  assert.equal(query.get('sendInitialEvents'), 'true');
  assert.equal(query.get('resourceVersionMatch'), 'NotOlderThan');
  assert.equal(query.get('allowWatchBookmarks'), 'true');
  assert.equal(query.get('timeoutSeconds'), '600');
  await end();
});

for (const [what, refusal] of [
  ['422', status(422, 'Invalid')],
  ['400', status(400, 'BadRequest')],
  ['415', status(415, 'UnsupportedMediaType')],
  [
    'a bookmark that does not end the list',
    { body: new Feed().event('BOOKMARK', { metadata: { resourceVersion: '1' } }) },
  ],
  ['an ERROR event', { body: new Feed().event('ERROR', statusBody(400, 'BadRequest')) }],
] as const) {
  test(`a server that refuses streamed lists with ${what} is asked for pages, then and later`, async () => {
    const watched = new Feed();
    const page1 = { body: { metadata: { resourceVersion: '5', continue: 'next page' }, items: [item('a', '1')] } };
    const page2 = { body: { metadata: { resourceVersion: '5' }, items: [item('b', '2')] } };
    const { cache, clock, requests, end } = setUp([refusal, page1, page2, watched, page2]);
    await clock.advance(0);
    assert.deepEqual(content(cache), ['a=1', 'b=2']);
    assert.match(requests[2]?.path ?? '', /[?&]limit=500&continue=next%20page$/);
    assert.match(requests[3]?.path ?? '', /[?&]resourceVersion=5$/);
    watched.event('ERROR', statusBody(410, 'Expired'));
    await clock.advance(0);
    assert.match(requests[4]?.path ?? '', /configmaps\?limit=500$/);
    assert.deepEqual(content(cache), ['b=2']);
    await end();
  });
}

test('a server that ignores the wish for a streamed list and goes quiet is asked for pages', async () => {
  const feed = new Feed().event('ADDED', item('a', '1'));
  const { cache, clock, end } = setUp([
    feed,
    { body: { metadata: { resourceVersion: '5' }, items: [item('a', '1')] } },
  ]);
  await clock.advance(59_000);
  assert.equal(cache.hasSynced(), false);
  await clock.advance(2_000);
  assert.deepEqual(content(cache), ['a=1']);
  await end();
});

for (const [what, interrupt] of [
  ['closes', (feed: Feed) => feed.close()],
  ['is reset', (feed: Feed) => feed.reset()],
  ['is cut inside a line', (feed: Feed) => feed.push('{"type":"MODIFIED","obj').close()],
  ['is cut inside a line by a reset', (feed: Feed) => feed.push('{"type":"MODIFIED","obj').reset()],
  ['sends a line that is no JSON', (feed: Feed) => feed.push('<html>\n')],
  ['sends an ERROR event of 500', (feed: Feed) => feed.event('ERROR', statusBody(500, 'InternalError'))],
] as const) {
  test(`a watch that ${what} goes on at once from the last version, and nothing is listed again`, async () => {
    const first = listed().event('MODIFIED', item('a', '11'));
    const second = new Feed();
    const { cache, changes, clock, requests, end } = setUp([first, second]);
    await clock.advance(0);
    interrupt(first);
    await clock.advance(0);
    assert.equal(requests.length, 2);
    assert.match(requests[1]?.path ?? '', /[?&]resourceVersion=11$/);
    second.event('MODIFIED', item('b', '12'));
    await clock.advance(0);
    assert.deepEqual(content(cache), ['a=11', 'b=12']);
    assert.equal(changes.length, 4);
    await end();
  });
}

test('the version of a bookmark is where the watch resumes', async () => {
  const first = listed()
    .event('BOOKMARK', { metadata: { resourceVersion: '99' } })
    .close();
  const { clock, requests, end } = setUp([first]);
  await clock.advance(0);
  assert.match(requests[1]?.path ?? '', /[?&]resourceVersion=99$/);
  await end();
});

for (const [what, gone] of [
  ['as status', status(410, 'Expired')],
  ['as event', { body: new Feed().event('ERROR', statusBody(410, 'Gone')) }],
  ['by a server that cannot read the version', status(400, 'BadRequest')],
] as const) {
  test(`410 ${what} lists again, keeps the cache meanwhile, and tells only what really changed`, async () => {
    const again = new Feed();
    const { cache, changes, clock, requests, end } = setUp([listed().close(), gone, again]);
    await clock.advance(0);
    assert.match(requests[2]?.path ?? '', /sendInitialEvents=true/);
    again.event('ADDED', item('b', '20')).event('ADDED', item('c', '21'));
    await clock.advance(0);
    assert.deepEqual(content(cache), ['a=1', 'b=2'], 'the cache stands until the new list is complete');
    changes.length = 0;
    again.event('BOOKMARK', endOfList('30'));
    await clock.advance(0);
    assert.deepEqual(changes.sort(), ['added ns/c 21', 'deleted ns/a 1', 'updated ns/b 2>20']);
    assert.deepEqual(content(cache), ['b=20', 'c=21']);
    await end();
  });
}

test('repeated failures wait longer and longer, and Retry-After is respected', async () => {
  const refused = new Error('connect ECONNREFUSED');
  const busy = { ...status(429, 'TooManyRequests'), headers: { 'retry-after': '7' } };
  const { clock, requests, end } = setUp([listed().close(), refused, refused, refused, busy, new Feed()]);
  await clock.advance(0);
  assert.equal(requests.length, 2, 'the first resumption is at once');
  await clock.advance(199);
  assert.equal(requests.length, 2);
  await clock.advance(1);
  assert.equal(requests.length, 3);
  await clock.advance(400);
  assert.equal(requests.length, 4);
  await clock.advance(800);
  assert.equal(requests.length, 5);
  await clock.advance(6_999);
  assert.equal(requests.length, 5);
  await clock.advance(1);
  assert.equal(requests.length, 6);
  assert.ok(requests.slice(1).every(({ path }) => path.endsWith('resourceVersion=10')));
  await end();
});

test('an outage, however long, does not make a watch list again', async () => {
  const refused = Array.from({ length: 30 }, () => new Error('connect ECONNREFUSED'));
  const { clock, requests, end } = setUp([listed().close(), ...refused, new Feed()]);
  await clock.advance(3_600_000);
  assert.ok(requests.length >= 32);
  assert.ok(requests.slice(1).every(({ path }) => path.endsWith('resourceVersion=10')));
  await end();
});

test('an ERROR event that asks for patience gets it', async () => {
  const busy = { ...statusBody(429, 'TooManyRequests'), details: { retryAfterSeconds: 9 } };
  const { clock, requests, end } = setUp([listed().event('ERROR', busy), new Feed()]);
  await clock.advance(8_999);
  assert.equal(requests.length, 1);
  await clock.advance(1);
  assert.equal(requests.length, 2);
  await end();
});

test('a server that answers every resumption with an error is listed again in the end', async () => {
  const errors = Array.from({ length: 7 }, () => status(500, 'InternalError'));
  const { cache, clock, requests, end } = setUp([listed().close(), ...errors, new Feed()]);
  await clock.advance(60_000);
  assert.match(requests.at(-1)?.path ?? '', /sendInitialEvents=true/);
  assert.deepEqual(content(cache), ['a=1', 'b=2']);
  await end();
});

test('a watch that falls silent is given up and resumed; one that only sends bookmarks is not', async () => {
  const feed = listed();
  const { cache, clock, requests, end } = setUp([feed]);
  for (let minute = 0; minute < 10; minute += 1) {
    await clock.advance(60_000);
    feed.event('BOOKMARK', { metadata: { resourceVersion: String(100 + minute) } });
  }
  await clock.advance(0);
  assert.equal(requests.length, 1);
  assert.equal(cache.ageMs(), 0);
  await clock.advance(179_000);
  assert.equal(cache.ageMs(), 179_000);
  assert.equal(requests.length, 1);
  await clock.advance(2_000);
  assert.match(requests[1]?.path ?? '', /[?&]resourceVersion=109$/);
  await end();
});

test('chunks may be cut anywhere, and a line may come in many pieces', async () => {
  const text = `${JSON.stringify({ type: 'ADDED', object: item('ä', '1') })}\n\n${JSON.stringify({ type: 'BOOKMARK', object: endOfList('2') })}\n`;
  const { cache, clock, end } = setUp([new Feed().push(...text)]);
  await clock.advance(0);
  assert.deepEqual(content(cache), ['ä=1']);
  await end();
});
