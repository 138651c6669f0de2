import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Ending, FIRST, next, type Phase } from './phase.ts';

const watching: Phase = { kind: 'watch', resourceVersion: '5', failures: 0, paged: false };

test('a complete list leads to a watch from its version', () => {
  const { phase, wait } = next(FIRST, { kind: 'listed', resourceVersion: '7' });
  assert.deepEqual(phase, { kind: 'watch', resourceVersion: '7', failures: 0, paged: false });
  assert.equal(wait.kind, 'none');
});

test('a server that refuses streams is remembered', () => {
  const { phase: list } = next(FIRST, { kind: 'refused' });
  assert.equal(list.kind, 'list');
  const { phase: watch } = next(list, { kind: 'listed', resourceVersion: '7' });
  const { phase: again } = next(watch, { kind: 'expired' });
  assert.equal(again.kind, 'list');
});

test('list and 410 in turns slow down', () => {
  let phase: Phase = FIRST;
  const attempts: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    phase = next(phase, { kind: 'listed', resourceVersion: '7' }).phase;
    const step = next(phase, { kind: 'expired' });
    attempts.push(step.wait.kind === 'none' ? -1 : step.wait.attempt);
    phase = step.phase;
  }
  assert.deepEqual(attempts, [-1, -1, 1, 2, 3]);
});

test('a watch that did its job resumes at once however often it failed before', () => {
  const tired: Phase = { ...watching, failures: 5 };
  const ended = { kind: 'ended', resourceVersion: '9', healthy: true, retryAfterMs: 0 } as const;
  assert.deepEqual(next(tired, ended), {
    phase: { ...watching, resourceVersion: '9', failures: 1 },
    wait: { kind: 'none' },
  });
  const waiting = next(tired, { ...ended, healthy: false });
  assert.deepEqual(waiting.wait, { kind: 'backoff', attempt: 4, atLeastMs: 0 });
});

test('a server that cannot be reached never makes a watch forget its version; one that answers nonsense does', () => {
  let phase: Phase = watching;
  for (let round = 0; round < 100; round += 1) {
    phase = next(phase, { kind: 'failed', answered: false, retryAfterMs: 0 }).phase;
  }
  assert.equal(phase.kind, 'watch');
  assert.equal(next(phase, { kind: 'failed', answered: true, retryAfterMs: 0 }).phase.kind, 'stream');
});

test('property: whatever happens, only a first ending of its kind goes on without a wait', () => {
  const ending: fc.Arbitrary<Ending> = fc.oneof(
    fc.record({ kind: fc.constant('failed' as const), answered: fc.boolean(), retryAfterMs: fc.nat(1_000) }),
    fc.record({
      kind: fc.constant('ended' as const),
      resourceVersion: fc.string({ minLength: 1, maxLength: 3 }),
      healthy: fc.constant(false),
      retryAfterMs: fc.nat(1_000),
    }),
    fc.constant({ kind: 'expired' as const }),
    fc.record({ kind: fc.constant('listed' as const), resourceVersion: fc.string({ minLength: 1, maxLength: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(ending, { minLength: 1, maxLength: 40 }), (endings) => {
      let phase: Phase = FIRST;
      let hasty = 0;
      for (const each of endings) {
        // A list phase cannot end as a watch does, nor a watch as a list.
        const fits = each.kind === 'failed' || (phase.kind === 'watch') === (each.kind !== 'listed');
        if (!fits) continue;
        const step = next(phase, each);
        if (each.kind !== 'listed' && step.wait.kind === 'none') hasty += 1;
        if (each.kind === 'failed' && each.retryAfterMs > 0) {
          assert.ok(step.wait.kind === 'backoff' && step.wait.atLeastMs === each.retryAfterMs);
        }
        phase = step.phase;
      }
      assert.ok(hasty <= 2, `${hasty} retries without a wait`);
    }),
  );
});
