import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ExportLook, noLooks, STEP_MS, withLook } from './export-looks.ts';

const answered = (at: number, tookMs = 3): ExportLook => ({ at, tookMs, problem: '', freeBytes: 7n });
const silent = (at: number): ExportLook => ({ at, tookMs: 5_000, problem: 'did not answer' });
const after = (looks: readonly ExportLook[]) => looks.reduce(withLook, noLooks);

test('looks of one step are counted together, with the slowest answer and the last free space', () => {
  const { steps, last } = after([answered(0, 3), answered(10_000, 9), silent(20_000), answered(STEP_MS, 2)]);
  assert.deepEqual(steps, [
    { at: 0, looks: 3, missed: 1, slowestMs: 9, freeBytes: 7n },
    { at: STEP_MS, looks: 1, missed: 0, slowestMs: 2, freeBytes: 7n },
  ]);
  assert.equal(last?.tookMs, 2);
});

test('going down and coming back are told, staying so is not; an export that was down from the first is told too', () => {
  const { changes } = after([answered(0), silent(1), silent(2), answered(3), answered(4)]);
  assert.deepEqual(changes, [
    { at: 3, up: true, problem: '' },
    { at: 1, up: false, problem: 'did not answer' },
  ]);
  assert.equal(after([silent(0)]).changes.length, 1);
  assert.equal(after([answered(0)]).changes.length, 0);
});

test('whatever happens no more than a day is kept, in order, and no look is counted twice', () => {
  const look = fc.record({ step: fc.nat(900), up: fc.boolean() });
  fc.assert(
    fc.property(fc.array(look, { maxLength: 600 }), (given) => {
      const looks = given.map(({ step, up }) => (up ? answered(step * STEP_MS) : silent(step * STEP_MS)));
      const { steps, changes } = after(looks);
      assert.ok(steps.length <= 288 && changes.length <= 50);
      assert.ok(steps.every(({ at }, index) => index === 0 || at > (steps[index - 1]?.at ?? 0)));
      assert.ok(steps.reduce((sum, each) => sum + each.looks, 0) <= looks.length);
      assert.ok(steps.every(({ looks: of, missed }) => missed <= of));
    }),
    { numRuns: 30 },
  );
});
