import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { definitions } from './definition.ts';
import { type Schema, toStructural } from './structural.ts';

const structural = (schema: z.ZodType): Schema =>
  toStructural(Object(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' })));

test('bounds that say nothing and the ban of other members are left out', () => {
  assert.deepEqual(structural(z.strictObject({ count: z.int(), few: z.int().min(0).max(9) })), {
    type: 'object',
    required: ['count', 'few'],
    properties: { count: { type: 'integer' }, few: { type: 'integer', minimum: 0, maximum: 9 } },
  });
});

test('a number or a text is int-or-string, with the bounds of the text', () => {
  assert.deepEqual(structural(z.union([z.int(), z.string().max(8)]).meta({ description: 'either' })), {
    description: 'either',
    maxLength: 8,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
  });
});

test('maps and lists are gone into, defaults and rules stay', () => {
  const rule = { 'x-kubernetes-validations': [{ rule: 'true' }] };
  const map = z.record(z.string(), z.int().meta(rule)).default({});
  assert.deepEqual(structural(z.strictObject({ map, list: z.array(z.strictObject({ at: z.int() })) })), {
    type: 'object',
    required: ['list'],
    properties: {
      map: { type: 'object', default: {}, additionalProperties: { type: 'integer', ...rule } },
      list: {
        type: 'array',
        items: { type: 'object', required: ['at'], properties: { at: { type: 'integer' } } },
      },
    },
  });
});

test('what has no structural form is an error here, not at the API server', () => {
  assert.throws(() => structural(z.union([z.string(), z.boolean()])), /not an integer or a string: string,boolean/);
  assert.throws(() => structural(z.strictObject({ anything: z.unknown() })), /has no type/);
});

test('every node of our definitions has a type or is int-or-string, and every text a limit or a format', () => {
  let nodes = 0;
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = new Map<string, unknown>(Object.entries(value));
    nodes += 1;
    assert.ok(node.has('type') || node.get('x-kubernetes-int-or-string') === true, path);
    if (node.get('type') === 'string' && path.includes('.spec.')) {
      assert.ok(node.has('maxLength') || node.has('format') || node.has('enum'), `${path} has no limit`);
    }
    for (const [name, inner] of Object.entries(Object(node.get('properties') ?? {}))) visit(inner, `${path}.${name}`);
    for (const name of ['items', 'additionalProperties']) visit(node.get(name), `${path}[]`);
  };
  for (const { spec } of definitions) {
    const versions: unknown = spec['versions'];
    assert.ok(Array.isArray(versions) && versions.length === 1);
    visit(versions[0].schema.openAPIV3Schema, '');
  }
  assert.ok(nodes > 80, `${nodes} nodes`);
});
