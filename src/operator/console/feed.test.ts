import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { VolumeRow } from '../api.ts';
import {
  type Feed,
  type FeedSnapshot,
  feedOf,
  HAPPENINGS_AT_MOST,
  type Happening,
  patchBetween,
  reduceFeed,
  snapshotOf,
  withHappened,
} from './feed.ts';
import { volumeRow } from './volume-row.fixture.ts';

const head = { version: '1', cluster: 'here', startedAt: 1, leader: true, apiUp: true };
const empty: Feed = { head, exports: new Map(), volumes: new Map(), happenings: [] };
const withVolumes = (...rows: readonly VolumeRow[]): Feed => feedOf({ ...snapshotOf(empty), volumes: rows });
/** As it arrives on the other side. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value));

const row = fc
  .record({
    namespace: fc.constantFrom('a', 'b'),
    claim: fc.constantFrom('x', 'y', '__proto__', ''),
    volume: fc.constantFrom('', 'pvc-1'),
    used: fc.constantFrom('', '1', '2'),
    usedRatio: fc.option(fc.constantFrom(0, 0.5), { nil: undefined }),
    fullInMs: fc.option(fc.nat(3), { nil: undefined }),
    state: fc.constantFrom('ok', 'filling'),
  })
  .map(({ usedRatio, fullInMs, ...rest }) => {
    const { usedRatio: _, ...base } = volumeRow(rest);
    return {
      ...base,
      ...(usedRatio === undefined ? {} : { usedRatio }),
      ...(fullInMs === undefined ? {} : { fullInMs }),
    };
  });
const happening = fc.record({ id: fc.constantFrom('1', '2', '3'), at: fc.nat(3) }).map(
  ({ id, at }): Happening => ({
    ...{ id, at, count: 1, type: 'Normal', kind: 'PersistentVolumeClaim' },
    ...{ namespace: 'a', name: 'x', reason: 'Told', message: id },
  }),
);
const snapshot: fc.Arbitrary<FeedSnapshot> = fc
  .record({ leader: fc.boolean(), volumes: fc.array(row, { maxLength: 6 }) })
  .map(({ leader, volumes }) => ({ head: { ...head, leader }, exports: [], volumes, happenings: [] }));

test('what the patch between two states makes of the first is the second, also after it was sent', () => {
  fc.assert(
    fc.property(snapshot, snapshot, fc.array(happening, { maxLength: 4 }), (one, other, happened) => {
      const before = feedOf(one);
      const after = { ...feedOf(other), happenings: withHappened(before.happenings, happened.slice(0, 1)) };
      const patch = patchBetween(before, after);
      assert.deepEqual(patch ? reduceFeed(before, sent(patch)) : before, after);
    }),
  );
});

test('a snapshot carries everything, and nothing is told where nothing changed', () => {
  fc.assert(
    fc.property(snapshot, (given) => {
      const feed = feedOf(given);
      assert.deepEqual(feedOf(sent(snapshotOf(feed))), feed);
      assert.equal(patchBetween(feed, feedOf(sent(snapshotOf(feed)))), undefined);
    }),
  );
});

test('of a row that changed only the changed fields travel; one that lost a field travels whole', () => {
  const before = withVolumes(volumeRow({ fullInMs: 5 }));
  const used = patchBetween(before, withVolumes(volumeRow({ fullInMs: 5, used: '7' })));
  assert.deepEqual(used, { volumes: { change: { 'media/plex-config/pvc-1': { used: '7' } } } });
  const emptied = patchBetween(before, withVolumes(volumeRow()));
  assert.deepEqual(emptied?.volumes?.set, [volumeRow()]);
});

test('what a patch does not touch stays the same object, so that it is not drawn anew', () => {
  const before = withVolumes(volumeRow(), volumeRow({ claim: 'other' }));
  const after = reduceFeed(before, { volumes: { change: { 'media/other/pvc-1': { used: '9' } } } });
  assert.equal(after.volumes.get('media/plex-config/pvc-1'), before.volumes.get('media/plex-config/pvc-1'));
  assert.equal(after.volumes.get('media/other/pvc-1')?.used, '9');
});

test('what is learned late stands where it belongs, on the page as in the operator', () => {
  const told = (id: string, at: number): Happening => ({
    ...{ id, at, count: 1, type: 'Normal', kind: 'PersistentVolumeClaim' },
    ...{ namespace: 'a', name: 'x', reason: 'Told', message: id },
  });
  const before = { ...empty, happenings: [told('new', 9)] };
  const after = { ...empty, happenings: withHappened(before.happenings, [told('old', 1), told('older', 1)]) };
  const patch = patchBetween(before, after);
  assert.ok(patch);
  assert.deepEqual(reduceFeed(before, sent(patch)), after);
  assert.deepEqual(
    after.happenings.map(({ id }) => id),
    ['new', 'old', 'older'],
  );
});

test('what happens again moves to the front, and no more is kept than is shown', () => {
  const told = (id: string, at: number): Happening => ({
    ...{ id, at, count: 1, type: 'Warning', kind: 'PersistentVolumeClaim' },
    ...{ namespace: 'a', name: 'x', reason: 'Told', message: id },
  });
  const known = [told('b', 2), told('a', 1)];
  assert.deepEqual(
    withHappened(known, [told('a', 3)]).map(({ id, at }) => `${id}${at}`),
    ['a3', 'b2'],
  );
  const many = Array.from({ length: HAPPENINGS_AT_MOST + 5 }, (_, index) => told(`n${index}`, index));
  assert.equal(withHappened(known, many).length, HAPPENINGS_AT_MOST);
});
