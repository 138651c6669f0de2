import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { folded } from './folded.ts';

test('a long command goes on in the next line, at a flag; what stands in quotes stays together', () => {
  assert.equal(folded('larder up --demo', 20), 'larder up --demo');
  assert.equal(
    folded('larder change new web --manifests a b --summary "a text --with a flag"', 40),
    'larder change new web --manifests a b \\\n    --summary "a text --with a flag"',
  );
  assert.equal(folded('larder --a', 4), 'larder \\\n    --a', 'a part that is too long has a line of its own');
});

test('the shell reads the same words from it', () => {
  const word = fc.constantFrom('larder', 'volumes', '--to', '-n', "'two words -x'", '"a --b"', 'x=y', 'pvc/a');
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 1, max: 60 }), (words, width) => {
      const line = words.join(' ');
      assert.equal(folded(line, width).replaceAll(/ \\\n {4}/g, ' '), line);
    }),
  );
});
