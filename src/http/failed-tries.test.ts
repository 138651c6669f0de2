import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { createFailedTries } from './failed-tries.ts';

const nobody = async () => undefined;
const somebody = async () => 'ann';
const refused = { code: 'LARDER_HTTP_TOO_MANY' };

test('after twenty tokens that nobody has an address waits for the rest of a minute, and no other one does', async () => {
  const clock = createManualClock();
  const tries = createFailedTries(clock);
  for (let count = 0; count < 20; count += 1) await tries.known('10.0.0.1', nobody);
  await assert.rejects(tries.known('10.0.0.1', somebody), { ...refused, message: /try again in 60 s/ });
  assert.equal(await tries.known('10.0.0.2', somebody), 'ann');
  await clock.advance(59_999);
  await assert.rejects(tries.known('10.0.0.1', somebody), refused);
  await clock.advance(1);
  assert.equal(await tries.known('10.0.0.1', somebody), 'ann');
});

test('while tokens of an address wait for their answer, only so many more are asked about, and what fails is forgotten', async () => {
  const tries = createFailedTries(createManualClock());
  const open = Promise.withResolvers<string>();
  const waiting = Array.from({ length: 64 }, () => tries.known('10.0.0.1', () => open.promise));
  await assert.rejects(tries.known('10.0.0.1', somebody), { ...refused, message: /just now/ });
  assert.equal(await tries.known('10.0.0.2', somebody), 'ann');
  open.reject(new Error('the API server is away'));
  await Promise.allSettled(waiting);
  assert.equal(await tries.known('10.0.0.1', somebody), 'ann');
});
