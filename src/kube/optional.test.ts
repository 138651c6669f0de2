/** A cache of a kind whose definition may not be there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../telemetry/log.ts';
import { content, listed, setUp } from './informer.fixture.ts';
import { Feed, status } from './scripted.fixture.ts';

const missing = status(404, 'NotFound');

test('a kind that the server does not have leaves the cache complete and empty, and is found when it comes', async () => {
  const { cache, changes, clock, end } = setUp([missing, missing, listed()], { optional: true });
  await clock.advance(0);
  assert.ok(cache.hasSynced());
  assert.equal(cache.isServed(), false);
  await cache.synced();
  await clock.advance(121_000);
  assert.ok(cache.isServed());
  assert.deepEqual(content(cache), ['a=1', 'b=2']);
  assert.equal(changes.length, 2);
  await end();
});

test('a kind that goes takes its objects along, and not at the first answer without it', async () => {
  const gone = Array.from({ length: 40 }, () => missing);
  const feed = listed();
  const { cache, clock, end } = setUp([feed, ...gone], { optional: true });
  await clock.advance(0);
  feed.close();
  await clock.advance(1);
  assert.deepEqual(content(cache), ['a=1', 'b=2']);
  await clock.advance(600_000);
  assert.equal(cache.isServed(), false);
  assert.deepEqual(content(cache), []);
  await end();
});

test('that a kind is not there is one line, however long it lasts, and no trouble', async () => {
  const lines: string[] = [];
  const note =
    (level: string) =>
    (_: unknown, message?: string): void =>
      void lines.push(`${level}: ${message}`);
  const log = { ...silentLog, info: note('info'), warn: note('warn'), error: note('error') };
  const gone = Array.from({ length: 20 }, () => missing);
  const { clock, end } = setUp([...gone, listed()], { optional: true, log });
  await clock.advance(300_000);
  assert.deepEqual(lines, ['info: the API server does not have this kind; looked for again']);
  await end();
});

test('a refresh of a kind that is not there ends', async () => {
  const { cache, clock, end } = setUp([missing, missing, missing, missing], { optional: true });
  await clock.advance(0);
  const refreshed = cache.refresh();
  await clock.advance(0);
  await refreshed;
  await end();
});

test('where the kind must be there its absence is trouble: the cache waits', async () => {
  const { cache, clock, end } = setUp([missing, new Feed()]);
  await clock.advance(0);
  assert.equal(cache.hasSynced(), false);
  assert.ok(cache.isServed());
  await end();
});
