import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW } from '../decide.fixture.ts';
import { grownOver } from './grown.ts';

const DAY = 86_400_000;
const at = (days: number, used: bigint) => ({ at: NOW - days * DAY, usedBytes: used, capacityBytes: 100n });
const bytes = (...points: readonly ReturnType<typeof at>[]) => grownOver(points, NOW).map((grown) => grown.bytes);

test('the newest less what lies nearest to each day, if that is near', () => {
  assert.deepEqual(bytes(), [undefined, undefined, undefined]);
  assert.deepEqual(bytes(at(0, 9n)), [undefined, undefined, undefined]);
  assert.deepEqual(bytes(at(31, 1n), at(7.5, 4n), at(1.05, 6n), at(0.95, 7n), at(0, 9n)), [3n, 5n, 8n]);
  assert.deepEqual(bytes(at(1.2, 4n), at(0, 9n)), [undefined, undefined, undefined], 'a fifth of a day is too far');
  assert.deepEqual(bytes(at(1, 9n), at(0, 4n)), [-5n, undefined, undefined]);
});
