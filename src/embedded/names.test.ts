import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, humanDuration } from './age.ts';
import { isConfigKey, isLabel, isLabelValue, isQualifiedName, isSubdomain } from './names.ts';

test('names are told apart by their rules', () => {
  const good = [
    [isLabel, 'my-name'],
    [isSubdomain, 'a.b-c.d'],
    [isLabelValue, ''],
    [isLabelValue, 'A_b.c'],
    [isQualifiedName, 'example.com/Name'],
    [isQualifiedName, 'name'],
    [isConfigKey, '.hidden'],
  ] as const;
  const bad = [
    [isLabel, 'a.b'],
    [isLabel, 'x'.repeat(64)],
    [isSubdomain, 'A'],
    [isSubdomain, '-a'],
    [isLabelValue, 'a b'],
    [isQualifiedName, '/name'],
    [isQualifiedName, 'a/b/c'],
    [isQualifiedName, ''],
    [isConfigKey, '..'],
    [isConfigKey, 'a/b'],
  ] as const;
  for (const [rule, value] of good) assert.deepEqual(rule(value), [], value);
  for (const [rule, value] of bad) assert.notDeepEqual(rule(value), [], value);
});

test('a rule is explained with its examples, spaces as in the original', () => {
  assert.match(isLabel('A')[0] ?? '', /\(e\.g\. 'my-name', {2}or '123-abc', regex used for validation is '/);
});

test('durations are shown as kubectl shows them', () => {
  const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
  const cases: readonly (readonly [number, string])[] = [
    [-5 * second, '<invalid>'],
    [-second, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [2 * minute + second, '2m1s'],
    [10 * minute + second, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [7 * hour + 5 * minute, '7h5m'],
    [47 * hour, '47h'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + hour, '8d'],
    [800 * day, '2y70d'],
    [3_000 * day, '8y'],
  ];
  for (const [ms, text] of cases) assert.equal(humanDuration(ms), text);
  assert.equal(age(undefined, 0), '<unknown>');
});
