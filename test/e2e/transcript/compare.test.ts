import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cap } from './caps.ts';
import { compare } from './compare.ts';

const cap: Cap = { scene: 'one', line: 'get x', reason: 'so it is', cluster: ['b'], embedded: ['c'] };
const entry = (line: string, answer: string) => ({ line, answer });

test('equal transcripts have no difference and need no cap', () => {
  const entries = [entry('get x', 'a\n'), entry('get y', 'b\n')];
  assert.deepEqual(compare('one', { cluster: entries, embedded: entries }, [cap]), { differences: [], used: [] });
});

test('a difference shows the lines of both sides, and an entry that is missing is one', () => {
  const { differences } = compare(
    'one',
    { cluster: [entry('get x', 'a\nb\n'), entry('get y', 'z\n')], embedded: [entry('get x', 'a\nc\n')] },
    [],
  );
  assert.deepEqual(differences, [
    '$ kubectl get x\ncluster:  b\nembedded: c',
    '$ kubectl get y\ncluster:  z\nembedded: (nothing)',
  ]);
});

test('lines in another order are a difference', () => {
  const { differences } = compare('one', { cluster: [entry('x', 'a\nb\n')], embedded: [entry('x', 'b\na\n')] }, []);
  assert.equal(differences.length, 1);
});

test('a cap covers its own lines in its own scene and nothing else', () => {
  const sides = { cluster: [entry('get x', 'a\nb\n')], embedded: [entry('get x', 'a\nc\n')] };
  assert.deepEqual(compare('one', sides, [cap]), { differences: [], used: [cap] });
  assert.equal(compare('two', sides, [cap]).differences.length, 1);
  const more = { ...sides, embedded: [entry('get x', 'a\nc\nd\n')] };
  assert.equal(compare('one', more, [cap]).differences.length, 1);
  const less = { ...sides, cluster: [entry('get x', 'a\n')] };
  assert.equal(compare('one', less, [cap]).differences.length, 1);
});
