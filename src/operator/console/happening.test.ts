import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../kube/kinds.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { credibleHappenings, happeningOf, newestHappenings } from './happening.ts';
import { happeningsOf } from './happenings.ts';

const about = { kind: 'PersistentVolumeClaim', namespace: 'media', name: 'plex', uid: 'u1' };
const event = (over: Partial<Event> = {}): Event => ({
  ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace: 'media', uid: '', resourceVersion: '' } },
  ...{ involvedObject: about, type: 'Normal', reason: 'Grown', message: 'grew', count: 2 },
  lastTimestamp: '2026-01-02T03:04:05Z',
  ...over,
});

test('an event is told at its last time; one without an object or a time is not told', () => {
  assert.equal(happeningOf(event())?.at, Date.parse('2026-01-02T03:04:05Z'));
  const { lastTimestamp: _, ...timeless } = event();
  assert.equal(happeningOf({ ...timeless, eventTime: '2026-01-02T00:00:00.000000Z' })?.at, Date.parse('2026-01-02'));
  assert.equal(happeningOf(timeless), undefined);
  assert.equal(happeningOf(event({ involvedObject: { kind: 'Pod' } })), undefined);
  assert.equal(happeningOf(event({ type: 'Strange' }))?.type, 'Normal');
});

test('what this process tells again is the same as what it found, and goes on counting', () => {
  const clock = createManualClock();
  const written: string[] = [];
  const writer = { record: () => void written.push(''), flush: async () => undefined };
  const { recorder, happenings } = happeningsOf(writer, clock);
  const found = happeningOf(event());
  assert.ok(found);
  happenings.recall([found]);
  const { kind, ...metadata } = about;
  recorder.record({ apiVersion: 'v1', kind, metadata }, 'Normal', 'Grown', 'grew');
  assert.deepEqual(
    happenings.list().map(({ id, count }) => [id, count]),
    [[found.id, 3]],
  );
  happenings.recall([found]);
  assert.equal(happenings.list().length, 1);
  assert.equal(written.length, 1);
});

test('of many the newest stay, newest first, each once', () => {
  const told = [1, 5, 3, 5].map((at) => ({ ...(happeningOf(event()) ?? never()), id: `${at}`, at }));
  assert.deepEqual(
    newestHappenings(told, 2).map(({ at }) => at),
    [5, 3],
  );
});

test('nobody hides what others are told by events of the future, or by very many', () => {
  const own = happeningOf(event()) ?? never();
  const other = { ...own, id: 'other', namespace: 'other', at: 1_000 };
  const flood = Array.from({ length: 500 }, (_, at) => ({ ...own, id: `${at}`, at: 2_000 + at }));
  const future = Array.from({ length: 500 }, (_, at) => ({ ...own, id: `f${at}`, at: 9e14 + at }));
  const told = newestHappenings(credibleHappenings([...future, ...flood, other], 5_000), 200);
  assert.equal(told.length, 61);
  assert.equal(told.at(-1), other);
  assert.equal(told[0]?.at, 2_499);
});

function never(): never {
  throw new Error('the fixture is a happening');
}
