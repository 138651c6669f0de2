import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { createFailedTries } from './failed-tries.ts';

test('after twenty tokens that nobody has an address waits for the rest of a minute, and no other one does', async () => {
  const clock = createManualClock();
  const tries = createFailedTries(clock);
  for (let count = 0; count < 20; count += 1) {
    tries.check('10.0.0.1');
    tries.count('10.0.0.1');
  }
  assert.throws(() => tries.check('10.0.0.1'), { code: 'LARDER_HTTP_TOO_MANY', message: /try again in 60 s/ });
  tries.check('10.0.0.2');
  await clock.advance(59_999);
  assert.throws(() => tries.check('10.0.0.1'));
  await clock.advance(1);
  tries.check('10.0.0.1');
});
