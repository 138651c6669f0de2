import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featuresOff } from '../features.ts';
import { refuseLockedDoor, reviewerOf } from './reviewer.ts';

const lacking = featuresOff(new Set(['create tokenreviews']));
const halfway = featuresOff(new Set(['create subjectaccessreviews']));
const other = featuresOff(new Set(['list pods']));

test('accounts come in where they may and where the operator can ask about them', () => {
  for (const who of ['both', 'cluster'] as const) {
    assert.equal(reviewerOf({ who }, [], 'client'), 'client', who);
    assert.equal(reviewerOf({ who }, other, 'client'), 'client', who);
    assert.equal(reviewerOf({ who }, lacking, 'client'), undefined, who);
    assert.equal(reviewerOf({ who }, halfway, 'client'), undefined, who);
  }
  assert.equal(reviewerOf({ who: 'token' }, [], 'client'), undefined);
});

test('an operator to whose console nobody could come does not start', () => {
  for (const off of [lacking, halfway]) {
    assert.throws(() => refuseLockedDoor({ who: 'cluster' }, off), { code: 'LARDER_PERMISSIONS', message: /grant it/ });
    refuseLockedDoor({ who: 'both' }, off);
    refuseLockedDoor({ who: 'token' }, off);
  }
  refuseLockedDoor({ who: 'cluster' }, other);
});
