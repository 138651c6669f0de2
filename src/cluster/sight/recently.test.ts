import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recently } from './recently.ts';

test('one answer for all who ask within the time, a new one after it, and none of a failure', async () => {
  let now = 0;
  let asked = 0;
  let fails = false;
  const look = recently({ monotonic: () => now }, 100, async () => {
    asked += 1;
    if (fails) throw new Error('away');
    return asked;
  });
  const { signal } = new AbortController();
  assert.deepEqual(await Promise.all([look(signal), look(signal)]), [1, 1]);
  now = 99;
  assert.equal(await look(signal), 1);
  now = 100;
  assert.equal(await look(signal), 2);
  now = 200;
  fails = true;
  await assert.rejects(look(signal), /away/);
  fails = false;
  assert.equal(await look(signal), 4, 'what failed is asked again at once');
});
