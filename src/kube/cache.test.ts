import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, content, listed, setUp } from './informer.fixture.ts';
import { endOfList, Feed, item, status } from './scripted.fixture.ts';

test('a list again that finds everything as it was tells nothing', async () => {
  const { changes, clock, end } = setUp([listed().close(), status(410, 'Expired'), listed()]);
  await clock.advance(0);
  assert.deepEqual(changes, ['added ns/a 1', 'added ns/b 2']);
  await end();
});

test('events that arrive again or late after a resumption change nothing', async () => {
  const first = listed().event('MODIFIED', item('a', '11')).event('DELETED', item('b', '12')).close();
  const second = new Feed();
  const { cache, changes, clock, end } = setUp([first, second]);
  await clock.advance(0);
  changes.length = 0;
  second
    .event('ADDED', item('a', '1'))
    .event('MODIFIED', item('a', '11'))
    .event('ADDED', item('b', '2'))
    .event('DELETED', item('b', '12'));
  await clock.advance(0);
  assert.deepEqual(changes, []);
  assert.deepEqual(content(cache), ['a=11']);
  second.event('ADDED', item('b', '13', { uid: 'second' })).event('DELETED', item('b', '12'));
  await clock.advance(0);
  assert.deepEqual(changes, ['added ns/b 13'], 'a late deletion does not remove the successor');
  await end();
});

test('a deletion of a predecessor, or one that cannot be read, removes nothing else', async () => {
  const feed = new Feed().event('ADDED', item('b', '5', { uid: 'second' })).event('BOOKMARK', endOfList('10'));
  const { cache, changes, clock, end } = setUp([feed]);
  await clock.advance(0);
  feed.event('DELETED', item('b', '4', { uid: 'first' }));
  await clock.advance(0);
  assert.deepEqual(content(cache), ['b=5']);
  const unreadable = { ...item('b', '12', { uid: 'second' }), data: 7 };
  feed
    .event('DELETED', unreadable)
    .event('ADDED', item('b', '13', { uid: 'third' }))
    .event('DELETED', unreadable);
  await clock.advance(0);
  assert.deepEqual(changes, ['added ns/b 5', 'deleted ns/b 5', 'added ns/b 13']);
  await end();
});

test('an object replaced under its name is a deletion and an addition', async () => {
  const feed = listed();
  const { changes, clock, end } = setUp([feed]);
  await clock.advance(0);
  changes.length = 0;
  feed.event('MODIFIED', item('a', '11', { uid: 'other' }));
  await clock.advance(0);
  assert.deepEqual(changes, ['deleted ns/a 1', 'added ns/a 11']);
  await end();
});

test('an object that cannot be read is left out of a list and left as it was by an event', async () => {
  const broken = (version: string): object => ({ ...item('b', version), data: { value: 7 } });
  const feed = new Feed().event('ADDED', item('a', '1')).event('ADDED', broken('2')).event('BOOKMARK', endOfList('10'));
  const { cache, clock, requests, end } = setUp([feed]);
  await clock.advance(0);
  assert.deepEqual(content(cache), ['a=1']);
  feed.event('MODIFIED', { ...item('a', '11'), data: [] }).close();
  await clock.advance(0);
  assert.deepEqual(content(cache), ['a=1']);
  assert.match(requests[1]?.path ?? '', /[?&]resourceVersion=11$/, 'the version is passed nevertheless');
  await end();
});

test('an index finds objects by value as they come, change and go', async () => {
  const feed = new Feed()
    .event('ADDED', item('a', '1', { value: 'x' }))
    .event('ADDED', item('b', '2', { value: 'x' }))
    .event('BOOKMARK', endOfList('10'));
  const { cache, clock, end } = setUp([feed]);
  await clock.advance(0);
  const names = (value: string): string[] => cache.byIndex('value', value).map((object) => object.metadata.name);
  assert.deepEqual(names('x'), ['a', 'b']);
  feed.event('MODIFIED', item('a', '11', { value: 'y' })).event('DELETED', item('b', '12', { value: 'z' }));
  await clock.advance(0);
  assert.deepEqual([names('x'), names('y'), names('z')], [[], ['a'], []]);
  assert.throws(() => cache.byIndex('nope', 'x'), /no index "nope"/);
  await end();
});

test('a handler that throws harms neither the cache nor the other handlers', async () => {
  const feed = listed();
  const { cache, changes, clock, end } = setUp([feed]);
  cache.onChange(() => assert.fail('handler'));
  const seen: string[] = [];
  const off = cache.onChange((change) => seen.push(brief(change)));
  await clock.advance(0);
  assert.deepEqual(seen, changes);
  off();
  feed.event('MODIFIED', item('a', '11'));
  await clock.advance(0);
  assert.equal(seen.length, 2);
  assert.equal(changes.length, 3);
  await end();
});

test('waiting for the first list ends with the signal, and run ends when aborted though the transport hangs', async () => {
  const { cache, clock, end } = setUp([]);
  await clock.advance(0);
  const giveUp = new AbortController();
  const waiting = cache.synced(giveUp.signal);
  giveUp.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(cache.ageMs(), Number.POSITIVE_INFINITY);
  await end();
});

test('a refresh lists again, though the watch hangs, and tells only what differs', async () => {
  const hanging = listed();
  const again = new Feed();
  const { cache, changes, clock, end } = setUp([hanging, again]);
  await clock.advance(0);
  changes.length = 0;
  let refreshed = false;
  void cache.refresh().then(() => {
    refreshed = true;
  });
  await clock.advance(0);
  assert.equal(refreshed, false);
  assert.deepEqual(content(cache), ['a=1', 'b=2'], 'what was known stays until then');
  hanging.event('MODIFIED', item('a', '9'));
  again.event('ADDED', item('a', '1')).event('ADDED', item('c', '11')).event('BOOKMARK', endOfList('12'));
  await clock.advance(0);
  assert.equal(refreshed, true);
  assert.deepEqual(changes, ['added ns/c 11', 'deleted ns/b 2']);
  await end();
});
