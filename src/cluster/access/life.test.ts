import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLife } from './life.ts';

test('a life is some hours, never more than twelve', () => {
  const hour = 3_600_000;
  for (const [text, ms] of [
    ['8h', 8 * hour],
    ['12h', 12 * hour],
    ['90m', 1.5 * hour],
    ['1h30m', 1.5 * hour],
    ['600s', hour / 6],
  ] as const) {
    assert.deepEqual(readLife(text), { kind: 'life', ms });
  }
  for (const text of ['12h1s', '13h', '9m', '0h', '', '8', 'h', '8 h', '-8h', '1d', '999999h']) {
    assert.equal(readLife(text).kind, 'invalid', text);
  }
});
