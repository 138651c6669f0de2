import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKubeError } from './error.ts';
import { applyJsonPatch, applyMergePatch, type JsonPatchOperation, parseJsonPatch, sameJson } from './patch.ts';

interface Vector {
  readonly name: string;
  readonly document: unknown;
  readonly patch: readonly JsonPatchOperation[];
  /** Absent: the patch does not fit. */
  readonly result?: unknown;
}

/** RFC 6902, appendix A; A.13 (a repeated member) is a matter of the JSON parser. */
const RFC_6902: readonly Vector[] = [
  {
    name: 'A.1',
    document: { foo: 'bar' },
    patch: [{ op: 'add', path: '/baz', value: 'qux' }],
    result: { baz: 'qux', foo: 'bar' },
  },
  {
    name: 'A.2',
    document: { foo: ['bar', 'baz'] },
    patch: [{ op: 'add', path: '/foo/1', value: 'qux' }],
    result: { foo: ['bar', 'qux', 'baz'] },
  },
  {
    name: 'A.3',
    document: { baz: 'qux', foo: 'bar' },
    patch: [{ op: 'remove', path: '/baz' }],
    result: { foo: 'bar' },
  },
  {
    name: 'A.4',
    document: { foo: ['bar', 'qux', 'baz'] },
    patch: [{ op: 'remove', path: '/foo/1' }],
    result: { foo: ['bar', 'baz'] },
  },
  {
    name: 'A.5',
    document: { baz: 'qux', foo: 'bar' },
    patch: [{ op: 'replace', path: '/baz', value: 'boo' }],
    result: { baz: 'boo', foo: 'bar' },
  },
  {
    name: 'A.6',
    document: { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    patch: [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    result: { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  },
  {
    name: 'A.7',
    document: { foo: ['all', 'grass', 'cows', 'eat'] },
    patch: [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    result: { foo: ['all', 'cows', 'eat', 'grass'] },
  },
  {
    name: 'A.8',
    document: { baz: 'qux', foo: ['a', 2, 'c'] },
    patch: [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    result: { baz: 'qux', foo: ['a', 2, 'c'] },
  },
  { name: 'A.9', document: { baz: 'qux' }, patch: [{ op: 'test', path: '/baz', value: 'bar' }] },
  {
    name: 'A.10',
    document: { foo: 'bar' },
    patch: [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    result: { foo: 'bar', child: { grandchild: {} } },
  },
  { name: 'A.12', document: { foo: 'bar' }, patch: [{ op: 'add', path: '/baz/bat', value: 'qux' }] },
  {
    name: 'A.14',
    document: { '/': 9, '~1': 10 },
    patch: [{ op: 'test', path: '/~01', value: 10 }],
    result: { '/': 9, '~1': 10 },
  },
  { name: 'A.15', document: { '/': 9, '~1': 10 }, patch: [{ op: 'test', path: '/~01', value: '10' }] },
  {
    name: 'A.16',
    document: { foo: ['bar'] },
    patch: [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    result: { foo: ['bar', ['abc', 'def']] },
  },
  {
    name: 'copy',
    document: { a: { b: 1 } },
    patch: [{ op: 'copy', from: '/a', path: '/c' }],
    result: { a: { b: 1 }, c: { b: 1 } },
  },
  { name: 'whole', document: { a: 1 }, patch: [{ op: 'replace', path: '', value: [1] }], result: [1] },
  { name: 'empty name', document: { '': 1 }, patch: [{ op: 'remove', path: '/' }], result: {} },
  { name: 'replace needs a target', document: {}, patch: [{ op: 'replace', path: '/a', value: 1 }] },
  { name: 'remove needs a target', document: {}, patch: [{ op: 'remove', path: '/a' }] },
  { name: 'no leading zero', document: [1, 2], patch: [{ op: 'remove', path: '/01' }] },
  { name: 'past the end', document: [1], patch: [{ op: 'add', path: '/2', value: 1 }] },
  { name: 'no dash but for add', document: [1], patch: [{ op: 'remove', path: '/-' }] },
  { name: 'into itself', document: { a: { b: 1 } }, patch: [{ op: 'move', from: '/a', path: '/a/b' }] },
  { name: 'into itself in a list', document: [{}, {}], patch: [{ op: 'move', from: '/0', path: '/0/a' }] },
  {
    name: 'onto itself',
    document: { a: 1, b: 2 },
    patch: [{ op: 'move', from: '/a', path: '/a' }],
    result: { a: 1, b: 2 },
  },
  {
    name: 'inherited members do not exist',
    document: {},
    patch: [{ op: 'test', path: '/constructor/name', value: 'Object' }],
  },
  { name: 'no slash', document: {}, patch: [{ op: 'add', path: 'a', value: 1 }] },
  { name: 'bad escape', document: { '~2': 1 }, patch: [{ op: 'remove', path: '/~2' }] },
];

for (const { name, document, patch, ...expected } of RFC_6902) {
  test(`JSON patch ${name} gives what RFC 6902 says`, () => {
    const before = structuredClone(document);
    if ('result' in expected) assert.deepEqual(applyJsonPatch(document, patch), expected.result);
    else
      assert.throws(
        () => applyJsonPatch(document, patch),
        (error) => isKubeError(error, 'KUBE_INVALID'),
      );
    assert.deepEqual(document, before, 'the document must not be mutated');
  });
}

/** RFC 7386, appendix A. */
const RFC_7386: readonly (readonly [target: string, patch: string, result: string])[] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
];

for (const [target, patch, result] of RFC_7386) {
  test(`merge patch ${patch} on ${target} gives ${result}`, () => {
    assert.deepEqual(applyMergePatch(JSON.parse(target), JSON.parse(patch)), JSON.parse(result));
  });
}

test('a member named __proto__ stays an own member and pollutes nothing', () => {
  const hostile: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
  const merged = applyMergePatch({ a: 1 }, hostile);
  assert.equal(JSON.stringify(merged), '{"a":1,"__proto__":{"polluted":true}}');
  const added = applyJsonPatch({ a: 1 }, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
  assert.equal(JSON.stringify(added), '{"a":1,"__proto__":{"polluted":true}}');
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('what is not a list of operations is refused', () => {
  for (const value of [
    {},
    [1],
    [{ op: 'add', path: '/a' }],
    [{ op: 'move', path: '/a' }],
    [{ op: 'jump', path: '/a' }],
    [{ op: 'remove', path: 1 }],
  ]) {
    assert.throws(
      () => parseJsonPatch(value),
      (error) => isKubeError(error, 'KUBE_INVALID'),
    );
  }
  const operation = { op: 'test', path: '/a', value: null };
  assert.deepEqual(parseJsonPatch([operation]), [operation]);
});

const json = fc.jsonValue({ maxDepth: 3 });

test('property: replacing the whole document, and testing for it, always fit', () => {
  fc.assert(
    fc.property(json, json, (document, value) => {
      const patched = applyJsonPatch(document, [
        { op: 'replace', path: '', value },
        { op: 'test', path: '', value },
      ]);
      assert.ok(sameJson(patched, value));
    }),
  );
});

test('property: what was added can be tested, moved back and removed, leaving the document as it was', () => {
  const name = fc.string({ minLength: 1, maxLength: 5 }).filter((candidate) => candidate !== '__proto__');
  fc.assert(
    fc.property(fc.dictionary(name, json), name, json, (document, member, value) => {
      const path = `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}x`;
      const before = structuredClone(document);
      const result = applyJsonPatch(document, [
        { op: 'add', path: '/target-of-move', value },
        { op: 'move', from: '/target-of-move', path: `${path}-moved` },
        { op: 'test', path: `${path}-moved`, value },
        { op: 'remove', path: `${path}-moved` },
      ]);
      const expected = { ...before };
      delete expected['target-of-move'];
      delete expected[`${member}x-moved`];
      assert.ok(sameJson(result, expected));
      assert.ok(sameJson(document, before));
    }),
  );
});

test('property: a merge patch applied twice is the patch applied once', () => {
  fc.assert(
    fc.property(json, json, (document, patch) => {
      const once = applyMergePatch(document, patch);
      assert.ok(sameJson(applyMergePatch(once, patch), once));
    }),
  );
});

test('copies that double the document again and again are refused, whatever the result would be', () => {
  const doubling = Array.from(
    { length: 60 },
    (_, index): JsonPatchOperation => ({ op: 'copy', from: '/x', path: `/x/${index}` }),
  );
  assert.throws(
    () => applyJsonPatch({ x: { k: 'v' } }, [...doubling, { op: 'remove', path: '/x' }]),
    /JSON patch operation \d+ \(copy \/x\/\d+\): more than 3145728 bytes are copied/,
  );
  assert.deepEqual(applyJsonPatch({ x: { k: 'v' } }, doubling.slice(0, 1)), { x: { k: 'v', 0: { k: 'v' } } });
});
