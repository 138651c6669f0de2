import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wildcardMatches } from './wildcard.ts';

test('a pattern matches what its regular expression would', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
  const escaped = (text: string): string => text.replaceAll('.', '\\.');
  let matching = 0;
  fc.assert(
    fc.property(word, word, (pattern, written) => {
      const text = written.replaceAll('*', '');
      const expected = new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`).test(text);
      if (expected) matching += 1;
      assert.equal(wildcardMatches(pattern, text), expected, `${pattern} and ${text}`);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(matching > 50);
});

test('a pattern that would keep a regular expression busy for years is answered', () => {
  assert.equal(wildcardMatches(`${'*a'.repeat(60)}*b`, 'a'.repeat(253)), false);
  assert.equal(wildcardMatches(`${'*a'.repeat(60)}*`, 'a'.repeat(253)), true);
});
