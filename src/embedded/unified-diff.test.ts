import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unifiedDiff } from './unified-diff.ts';

const lines = (...texts: readonly string[]): string => texts.join('\n');
const letters = (text: string): string => [...text].join('\n');

test('a change is shown with three lines around it', () => {
  assert.equal(
    unifiedDiff(letters('abcdefghij'), letters('abcdXfghij')),
    lines('@@ -2,7 +2,7 @@', ' b', ' c', ' d', '-e', '+X', ' f', ' g', ' h', ''),
  );
});

test('what was added or taken away at an end has lines on one side', () => {
  assert.equal(unifiedDiff(letters('ab'), letters('abc')), lines('@@ -1,2 +1,3 @@', ' a', ' b', '+c', ''));
  assert.equal(unifiedDiff(letters('abc'), letters('bc')), lines('@@ -1,3 +1,2 @@', '-a', ' b', ' c', ''));
  assert.equal(unifiedDiff('a', 'b'), lines('@@ -1 +1 @@', '-a', '+b', ''));
});

test('changes that are near share a hunk, changes that are far do not', () => {
  assert.equal(unifiedDiff(letters('abcdefgh'), letters('XbcdefgY')).match(/@@ -/g)?.length, 1);
  assert.equal(unifiedDiff(letters('abcdefghi'), letters('XbcdefghY')).match(/@@ -/g)?.length, 2);
});

test('equal texts have no difference', () => {
  assert.equal(unifiedDiff(letters('abc'), letters('abc')), '');
});

test('whatever the texts, the diff leads from one to the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 30 }).map((each) => each.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => assert.equal(applied(before, unifiedDiff(before, after)), after)),
  );
});

function applied(before: string, diff: string): string {
  const old = before.split('\n');
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(0, -1)) {
    const start = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (start) {
      const to = Number(start[1]) - (start[2] === '0' ? 0 : 1);
      result.push(...old.slice(at, to));
      at = to;
      continue;
    }
    if (!line.startsWith('+')) {
      assert.equal(old[at], line.slice(1));
      at += 1;
    }
    if (!line.startsWith('-')) result.push(line.slice(1));
  }
  return [...result, ...old.slice(at)].join('\n');
}
