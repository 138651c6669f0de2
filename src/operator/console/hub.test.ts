import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../../telemetry/clock.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { type Feed, type FeedPatch, type FeedSnapshot, feedOf, reduceFeed } from './feed.ts';
import { createHub } from './hub.ts';
import { volumeRow } from './volume-row.fixture.ts';

const head = { version: '1', cluster: 'here', startedAt: 1, leader: true, apiUp: true };
const using = (used: number): Feed =>
  feedOf({ head, exports: [], volumes: [volumeRow({ used: String(used) })], happenings: [] });

interface Heard {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

function listener() {
  const heard: Heard[] = [];
  return {
    heard,
    send(event: string): void {
      assert.match(event, /\n\n$/);
      const fields = new Map(
        event.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
      );
      heard.push({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: fields.get('data') ?? '' });
    },
    names: () => heard.map(({ event }) => event).filter((event) => event !== 'beat'),
    used(): string | undefined {
      let feed: Feed | undefined;
      for (const { event, data } of heard) {
        const parsed: FeedSnapshot & FeedPatch = event === 'beat' ? {} : JSON.parse(data);
        if (event === 'snapshot') feed = feedOf(parsed);
        else if (event === 'patch' && feed) feed = reduceFeed(feed, parsed);
      }
      return [...(feed?.volumes.values() ?? [])][0]?.used;
    },
  };
}

function hubOver(feeds: { now: Feed; looks: number }) {
  const clock = createManualClock();
  const look = (): Feed => {
    feeds.looks += 1;
    return feeds.now;
  };
  return { clock, hub: createHub({ look, clock, random: systemRandom }) };
}

test('each page hears the state and then what changes; it is looked at once for all of them', async () => {
  const feeds = { now: using(1), looks: 0 };
  const { clock, hub } = hubOver(feeds);
  const pages = Array.from({ length: 20 }, listener);
  for (const page of pages) hub.join(page, undefined);
  feeds.looks = 0;
  feeds.now = using(2);
  await clock.advance(1_000);
  assert.equal(feeds.looks, 1);
  for (const page of pages) assert.deepEqual([page.names(), page.used()], [['snapshot', 'patch'], '2']);
  await clock.advance(3_000);
  assert.deepEqual(pages[0]?.names(), ['snapshot', 'patch'], 'nothing changed, nothing is told');
});

test('a page that comes back hears what it missed, and nothing else', async () => {
  const feeds = { now: using(1), looks: 0 };
  const { clock, hub } = hubOver(feeds);
  const first = listener();
  const leave = hub.join(first, undefined);
  const other = listener();
  hub.join(other, undefined);
  leave();
  for (const used of [2, 3]) {
    feeds.now = using(used);
    await clock.advance(1_000);
  }
  const again = listener();
  hub.join(again, first.heard[0]?.id);
  assert.deepEqual(again.names(), ['patch', 'patch']);
  const upToDate = listener();
  hub.join(upToDate, other.heard.findLast(({ event }) => event === 'patch')?.id);
  assert.deepEqual(upToDate.names(), []);
  assert.equal(first.names().length, 1, 'who left hears no more');
});

test('who was away for too long, knew another process, or says nonsense, gets the whole state', async () => {
  const feeds = { now: using(0), looks: 0 };
  const { clock, hub } = hubOver(feeds);
  const first = listener();
  hub.join(first, undefined);
  for (let used = 1; used <= 400; used += 1) {
    feeds.now = using(used);
    await clock.advance(1_000);
  }
  const run = first.heard[0]?.id.split('.')[0];
  for (const after of [first.heard[0]?.id, 'deadbeef.400', `${run}.401`, `${run}.-1`, `${run}.x`, `${run}`, '', '.']) {
    const page = listener();
    hub.join(page, after);
    assert.deepEqual([page.names(), page.used()], [['snapshot'], '400'], after);
  }
});

test('a beat tells that the connection lives; without a page nothing is looked at, and after the end nothing is sent', async () => {
  const feeds = { now: using(1), looks: 0 };
  const { clock, hub } = hubOver(feeds);
  const page = listener();
  const leave = hub.join(page, undefined);
  await clock.advance(20_000);
  const beats = page.heard.filter(({ event }) => event === 'beat').length;
  assert.ok(beats >= 4 && beats <= 6, `${beats} beats`);
  leave();
  await clock.advance(2_000);
  feeds.looks = 0;
  await clock.advance(60_000);
  assert.equal(feeds.looks, 0);
  hub.close();
  const late = listener();
  hub.join(late, undefined)();
  assert.deepEqual(late.heard, []);
});
