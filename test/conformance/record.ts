/**
 * Writes the vectors anew, from the server that LARDER_CONFORMANCE_URL, _TOKEN and _CA name, which should be a real one:
 *
 *   node test/conformance/record.ts
 */
import { SUBJECTS } from './sequence.ts';
import { connectToGiven } from './target.ts';
import { play, type Vectors, writeVectors } from './vectors.ts';

const SEEDS = 40;

const { api, close } = connectToGiven();
try {
  for (const subject of SUBJECTS) {
    const vectors: [string, Vectors[string]][] = [];
    for (let seed = 0; seed < SEEDS; seed += 1) vectors.push([String(seed), await play(api, subject, seed)]);
    writeVectors(subject, Object.fromEntries(vectors));
    console.log(`${subject}: ${SEEDS} histories`);
  }
} finally {
  await close();
}
