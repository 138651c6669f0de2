import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracle from 'canonicalize';
import fc from 'fast-check';
import { canonicalText } from './canonical.ts';

test('members are sorted by code units at every depth, and nothing is between them', () => {
  assert.equal(canonicalText({ b: [1, { d: null, c: true }], a: 'ä' }), '{"a":"ä","b":[1,{"c":true,"d":null}]}');
});

test('the sorting example of RFC 8785, section 3.2.3', () => {
  const value = {
    '€': 'Euro Sign',
    '\r': 'Carriage Return',
    \ufb33: 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '😀': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    ö: 'Latin Small Letter O With Diaeresis',
  };
  const names = Object.keys(JSON.parse(canonicalText(value)));
  assert.deepEqual(names, ['1', '\r', '\u0080', 'ö', '€', '😀', '\ufb33']);
});

test('the number examples of RFC 8785, section 3.2.2', () => {
  const numbers = [JSON.parse('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0];
  assert.equal(canonicalText(numbers), '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]');
});

test('what JSON cannot say has no text', () => {
  assert.throws(() => canonicalText({ a: Number.NaN }), /no number/);
  assert.throws(() => canonicalText(Number.POSITIVE_INFINITY), /no number/);
  assert.throws(() => canonicalText({ a: '\ud800' }), /surrogate/);
  assert.throws(() => canonicalText({ '\udc00': 1 }), /surrogate/);
  assert.throws(() => canonicalText({ a: JSON.parse('{}').absent }), /member "a" is undefined/);
  assert.throws(() => canonicalText(JSON.parse('{}').absent), /undefined is no JSON value/);
});

test('any JSON has the text that another implementation gives it', () => {
  const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 });
  fc.assert(
    fc.property(json, (value) => {
      const given = JSON.parse(JSON.stringify(value));
      assert.equal(canonicalText(given), oracle(given));
    }),
    { numRuns: 2_000 },
  );
});
