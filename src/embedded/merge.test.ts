import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSet } from './field-set.ts';
import type { Json } from './json.ts';
import { merge, withoutFields } from './merge.ts';
import { prune } from './prune.ts';
import { structOf } from './schema.ts';

const pod = structOf('io.k8s.api.core.v1.Pod');
const finalizers = (...names: string[]) => ({ metadata: { finalizers: names } });
const merged = (live: readonly string[], applied: readonly string[]): Json =>
  merge(pod, finalizers(...live), finalizers(...applied));

test('a list that merges takes the order that was applied, and keeps live items after their neighbours', () => {
  const cases: readonly (readonly [live: string[], applied: string[], result: string[]])[] = [
    [
      ['a', 'b', 'c'],
      ['c', 'a'],
      ['b', 'c', 'a'],
    ],
    [['a', 'b'], ['c'], ['a', 'b', 'c']],
    [
      ['a', 'b', 'c', 'd'],
      ['b', 'x', 'd'],
      ['a', 'b', 'c', 'x', 'd'],
    ],
    [['a'], ['b', 'a'], ['b', 'a']],
    [[], ['b', 'a'], ['b', 'a']],
    [['a', 'b'], [], ['a', 'b']],
  ];
  for (const [live, applied, result] of cases)
    assert.deepEqual(merged(live, applied), finalizers(...result), `${live} + ${applied}`);
});

test('what is applied is laid over what is there, member by member', () => {
  const live = { metadata: { labels: { a: '1', b: '1' } }, spec: { nodeSelector: { x: 'y' } } };
  assert.deepEqual(merge(pod, live, { metadata: { labels: { a: '2' } }, spec: { nodeSelector: { z: 'z' } } }), {
    metadata: { labels: { a: '2', b: '1' } },
    spec: { nodeSelector: { z: 'z' } }, // owned as a whole
  });
});

test('fields are taken out, and a container that they leave empty is said to be nothing', () => {
  const live = { metadata: { labels: { a: '1' }, finalizers: ['x/y', 'x/z'] } };
  const fields = parseSet({ 'f:metadata': { 'f:labels': { 'f:a': {} }, 'f:finalizers': { 'v:"x/y"': {} } } });
  assert.deepEqual(withoutFields(pod, live, fields), { metadata: { labels: null, finalizers: ['x/z'] } });
});

const labels = (...names: string[]) =>
  parseSet({ 'f:metadata': { 'f:labels': Object.fromEntries(names.map((name) => [`f:${name}`, {}])) } });

test('what a manager applied before and nobody owns now goes, and nothing else', () => {
  const value = { metadata: { labels: { mine: '1', shared: '1', foreign: '1', nobodys: '1' } } };
  const pruned = prune(pod, value, { last: labels('mine', 'shared'), held: labels('shared', 'foreign') });
  assert.deepEqual(pruned, { metadata: { labels: { shared: '1', foreign: '1', nobodys: '1' } } });
});
