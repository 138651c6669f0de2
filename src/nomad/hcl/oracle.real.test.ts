import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mutated, seed, verdictOn } from './oracle.fixture.ts';
import { readText } from './read-hcl.fixture.ts';

test('ten thousand mutated files: a value or a diagnostic with its place, never an exception, and what HCL refuses is refused', async (t) => {
  const texts = fc.sample(mutated, { numRuns: 10_000, seed });
  const differing: string[] = [];
  for (const text of texts) {
    const { diagnostics } = readText(text);
    for (const diagnostic of diagnostics) assert.ok(diagnostic.at, `${diagnostic.message} has no place: ${text}`);
    const verdict = await verdictOn(text);
    const refused = diagnostics.some(({ code }) => code === 'LARDER_NOMAD_SYNTAX');
    if (refused !== (verdict.kind === 'refused')) differing.push(text);
  }
  t.diagnostic(`seed ${seed}; ${texts.length} texts, ${differing.length} judged otherwise than by HCL`);
  assert.deepEqual(differing, []);
});
