import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../../telemetry/clock.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { type Feed, type FeedPatch, type FeedSnapshot, feedOf, reduceFeed, snapshotOf } from './feed.ts';
import { createHub } from './hub.ts';
import type { Sight } from './sight.ts';
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
  const joined = hub.join(first, undefined);
  const other = listener();
  hub.join(other, undefined);
  joined.leave();
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
  const joined = hub.join(page, undefined);
  await clock.advance(20_000);
  const beats = page.heard.filter(({ event }) => event === 'beat').length;
  assert.ok(beats >= 4 && beats <= 6, `${beats} beats`);
  joined.leave();
  await clock.advance(2_000);
  feeds.looks = 0;
  await clock.advance(60_000);
  assert.equal(feeds.looks, 0);
  hub.close();
  const late = listener();
  hub.join(late, undefined).leave();
  assert.deepEqual(late.heard, []);
});

const both = (used: number): Feed =>
  feedOf({
    head,
    exports: [],
    volumes: [
      volumeRow({ namespace: 'other', used: String(used) }),
      volumeRow({ namespace: 'team', used: String(used) }),
    ],
    happenings: [],
  });
const team: Sight = { storage: false, namespaces: new Set(['team']) };
const other: Sight = { storage: false, namespaces: new Set(['other']) };

test('a page hears of what it may see alone, and is not told of the rest at all', async () => {
  const feeds = { now: both(1), looks: 0 };
  const { clock, hub } = hubOver(feeds);
  const [all, mine] = [listener(), listener()];
  hub.join(all, undefined);
  hub.join(mine, undefined, team);
  feeds.now = feedOf({
    ...snapshotOf(both(1)),
    volumes: [volumeRow({ namespace: 'other', used: '9' }), volumeRow({ namespace: 'team', used: '1' })],
  });
  await clock.advance(1_000);
  assert.deepEqual(all.names(), ['snapshot', 'patch']);
  assert.deepEqual(mine.names(), ['snapshot']);
  feeds.now = both(3);
  await clock.advance(1_000);
  assert.deepEqual(mine.names(), ['snapshot', 'patch']);
  assert.equal(mine.used(), '3');
  assert.doesNotMatch(JSON.stringify(mine.heard), /other/);
});

test('who comes back resumes with what they may see; who saw something else gets everything anew', async () => {
  const feeds = { now: both(1), looks: 0 };
  const { clock, hub } = hubOver(feeds);
  const before = listener();
  hub.join(before, undefined, team).leave();
  const last = before.heard[0]?.id;
  hub.join(listener(), undefined);
  feeds.now = both(2);
  await clock.advance(1_000);
  const [again, stranger, everybody] = [listener(), listener(), listener()];
  hub.join(again, last, team);
  hub.join(stranger, last, other);
  hub.join(everybody, last);
  assert.deepEqual([again.names(), stranger.names(), everybody.names()], [['patch'], ['snapshot'], ['snapshot']]);
  assert.doesNotMatch(JSON.stringify(again.heard), /other/);
});

test('a page whose rights changed gets everything that it may see now, and from there on that', async () => {
  const feeds = { now: both(1), looks: 0 };
  const { clock, hub } = hubOver(feeds);
  const page = listener();
  const joined = hub.join(page, undefined, team);
  joined.see({ ...team, namespaces: new Set(['team']) });
  assert.deepEqual(page.names(), ['snapshot'], 'the same is not told again');
  joined.see(other);
  feeds.now = both(2);
  await clock.advance(1_000);
  assert.deepEqual(page.names(), ['snapshot', 'snapshot', 'patch']);
  assert.doesNotMatch(JSON.stringify(page.heard.slice(2)), /team/);
  joined.leave();
  feeds.now = both(3);
  await clock.advance(5_000);
  assert.equal(page.names().length, 3);
});
