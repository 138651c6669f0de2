import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
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
  withNamedFields,
  withoutBranch,
  withoutField,
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

test('fields are listed level by level, as conflicts are', () => {
  const fields = fieldsOf(pod, { spec: { containers: [{ name: 'c', image: 'i' }], hostNetwork: true } });
  assert.deepEqual([...pathsOf(fields)].map(describePath), [
    '.spec.hostNetwork',
    '.spec.containers[name="c"]',
    '.spec.containers[name="c"].image',
    '.spec.containers[name="c"].name',
  ]);
});

test('an item that a set has twice is one field', () => {
  const fields = fieldsOf(pod, { metadata: { finalizers: ['x/y', 'x/y'] } });
  assert.deepEqual(formatSet(fields), { 'f:metadata': { 'f:finalizers': { 'v:"x/y"': {} } } });
});

test('a field can leave a set without what is below it, or with it', () => {
  const fields = parseSet({ 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} });
  assert.deepEqual(formatSet(withoutField(fields, ['f:a'])), { 'f:a': { 'f:b': {} }, 'f:c': {} });
  assert.deepEqual(formatSet(withoutBranch(fields, ['f:a'])), { 'f:c': {} });
});

test('members of structs count as fields when fields below them do, members of maps do not', () => {
  const fields = parseSet({ 'f:metadata': { 'f:labels': { 'f:a': {} } } });
  assert.deepEqual(formatSet(withNamedFields(pod, fields)), {
    'f:metadata': { '.': {}, 'f:labels': { '.': {}, 'f:a': {} } },
  });
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
