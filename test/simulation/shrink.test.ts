import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeHistory } from './history.ts';
import { describeHistory, shrink } from './shrink.ts';

test('a history shrinks to the acts that the failure needs', async () => {
  const history = writeHistory('shrink');
  const needed = history.acts.filter((_act, index) => index % 5 === 2);
  assert.ok(needed.length >= 2 && history.acts.length >= 8, `${history.acts.length} acts`);
  const fails = (shorter: typeof history): Promise<boolean> =>
    Promise.resolve(needed.every((act) => shorter.acts.includes(act)));
  const shortest = await shrink(history, fails, () => true);
  assert.deepEqual(shortest.acts, needed);
  assert.equal(describeHistory(shortest).length, needed.length + 2);
});

test('shrinking stops when its time is over', async () => {
  const history = writeHistory('shrink');
  const same = await shrink(
    history,
    () => Promise.resolve(true),
    () => false,
  );
  assert.equal(same.acts.length, history.acts.length);
});
