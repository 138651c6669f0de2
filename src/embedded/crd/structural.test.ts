import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { fillDefaults } from './default.ts';
import { prune } from './prune.ts';
import { readStructural } from './structural.ts';
import { validate } from './validate.ts';

const node = { type: 'object', properties: { a: { type: 'integer', default: 1 }, b: { type: 'string' } } };
const schema: JsonObject = {
  type: 'object',
  properties: {
    n: { type: 'integer', nullable: true, default: 5 },
    s: { type: 'string', default: 'x' },
    node,
    list: { type: 'array', items: node },
    map: { type: 'object', additionalProperties: node },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: node } },
  },
};
const root = readStructural(schema);

const names = fc.constantFrom('n', 's', 'node', 'list', 'map', 'free', 'known', 'a', 'b', 'zzz', 'metadata');
const values = fc.letrec<{ readonly value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, 1, 'text', true, []),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const objects = fc.dictionary(names, values, { maxKeys: 5 });

test('what was pruned once has nothing left to prune', () => {
  fc.assert(
    fc.property(objects, (object) => {
      const once = prune(root, object);
      const twice = prune(root, once.object);
      assert.deepEqual(twice.object, once.object);
      assert.deepEqual(twice.unknown, []);
    }),
  );
});

test('defaults are filled in once, and never turn one value into another', () => {
  fc.assert(
    fc.property(objects, (object) => {
      const filled = fillDefaults(root, object);
      assert.equal(fillDefaults(root, filled), filled);
      for (const [name, value] of Object.entries(object)) {
        if (value !== null && !isObject(value) && !Array.isArray(value)) assert.equal(filled[name], value);
      }
      assert.ok('n' in filled && 's' in filled);
    }),
  );
});

test('what does not change is never wrong', () => {
  fc.assert(
    fc.property(objects, (object) => {
      assert.deepEqual(validate(schema, { path: '', value: object, old: structuredClone(object) }), []);
    }),
  );
});

test('an object is only wrong where it is not what the schema says', () => {
  const good: JsonObject = { n: null, s: '', node: { a: 2 }, list: [{}], map: { k: { b: '' } }, free: { x: [1] } };
  assert.deepEqual(validate(schema, { path: '', value: good, old: undefined }), []);
  fc.assert(
    fc.property(objects, (object) => {
      const pruned = fillDefaults(root, prune(root, object).object);
      const fields = validate(schema, { path: '', value: pruned, old: undefined }).map(({ field }) => field);
      for (const field of fields) assert.match(field, /^(n|s|node|list|map|free)/);
    }),
  );
});
