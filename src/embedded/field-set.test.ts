import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compare,
  describePath,
  difference,
  type FieldSet,
  fieldsOf,
  formatSet,
  intersection,
  isEmpty,
  parseSet,
  pathsOf,
  union,
} from './field-set.ts';
import { structOf } from './schema.ts';

const pod = structOf('io.k8s.api.core.v1.Pod');
const value = {
  metadata: { labels: { a: '1' }, finalizers: ['x/y'] },
  spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }], args: ['a'] }] },
};

test('the fields of a value are written as managedFields writes them', () => {
  assert.deepEqual(formatSet(fieldsOf(pod, value)), {
    'f:metadata': { 'f:finalizers': { 'v:"x/y"': {} }, 'f:labels': { 'f:a': {} } },
    'f:spec': {
      'f:containers': {
        'k:{"name":"c"}': {
          '.': {},
          'f:args': {},
          'f:name': {},
          'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
        },
      },
    },
  });
});

test('a path is described as conflicts name it', () => {
  assert.equal(
    describePath(['f:spec', 'f:containers', 'k:{"name":"c"}', 'f:image']),
    '.spec.containers[name="c"].image',
  );
  assert.equal(describePath(['f:metadata', 'f:finalizers', 'v:"x/y"']), '.metadata.finalizers[="x/y"]');
});

test('what changed, came and went is told apart', () => {
  const { changed, added, removed } = compare(
    pod,
    { metadata: { labels: { a: '1', b: '1' } } },
    { metadata: { labels: { a: '2', c: '1' } } },
  );
  const names = (set: FieldSet): string[] => [...pathsOf(set)].map(describePath);
  assert.deepEqual(names(changed), ['.metadata.labels.a']);
  assert.deepEqual(names(added), ['.metadata.labels.c']);
  assert.deepEqual(names(removed), ['.metadata.labels.b']);
});

const leaf: fc.Arbitrary<FieldSet> = fc.constant({ self: true, children: new Map() });
const set: fc.Arbitrary<FieldSet> = fc
  .dictionary(
    fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}'),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom('f:c', 'f:d'), leaf, { minKeys: 1 }).map(node)),
  )
  .map(node);

function node(children: Record<string, FieldSet>): FieldSet {
  return { self: false, children: new Map(Object.entries(children)) };
}

const same = (left: FieldSet, right: FieldSet): void => assert.deepEqual(formatSet(left), formatSet(right));

test('a set survives being written and read', () => {
  fc.assert(fc.property(set, (a) => same(parseSet(formatSet(a)), a)));
});

test('union, intersection and difference fit together', () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      same(union(difference(a, b), intersection(a, b)), a);
      same(union(a, b), union(b, a));
      assert.ok(isEmpty(intersection(difference(a, b), b)));
    }),
  );
});
