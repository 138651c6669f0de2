/** What holds for every job that Nomad would take, and for every file that it would not: `node test/nomad/fuzz.ts 10000`. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reportSchema } from '../../src/nomad/report/report.ts';
import { errorsOf } from './checked.ts';
import { convertedTexts } from './converted.ts';
import { brokenJob, randomJob } from './random-job.ts';

/** Converts random jobs; throws with the seed and the smallest job where something does not hold. */
export async function convertsAll(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(randomJob, async (text) => {
      const texts = new Map([['job.nomad.hcl', text]]);
      const converted = convertedTexts(texts);
      assert.deepEqual(convertedTexts(texts).files, converted.files, 'two runs differ');
      reportSchema.parse(converted.report);
      assert.deepEqual(await errorsOf(converted), []);
    }),
    { numRuns },
  );
}

/** Reads broken files: each is a job still, or told with its place. */
export function readsAll(numRuns: number): void {
  fc.assert(
    fc.property(brokenJob, (text) => {
      const { report } = convertedTexts(new Map([['job.nomad.hcl', text]]));
      const told = report.diagnostics.filter(({ severity }) => severity === 'error');
      const said = report.diagnostics.length > 0;
      if (report.counts.modules === 0) assert.ok(said, 'nothing was made of it, and nothing is said');
      for (const { line, message } of told) assert.ok(line !== undefined, message);
    }),
    { numRuns },
  );
}

if (import.meta.main) {
  const runs = Number(process.argv[2] ?? 10_000);
  await convertsAll(runs);
  readsAll(runs);
  process.stdout.write(`${runs} random jobs and ${runs} broken files\n`);
}
