/** Recorded histories: what a real server answered to each step of `sequence`, as files beside this one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, outcomeOf, UNKNOWN } from './outcome.ts';
import { type Subject, sequence } from './sequence.ts';
import type { Api } from './target.ts';

/** Of one subject: the outcomes of the steps, by seed. */
export type Vectors = Readonly<Record<string, readonly Outcome[]>>;

const fileOf = (subject: Subject): string => join(import.meta.dirname, 'vectors', `${subject}.generated.json`);

export function readVectors(subject: Subject): Vectors {
  return JSON.parse(readFileSync(fileOf(subject), 'utf8'));
}

export function writeVectors(subject: Subject, vectors: Vectors): void {
  const lines = Object.entries(vectors).map(
    ([seed, outcomes]) => `"${seed}": [\n${outcomes.map((outcome) => `  ${JSON.stringify(outcome)}`).join(',\n')}\n]`,
  );
  writeFileSync(fileOf(subject), `{\n${lines.join(',\n')}\n}\n`);
}

/** Plays a history in a namespace of its own. */
export async function play(api: Api, subject: Subject, seed: number): Promise<readonly Outcome[]> {
  const namespace = await api.namespace();
  const outcomes: Outcome[] = [];
  let known = UNKNOWN;
  for (const { method, path, contentType, body } of sequence(subject, seed)) {
    const headers = { 'content-type': contentType };
    const answer = await api.call(path.replaceAll('$NS', namespace), { method, body, headers });
    const step = outcomeOf(answer, namespace, known);
    known = step.known;
    outcomes.push(step.outcome);
  }
  return outcomes;
}
