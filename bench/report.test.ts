import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distribution, readable, tableOf } from './report.ts';

test('a distribution is min, median and 99th percentile of the samples in any order', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(distribution(samples), { min: 1, median: 51, p99: 100 });
  assert.deepEqual(distribution([7]), { min: 7, median: 7, p99: 7 });
  assert.throws(() => distribution([]), /without a sample/);
});

test('numbers are printed with three digits that count', () => {
  assert.deepEqual([0.012345, 1.23456, 99.99, 123.4, 1234567].map(readable), [
    '0.0123',
    '1.23',
    '100',
    '123',
    '1,234,567',
  ]);
});

test('a row says its ratio and whether it met its bar', () => {
  const row = { what: 'writes', unit: '/s', median: 3456.7, ratio: { to: 'fdatasync', value: 2.345 } };
  const table = tableOf({
    about: '',
    rows: [
      { ...row, bar: { text: '≥ 3,000', met: true } },
      { ...row, bar: { text: '≥ 9,000', met: false } },
    ],
  });
  assert.match(table, /writes.*3,457.*2\.35 × fdatasync.*✓ ≥ 3,000/);
  assert.match(table, /✗ ≥ 9,000/);
});
