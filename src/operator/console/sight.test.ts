import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ExportRow } from '../api.ts';
import { type Feed, feedOf, type Happening, patchBetween, reduceFeed, snapshotOf } from './feed.ts';
import { everything, feedIn, namespacesIn, patchIn, type Sight, tagOf } from './sight.ts';
import { volumeRow } from './volume-row.fixture.ts';

const head = { version: '1', cluster: 'here', startedAt: 1, leader: true, apiUp: true };
const namespace = fc.constantFrom('team', 'team-b', 'other', '');
const row = fc
  .record({ namespace, claim: fc.constantFrom('x', 'y'), used: fc.constantFrom('1', '2') })
  .map((fields) => volumeRow({ ...fields, volume: 'pvc-1' }));
const happening = fc.record({ namespace, id: fc.nat(8), at: fc.nat(3) }).map(
  ({ namespace: of, id, at }): Happening => ({
    ...{ id: `${of} ${id}`, at, count: 1, type: 'Normal', kind: 'PersistentVolumeClaim' },
    ...{ namespace: of, name: 'x', reason: 'Told', message: 'x' },
  }),
);
const exportOf = (free: number): ExportRow =>
  Object({ name: 'nas', backend: 'nfs', root: '/x', up: true, detail: '', freeBytes: String(free) });
const feed: fc.Arbitrary<Feed> = fc
  .record({ rows: fc.array(row, { maxLength: 6 }), told: fc.array(happening, { maxLength: 6 }), free: fc.nat(1) })
  .map(({ rows, told, free }) => {
    const newest = [...new Map(told.map((each) => [each.id, each])).values()].sort((one, next) => next.at - one.at);
    return feedOf({ head, exports: [exportOf(free)], volumes: rows, happenings: newest });
  });
const sight: fc.Arbitrary<Sight> = fc.record({
  storage: fc.boolean(),
  namespaces: fc.oneof(
    fc.constant('all' as const),
    fc.subarray(['team', 'team-b', 'other']).map((names) => new Set(names)),
  ),
});
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value));

test('what is seen of a change makes what was seen before into what is seen after', () => {
  fc.assert(
    fc.property(sight, feed, feed, (eyes, before, next) => {
      // Happenings are never taken back: later ones stand beside those that were told.
      const told = new Map([...before.happenings, ...next.happenings].map((each) => [each.id, each]));
      const after = { ...next, happenings: [...told.values()].sort((one, other) => other.at - one.at) };
      const patch = patchBetween(before, after);
      const seen = patch && patchIn(eyes, sent(patch));
      const reached = seen ? reduceFeed(feedIn(eyes, before), sent(seen)) : feedIn(eyes, before);
      const order = (one: Happening, other: Happening): number => other.at - one.at || (one.id < other.id ? -1 : 1);
      const plain = (state: Feed) => {
        const { volumes, ...rest } = snapshotOf(state);
        return {
          ...rest,
          volumes: new Map(volumes.map((each) => [`${each.namespace}/${each.claim}`, each])),
          happenings: [...rest.happenings].sort(order),
        };
      };
      assert.deepEqual(plain(reached), plain(feedIn(eyes, after)));
    }),
  );
});

test('nothing of a namespace that is not seen is in what is sent, by any field', () => {
  fc.assert(
    fc.property(feed, feed, (before, after) => {
      const eyes: Sight = { storage: false, namespaces: new Set(['team']) };
      const patch = patchBetween(before, after);
      const text = JSON.stringify([snapshotOf(feedIn(eyes, after)), patch && patchIn(eyes, patch)]);
      assert.doesNotMatch(text, /other|team-b|"nas"|"namespace":""/);
    }),
  );
});

test('who sees everything has no tag, who sees the same has the same, and who sees less has another', () => {
  const tags = [
    everything,
    { storage: false, namespaces: 'all' as const },
    { storage: true, namespaces: new Set<string>() },
    { storage: false, namespaces: new Set<string>() },
    { storage: false, namespaces: new Set(['a', 'b']) },
    { storage: false, namespaces: new Set(['a,b']) },
    { storage: false, namespaces: new Set(['all']) },
  ].map(tagOf);
  assert.equal(tags[0], '');
  assert.equal(new Set(tags).size, tags.length);
  assert.equal(tagOf({ storage: false, namespaces: new Set(['b', 'a']) }), tags[4]);
});

test('the namespaces of a feed are those of its volumes and of what happened', () => {
  const told: Happening = {
    ...{ id: '1', at: 1, count: 1, type: 'Normal', kind: 'x', name: 'x', reason: 'x', message: 'x' },
    namespace: 'gone',
  };
  const state = feedOf({ head, exports: [], volumes: [volumeRow({ namespace: 'a' })], happenings: [told] });
  assert.deepEqual([...namespacesIn(state)].sort(), ['a', 'gone']);
});
