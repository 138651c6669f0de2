import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shares } from './shares.ts';

test('one folder has no more than its share, and takes nothing from another', () => {
  const shares = new Shares(2);
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'c'].map((key) => shares.enter('/near', key)),
    [true, true, false, false, false],
  );
  assert.equal(shares.enter('/far', 'e'), true);
  assert.equal(shares.leave('/near'), 'c', 'the first that waited');
  assert.equal(shares.enter('/near', 'c'), true);
  assert.equal(shares.enter('/near', 'f'), false);
  assert.deepEqual([shares.leave('/near'), shares.leave('/near'), shares.leave('/far')], ['d', 'f', undefined]);
});

test('who entered at last is not called once more', () => {
  const shares = new Shares(1);
  shares.enter('/near', 'a');
  shares.enter('/near', 'b');
  shares.enter('/near', 'c');
  assert.equal(shares.leave('/near'), 'b');
  assert.equal(shares.enter('/near', 'c'), true, 'it looked again by itself');
  assert.equal(shares.enter('/near', 'b'), false);
  assert.equal(shares.leave('/near'), 'b');
  assert.equal(shares.leave('/near'), undefined);
});
