/** The simulation must catch broken variants of the product: each by the history that leads to it. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { growthMutants } from './growth-mutants.ts';
import { momentMutants } from './moment-mutants.ts';
import { mutants as others } from './mutants.ts';
import { returnMutants } from './return-mutants.ts';
import { runSeeds } from './run.ts';
import { secondMutants } from './second-mutants.ts';
import { storageMutants } from './storage-mutants.ts';

const directed = [...growthMutants, ...momentMutants, ...storageMutants, ...secondMutants, ...returnMutants];
const mutants = [...others, ...directed];

/** A seed that catches a mutant; when the product's course changes and it no longer does, its siblings are tried. */
const caughtBy: ReadonlyMap<string, string> = new Map([
  [
    'volumes are saved without the finalizer',
    'volumes are deleted before their claims, and nobody is there to see it/1',
  ],
  ['the cooldown is not written with the size', 'an ordinary day/1'],
  ['a stale measurement is trusted', 'nothing is measured while the API is out of reach of what was measured last/1'],
  [
    'an old measurement is taken for a new one',
    'nothing is measured while the API is out of reach of what was measured last/1',
  ],
  [
    'a directory is removed because its volume could not be saved',
    'volumes are saved slowly, or not at all, where directories hold data of old/1',
  ],
  ['a late completion is not undone', 'removals land late, and their names are wanted again/1'],
  ['a claim under way does not reserve its directory', 'an ordinary day/1'],
  ['a reservation goes before the cache shows the volume', 'watches break while two namespaces want the same/7'],
  ['a new leader believes its old caches', 'who follows misses what the leader did last/10'],
  ['namespaces are not told apart when a directory is asked for', 'an ordinary day/1'],
  [
    'a directory that is about to be moved away is given out',
    'a directory is asked for while another process of its folder moves it away/3',
  ],
  ['nested directories are given out', 'an ordinary day/1'],
  ['the largest size does not count', 'the largest size is near and no multiple of the step/1'],
  ['a size is not rounded down to the step below a ceiling', 'the largest size is near and no multiple of the step/1'],
  ['no measurement at the threshold is needed', 'an ordinary day/1'],
  ['the cooldown is not waited for', 'an ordinary day/1'],
  ['growths per day are not counted', 'an ordinary day/1'],
  [
    'a second attempt makes a volume of another name',
    'volumes are saved slowly, or not at all, where directories hold data of old/2',
  ],
  ['a directory that cannot be looked at counts as gone', 'an export answers nothing but errors when volumes go/1'],
  ['what holds is announced again in every pass', 'an ordinary day/1'],
  ['a cause that lasts is told once and never again', 'an ordinary day/1'],
  ['the trash is emptied a week early', 'an ordinary day/1'],
  ['an adopted directory is deleted like any other', 'an ordinary day/1'],
  ['Retain is not respected', 'an ordinary day/1'],
  ['the note of a moved directory is written after the move', 'processes of exports end while they move directories/2'],
  ['an unmounted export is written to', 'an export is unmounted when a claim comes/1'],
  ['a resize forgets the claim', 'an ordinary day/1'],
  [
    'a watch that resumes does not say from where',
    'volumes go while watches break, and their names are wanted again/2',
  ],
  [
    'a claim in flight makes foreign data known to its namespace',
    'two claims of one namespace ask for a directory with data of old/1',
  ],
  [
    'a measurement from the future is kept until its time has come',
    'measurements come from the future, and nobody is there until their time has come/1',
  ],
  [
    'a volume is made for what cannot come back, and seems to share the directory in its place',
    'what was deleted twice is taken back while the second is still there/1',
  ],
  [
    'a directory is brought back before its volume is saved',
    'what was deleted is taken back before the end of its volume is known everywhere/7',
  ],
  [
    'a claim waits for ever for a kept volume that does not fit',
    'what is kept for a claim does not fit the one that is made/1',
  ],
  ['a copy is complete when its directories are', 'claims are copied while processes of exports end/1'],
  ['a copy is as small as one likes', 'what is copied changes, goes, or is too large/2'],
  ['that a copy begins again is said every time', 'what is copied changes, goes, or is too large/1'],
  ...directed.map(({ name, caughtBy: seed }) => [name, seed] as const),
]);
const LEAST = 60;
const SIBLINGS = 60;

function siblingsOf(seed: string): readonly string[] {
  const [name = ''] = seed.split('/');
  return Array.from({ length: SIBLINGS }, (_, index) => `${name}/${index + 1}`);
}

// A mutant is caught by one process in a moment, most of which is its start: one for each processor.
describe('each of these is caught', { concurrency: availableParallelism() }, () => {
  for (const mutant of mutants) {
    test(mutant.name, async (t) => {
      const first = caughtBy.get(mutant.name) ?? '';
      const one = { patch: mutant, untilViolation: true, once: true, shrinkMs: 0 };
      const quick = await runSeeds({ ...one, seeds: [first] });
      if (quick.violations.length > 0) return;
      const thorough = await runSeeds({ ...one, seeds: siblingsOf(first) });
      const [caught] = thorough.violations;
      assert.ok(caught, `not caught by ${thorough.played} histories`);
      t.diagnostic(`${mutant.name}: caught by ${caught.seed}, not by ${first}`);
    });
  }
});

test('each mutant has its history, each history its mutant, and there are enough of them', () => {
  assert.deepEqual(mutants.map(({ name }) => name).sort(), [...caughtBy.keys()].sort());
  assert.ok(mutants.length >= LEAST, `only ${mutants.length}`);
});
