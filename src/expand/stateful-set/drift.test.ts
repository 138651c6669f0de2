import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftOf } from './drift.ts';
import { claimOf, setOf } from './stateful-set.fixture.ts';

const drift = (...claims: Parameters<typeof driftOf>[1]) => driftOf(setOf(), claims)[0];

test('the largest claim of the template counts, whatever its ordinal', () => {
  assert.deepEqual(drift(claimOf('data-db-0', '10Gi'), claimOf('data-db-12', '20Gi'), claimOf('data-db-2', '15Gi')), {
    template: 'data',
    written: '10Gi',
    claims: 3,
    largest: 'data-db-12',
    live: '20Gi',
    outgrown: true,
  });
});

test('claims of others do not count', () => {
  const others = ['data-db-x', 'data-db-1-0', 'data-db-', 'data-other-0', 'xdata-db-0', 'data'];
  assert.equal(drift(...others.map((name) => claimOf(name, '90Gi')))?.claims, 0);
});

test('what was not granted, not asked for, or smaller does not count', () => {
  assert.equal(drift(claimOf('data-db-0', '1Ti', { capacity: '10Gi' }))?.outgrown, false);
  assert.equal(drift(claimOf('data-db-0', '10Gi', { capacity: '100Gi' }))?.outgrown, false);
  assert.equal(drift(claimOf('data-db-0', '5Gi'))?.outgrown, false);
  assert.equal(drift(claimOf('data-db-0', '1Ti', { capacity: '12Gi' }))?.live, '12Gi');
  const { status: _, ...unbound } = claimOf('data-db-0', '50Gi');
  assert.deepEqual([drift(unbound)?.outgrown, drift(unbound)?.claims], [false, 1]);
});
