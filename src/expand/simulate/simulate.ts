/** One claim through time, by itself. */
import type { Course } from './course.ts';
import { Run, type Scene, type Stage } from './run.ts';

export function simulate(scene: Scene, stage: Stage): Course {
  const rounds = new Run(scene, stage).rounds();
  let round = rounds.next();
  while (!round.done) round = rounds.next();
  return round.value;
}

/** Called after each decision; a promise is awaited before the next one. It may throw, which ends the play. */
export type Rest = () => Promise<void> | undefined;

/** The same, for a process that has other things to do meanwhile. */
export async function simulateResting(scene: Scene, stage: Stage, rest: Rest): Promise<Course> {
  const rounds = new Run(scene, stage).rounds();
  let round = rounds.next();
  while (!round.done) {
    await rest();
    round = rounds.next();
  }
  return round.value;
}
