import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Superseded } from './superseded.ts';

test('at least the last 8,192 versions are remembered, and at most twice as many', () => {
  const versions = new Superseded();
  const remembered = (from: number, to: number): number => {
    let count = 0;
    for (let n = from; n < to; n += 1) if (versions.has('ns/a', String(n))) count += 1;
    return count;
  };
  for (let n = 0; n < 30_000; n += 1) {
    versions.add('ns/a', String(n));
    if (n % 1_000 === 999) assert.equal(remembered(Math.max(0, n - 8_191), n + 1), Math.min(n + 1, 8_192));
  }
  assert.ok(remembered(0, 30_000) <= 16_384);
  assert.equal(versions.has('ns/b', '29999'), false, 'a version is that of one object');
  versions.clear();
  assert.equal(remembered(0, 30_000), 0);
});
