import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPolicy } from './default-policy.ts';
import { policySchema } from './policy.ts';

test('without a file the policy is what an empty file says', () => {
  assert.deepEqual(policySchema.parse({}), defaultPolicy);
  assert.deepEqual(policySchema.parse(undefined), defaultPolicy);
});
