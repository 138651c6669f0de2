import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compare } from './comparison.ts';
import { formatSet, intersection, isEmpty } from './field-set.ts';
import type { Json } from './json.ts';
import { structOf } from './schema.ts';

const pod = structOf('io.k8s.api.core.v1.Pod');

const written = (before: Json, after: Json) => {
  const { removed, modified, added } = compare(pod, before, after);
  return { removed: formatSet(removed), modified: formatSet(modified), added: formatSet(added) };
};

test('what changed, came and went is told apart', () => {
  const labels = (members: Record<string, string>) => ({ metadata: { labels: members } });
  assert.deepEqual(written(labels({ a: '1', b: '1' }), labels({ a: '2', c: '1' })), {
    removed: { 'f:metadata': { 'f:labels': { 'f:b': {} } } },
    modified: { 'f:metadata': { 'f:labels': { 'f:a': {} } } },
    added: { 'f:metadata': { 'f:labels': { 'f:c': {} } } },
  });
});

test('a map that comes or goes as a whole is a field itself', () => {
  const { added } = written({ metadata: {} }, { metadata: { labels: { a: '1' } } });
  assert.deepEqual(added, { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } });
  const { removed } = written({ metadata: { labels: { a: '1' } } }, { metadata: {} });
  assert.deepEqual(removed, { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } });
});

test('items of a keyed list are compared by their key, wherever they stand', () => {
  const spec = (...names: string[]) => ({ spec: { containers: names.map((name) => ({ name, image: 'i' })) } });
  const { removed, modified, added } = compare(pod, spec('a', 'b'), spec('b', 'a'));
  assert.ok(isEmpty(removed) && isEmpty(modified) && isEmpty(added));
  assert.deepEqual(written(spec('a'), spec('a', 'b')).added, {
    'f:spec': { 'f:containers': { 'k:{"name":"b"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
  });
});

test('an item that comes a second time is added as a whole', () => {
  const before = { metadata: { finalizers: ['x/y'] } };
  const after = { metadata: { finalizers: ['x/y', 'x/y'] } };
  assert.deepEqual(written(before, after), {
    removed: { 'f:metadata': { 'f:finalizers': { 'v:"x/y"': {} } } },
    modified: {},
    added: { 'f:metadata': { 'f:finalizers': { 'v:"x/y"': {} } } },
  });
});

test('no field is in two of the sets, and equal values differ in nothing', () => {
  const value = fc.record(
    {
      labels: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')),
      finalizers: fc.constantFrom([], ['x/y']),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(value, value, (left, right) => {
      const { removed, modified, added } = compare(pod, { metadata: left }, { metadata: right });
      assert.ok(isEmpty(intersection(modified, added)) && isEmpty(intersection(modified, removed)));
      const none = compare(pod, { metadata: left }, { metadata: left });
      assert.ok(isEmpty(none.removed) && isEmpty(none.modified) && isEmpty(none.added));
    }),
  );
});
