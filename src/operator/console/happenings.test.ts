import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EventRecorder } from '../../kube/events.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { type Happening, withHappened } from './feed.ts';
import { idOfHappening } from './happening.ts';
import { happeningsOf } from './happenings.ts';

const deaf: EventRecorder = { record: () => undefined, flush: () => Promise.resolve() };

/** One of so many objects, at the same time as the one before or later, and whether somebody looks then. */
const recordings = (objects: number) =>
  fc.array(fc.record({ object: fc.nat(objects - 1), laterMs: fc.nat(1), looked: fc.boolean() }), {
    maxLength: 500,
    size: 'max',
  });

/** Of what has fallen out of the list meanwhile, it may still be known how often it happened. */
const withoutCounts = (list: readonly Happening[]): readonly object[] => list.map(({ count: _, ...rest }) => rest);

const isListed = (objects: number, seen: (list: readonly Happening[]) => readonly object[]): Promise<void> =>
  fc.assert(
    fc.asyncProperty(recordings(objects), async (recordings) => {
      const clock = createManualClock();
      const { recorder, happenings } = happeningsOf(deaf, clock);
      let expected: readonly Happening[] = [];
      for (const { object, laterMs, looked } of recordings) {
        if (laterMs > 0) await clock.advance(laterMs);
        const name = `claim-${object}`;
        recorder.record(
          { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name } },
          'Normal',
          'Told',
          'so',
        );
        const count = (expected.find((each) => each.name === name)?.count ?? 0) + 1;
        const about = { kind: 'PersistentVolumeClaim', namespace: '', name, reason: 'Told', message: 'so' };
        const id = idOfHappening({ ...about, uid: '' });
        expected = withHappened(expected, [{ ...about, id, at: clock.now(), count, type: 'Normal' }]);
        if (looked) assert.deepEqual(seen(happenings.list()), seen(expected));
      }
      assert.deepEqual(seen(happenings.list()), seen(expected));
      assert.equal(happenings.list(), happenings.list(), 'nothing new: the same list');
    }),
    { numRuns: 10 },
  );

test('what is recorded is listed as if each were put in its place at once, whenever somebody looks', () =>
  isListed(150, (list) => list));

test('of more than can be listed the newest are', () => isListed(320, withoutCounts));
