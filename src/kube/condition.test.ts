import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeOf, withCondition } from './condition.ts';

const NOW = Date.parse('2026-01-31T12:00:00.900Z');
const ready = { type: 'Ready', status: 'True', reason: 'Valid', message: 'fine', observedGeneration: 2 } as const;

test('a condition is added with the time, others stay as they are', () => {
  const other = { type: 'Other', status: 'False' } as const;
  assert.deepEqual(withCondition([other], ready, NOW), [
    other,
    { ...ready, lastTransitionTime: '2026-01-31T12:00:00Z' },
  ]);
});

test('the time stays while the status does, whatever the words, and moves with it', () => {
  const first = withCondition([], ready, NOW);
  const later = withCondition(first, { ...ready, message: 'still fine', observedGeneration: 3 }, NOW + 60_000);
  assert.deepEqual(later, [
    { ...ready, message: 'still fine', observedGeneration: 3, lastTransitionTime: timeOf(NOW) },
  ]);
  const gone = withCondition(later, { ...ready, status: 'False', reason: 'Invalid' }, NOW + 60_000);
  assert.equal(gone.length, 1);
  assert.equal(gone[0]?.lastTransitionTime, '2026-01-31T12:01:00Z');
});
