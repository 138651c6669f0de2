/** The simulation must catch broken variants of the product; each is caught by a seed that is named here. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { mutants } from './mutants.ts';
import { runSeeds } from './run.ts';

/** The seed that catches a mutant soonest; when histories change and it no longer does, the first seeds are tried. */
const caughtBy: ReadonlyMap<string, string> = new Map([
  ['volumes are saved without the finalizer', '16'],
  ['the cooldown is not written with the size', '1'],
  ['an old measurement is taken for a new one', '4'],
  ['a volume is deleted without precondition', '152'],
  ['a directory is removed because its volume could not be saved', '19'],
  ['a late completion is not undone', '5'],
  ['a claim under way does not reserve its directory', '2'],
  ['a reservation goes before the cache shows the volume', '26'],
  ['namespaces are not told apart when a directory is asked for', '1'],
  ['nested directories are given out', '5'],
  ['one measurement at the threshold is enough', '4'],
  ['the cooldown is not waited for', '1'],
  ['growths per day are not counted', '30'],
  ['a second attempt makes a volume of another name', '1'],
  ['a directory that cannot be looked at counts as gone', '5'],
  ['what holds is announced again in every pass', '1'],
  ['a cause that lasts is told once and never again', '1'],
  ['the trash is emptied a week early', '1'],
  ['an adopted directory is deleted like any other', '2'],
  ['Retain is not respected', '12'],
  ['the note of a moved directory is written after the move', '5'],
  ['a resize forgets the claim', '1'],
  ['a watch that resumes does not say from where', '2'],
  ['measurements of the future are kept', '4'],
]);
const LEAST = 12;
const MORE_SEEDS = Array.from({ length: 40 }, (_, index) => String(index + 1));

const caught = mutants.filter(({ name }) => caughtBy.has(name));

// A mutant is caught by one process in a moment, most of which is its start: one for each processor.
describe('each of these is caught', { concurrency: availableParallelism() }, () => {
  for (const mutant of caught) {
    test(mutant.name, async () => {
      const first = caughtBy.get(mutant.name) ?? '1';
      const one = { patch: mutant, untilViolation: true, once: true, shrinkMs: 0 };
      const quick = await runSeeds({ ...one, seeds: [first] });
      if (quick.violations.length > 0) return;
      const thorough = await runSeeds({ ...one, seeds: MORE_SEEDS });
      assert.notEqual(thorough.violations.length, 0, `not caught by ${thorough.played} seeds`);
    });
  }
});

test('every name in the list is a mutant, and there are enough of them', (context) => {
  assert.equal(caught.length, caughtBy.size);
  assert.ok(caught.length >= LEAST);
  const open = mutants.filter(({ name }) => !caughtBy.has(name)).map(({ name }) => name);
  context.diagnostic(`not caught within ${MORE_SEEDS.length} seeds, so not counted: ${open.join('; ')}`);
});
