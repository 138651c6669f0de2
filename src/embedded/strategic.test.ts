import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyMergePatch } from '../kube/patch.ts';
import type { JsonObject } from './json.ts';
import { structOf } from './schema.ts';
import { applyStrategicPatch } from './strategic.ts';

const pod = structOf('io.k8s.api.core.v1.Pod');
const apply = (document: JsonObject, patch: JsonObject): JsonObject => applyStrategicPatch(pod, document, patch);
const containers = (...list: JsonObject[]): JsonObject => ({ spec: { containers: list } });

const cases: readonly {
  readonly what: string;
  readonly document: JsonObject;
  readonly patch: JsonObject;
  readonly result: JsonObject;
}[] = [
  {
    what: 'items of a keyed list are merged, others stay, new ones come last',
    document: containers({ name: 'a', image: '1' }, { name: 'b', image: '1' }),
    patch: containers({ name: 'b', image: '2' }, { name: 'c', image: '3' }),
    result: containers({ name: 'a', image: '1' }, { name: 'b', image: '2' }, { name: 'c', image: '3' }),
  },
  {
    what: 'an item is deleted by directive',
    document: containers({ name: 'a' }, { name: 'b' }),
    patch: containers({ name: 'a', $patch: 'delete' }),
    result: containers({ name: 'b' }),
  },
  {
    what: 'a keyed list is replaced by directive',
    document: containers({ name: 'a' }, { name: 'b' }),
    patch: containers({ $patch: 'replace' }, { name: 'c' }),
    result: containers({ name: 'c' }),
  },
  {
    what: 'a list without a merge strategy is replaced',
    document: containers({ name: 'a', args: ['1', '2'] }),
    patch: containers({ name: 'a', args: ['3'] }),
    result: containers({ name: 'a', args: ['3'] }),
  },
  {
    what: 'scalars of a merged list are added once',
    document: { metadata: { finalizers: ['x/a'] } },
    patch: { metadata: { finalizers: ['x/a', 'x/b', 'x/b'] } },
    result: { metadata: { finalizers: ['x/a', 'x/b'] } },
  },
  {
    what: 'scalars are deleted from a merged list by directive',
    document: { metadata: { finalizers: ['x/a', 'x/b'] } },
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['x/a'] } },
    result: { metadata: { finalizers: ['x/b'] } },
  },
  {
    what: 'an object is replaced by directive',
    document: { metadata: { labels: { a: '1', b: '2' } } },
    patch: { metadata: { labels: { $patch: 'replace', c: '3' } } },
    result: { metadata: { labels: { c: '3' } } },
  },
  {
    what: 'members that are not retained go',
    document: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
    patch: { spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] } },
    result: { spec: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] } },
  },
  {
    what: 'the order that the patch asks for is kept, and what it does not name stays before what it preceded',
    document: containers({ name: 'a' }, { name: 'b' }, { name: 'c' }),
    patch: { spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] } },
    result: containers({ name: 'b' }, { name: 'c' }, { name: 'a' }),
  },
  {
    what: 'a list that is new is taken as it is, also where it repeats a key',
    document: { spec: {} },
    patch: containers({ name: 'a', image: '1' }, { name: 'a', image: '2' }, { $patch: 'delete', name: 'b' }),
    result: containers({ name: 'a', image: '1' }, { name: 'a', image: '2' }),
  },
  {
    what: 'a null removes a member, also of an item',
    document: containers({ name: 'a', image: '1' }),
    patch: containers({ name: 'a', image: null }),
    result: containers({ name: 'a' }),
  },
];

for (const { what, document, patch, result } of cases) {
  test(what, () => {
    const before = structuredClone(document);
    assert.deepEqual(apply(document, patch), result);
    assert.deepEqual(document, before);
  });
}

test('an item without its key is refused', () => {
  assert.throws(
    () => apply(containers({ name: 'a' }), containers({ image: 'x' })),
    /does not contain declared merge key: name/,
  );
});

test('an unknown directive is refused', () => {
  assert.throws(
    () => apply({ metadata: {} }, { metadata: { $patch: 'sideways' } }),
    /unknown patch type: sideways in map/,
  );
});

test('without lists it does what a merge patch does', () => {
  const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'));
  const change = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2', null));
  fc.assert(
    fc.property(labels, change, (before, after) => {
      const document = { metadata: { labels: { ...before } } };
      const patch = { metadata: { labels: { ...after } } };
      assert.deepEqual(apply(document, patch), applyMergePatch(document, patch));
    }),
  );
});
