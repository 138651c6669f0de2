/** What a schema says of values, and with which words they are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf, define, newGroup, withSpec } from './definitions.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const group = newGroup();
const text = { type: 'string' };

const properties = {
  whole: { type: 'integer', minimum: 1, maximum: 10 },
  open: { type: 'number', minimum: 0, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true },
  small: { type: 'integer', format: 'int32' },
  step: { type: 'number', multipleOf: 0.5 },
  text: { type: 'string', minLength: 2, maxLength: 5, pattern: '^[a-z]+$' },
  choice: { type: 'string', enum: ['a', 'b'] },
  number: { type: 'integer', enum: [1, 2] },
  flag: { type: 'boolean' },
  port: { 'x-kubernetes-int-or-string': true },
  few: { type: 'array', minItems: 2, maxItems: 3, items: text },
  keys: { type: 'object', minProperties: 1, maxProperties: 2, additionalProperties: text },
  nested: { type: 'object', required: ['a', 'b'], properties: { a: text, b: text } },
  list: { type: 'array', items: { type: 'object', required: ['a'], properties: { a: text } } },
  when: { type: 'string', format: 'date-time' },
  day: { type: 'string', format: 'date' },
  span: { type: 'string', format: 'duration' },
  mail: { type: 'string', format: 'email' },
  address: { type: 'string', format: 'ipv4' },
  net: { type: 'string', format: 'cidr' },
  id: { type: 'string', format: 'uuid' },
  bytes: { type: 'string', format: 'byte' },
  uri: { type: 'string', format: 'uri' },
  one: { type: 'object', properties: { a: text, b: text }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
  any: { type: 'object', properties: { a: text, b: text }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
  all: {
    type: 'object',
    properties: { a: { type: 'integer' } },
    allOf: [{ properties: { a: { minimum: 1 } } }, { properties: { a: { maximum: 5 } } }],
  },
  not: { type: 'string', not: { enum: ['no'] } },
  either: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, text], pattern: '^[0-9]+%$' },
};

await define(api, group, 'checks', { schema: withSpec({ type: 'object', properties }) });

interface Case {
  readonly what: string;
  readonly spec: object;
  readonly causes: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: 'a text for a number',
    spec: { whole: 'x' },
    causes: [
      'FieldValueTypeInvalid spec.whole: Invalid value: "string": spec.whole in body must be of type integer: "string"',
    ],
  },
  {
    what: 'a fraction for a whole number',
    spec: { whole: 1.5 },
    causes: [
      'FieldValueInvalid <nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.whole',
      'FieldValueTypeInvalid spec.whole: Invalid value: "number": spec.whole in body must be of type integer: "number"',
    ],
  },
  {
    what: 'too small a number',
    spec: { whole: 0 },
    causes: ['FieldValueInvalid spec.whole: Invalid value: 0: spec.whole in body should be greater than or equal to 1'],
  },
  {
    what: 'too large a number',
    spec: { whole: 11 },
    causes: ['FieldValueInvalid spec.whole: Invalid value: 11: spec.whole in body should be less than or equal to 10'],
  },
  {
    what: 'a bound that is not included',
    spec: { open: 0 },
    causes: ['FieldValueInvalid spec.open: Invalid value: 0: spec.open in body should be greater than 0'],
  },
  {
    what: 'the other bound that is not included',
    spec: { open: 1 },
    causes: ['FieldValueInvalid spec.open: Invalid value: 1: spec.open in body should be less than 1'],
  },
  {
    what: 'more than 32 bits',
    spec: { small: 3000000000 },
    causes: [
      'FieldValueInvalid <nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.small',
    ],
  },
  {
    what: 'a step that does not fit',
    spec: { step: 0.3 },
    causes: ['FieldValueInvalid spec.step: Invalid value: 0.3: spec.step in body should be a multiple of 0.5'],
  },
  {
    what: 'too short a text',
    spec: { text: 'a' },
    causes: ['FieldValueInvalid spec.text: Invalid value: "a": spec.text in body should be at least 2 chars long'],
  },
  {
    what: 'too long a text',
    spec: { text: 'abcdef' },
    causes: ['FieldValueTooLong spec.text: Too long: may not be more than 5 bytes'],
  },
  {
    what: 'a text that does not match',
    spec: { text: 'ABC' },
    causes: ['FieldValueInvalid spec.text: Invalid value: "ABC": spec.text in body should match \'^[a-z]+$\''],
  },
  {
    what: 'a number for a text',
    spec: { text: 5 },
    causes: [
      'FieldValueTypeInvalid spec.text: Invalid value: "integer": spec.text in body must be of type string: "integer"',
    ],
  },
  {
    what: 'another choice',
    spec: { choice: 'c' },
    causes: ['FieldValueNotSupported spec.choice: Unsupported value: "c": supported values: "a", "b"'],
  },
  {
    what: 'another number',
    spec: { number: 3 },
    causes: ['FieldValueNotSupported spec.number: Unsupported value: 3: supported values: "1", "2"'],
  },
  {
    what: 'a text for a flag',
    spec: { flag: 'true' },
    causes: [
      'FieldValueTypeInvalid spec.flag: Invalid value: "string": spec.flag in body must be of type boolean: "string"',
    ],
  },
  {
    what: 'neither number nor text',
    spec: { port: true },
    causes: [
      'FieldValueTypeInvalid spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    ],
  },
  {
    what: 'too few items',
    spec: { few: ['a'] },
    causes: ['FieldValueInvalid spec.few: Invalid value: 1: spec.few in body should have at least 2 items'],
  },
  {
    what: 'too many items',
    spec: { few: ['a', 'b', 'c', 'd'] },
    causes: ['FieldValueTooMany spec.few: Too many: 4: must have at most 3 items'],
  },
  {
    what: 'an object for a list',
    spec: { few: {} },
    causes: [
      'FieldValueTypeInvalid spec.few: Invalid value: "object": spec.few in body must be of type array: "object"',
    ],
  },
  {
    what: 'a number in a list of texts',
    spec: { few: ['a', 1] },
    causes: [
      'FieldValueTypeInvalid spec.few[1]: Invalid value: "integer": spec.few[1] in body must be of type string: "integer"',
    ],
  },
  {
    what: 'null in a list',
    spec: { few: ['a', null] },
    causes: [
      'FieldValueTypeInvalid spec.few[1]: Invalid value: "null": spec.few[1] in body must be of type string: "null"',
    ],
  },
  {
    what: 'too few members',
    spec: { keys: {} },
    causes: ['FieldValueInvalid spec.keys: Invalid value: 0: spec.keys in body should have at least 1 properties'],
  },
  {
    what: 'too many members',
    spec: { keys: { a: '', b: '', c: '' } },
    causes: ['FieldValueTooMany spec.keys: Too many: 3: must have at most 2 items'],
  },
  {
    what: 'a number among texts',
    spec: { keys: { a: 1 } },
    causes: [
      'FieldValueTypeInvalid spec.keys.a: Invalid value: "integer": spec.keys.a in body must be of type string: "integer"',
    ],
  },
  {
    what: 'a list for an object',
    spec: { keys: [] },
    causes: [
      'FieldValueTypeInvalid spec.keys: Invalid value: "array": spec.keys in body must be of type object: "array"',
    ],
  },
  {
    what: 'missing members',
    spec: { nested: {} },
    causes: ['FieldValueRequired spec.nested.a: Required value', 'FieldValueRequired spec.nested.b: Required value'],
  },
  {
    what: 'a missing member of an item',
    spec: { list: [{ a: 'x' }, {}] },
    causes: ['FieldValueRequired spec.list[1].a: Required value'],
  },
  {
    what: 'a text for an item',
    spec: { list: ['x'] },
    causes: [
      'FieldValueTypeInvalid spec.list[0]: Invalid value: "string": spec.list[0] in body must be of type object: "string"',
    ],
  },
  {
    what: 'a time that is none',
    spec: { when: 'yesterday' },
    causes: [
      'FieldValueTypeInvalid spec.when: Invalid value: "yesterday": spec.when in body must be of type date-time: "yesterday"',
    ],
  },
  {
    what: 'a time without a zone',
    spec: { when: '2024-01-01T00:00:00' },
    causes: [
      'FieldValueTypeInvalid spec.when: Invalid value: "2024-01-01T00:00:00": spec.when in body must be of type date-time: "2024-01-01T00:00:00"',
    ],
  },
  {
    what: 'a day that there is not',
    spec: { day: '2024-02-30' },
    causes: [
      'FieldValueTypeInvalid spec.day: Invalid value: "2024-02-30": spec.day in body must be of type date: "2024-02-30"',
    ],
  },
  {
    what: 'a duration that is none',
    spec: { span: 'soon' },
    causes: [
      'FieldValueTypeInvalid spec.span: Invalid value: "soon": spec.span in body must be of type duration: "soon"',
    ],
  },
  {
    what: 'no mail address',
    spec: { mail: 'nobody' },
    causes: [
      'FieldValueTypeInvalid spec.mail: Invalid value: "nobody": spec.mail in body must be of type email: "nobody"',
    ],
  },
  {
    what: 'no IPv4 address',
    spec: { address: '::1' },
    causes: [
      'FieldValueTypeInvalid spec.address: Invalid value: "::1": spec.address in body must be of type ipv4: "::1"',
    ],
  },
  {
    what: 'no network',
    spec: { net: '10.0.0.0' },
    causes: [
      'FieldValueTypeInvalid spec.net: Invalid value: "10.0.0.0": spec.net in body must be of type cidr: "10.0.0.0"',
    ],
  },
  {
    what: 'no UUID',
    spec: { id: 'x' },
    causes: ['FieldValueTypeInvalid spec.id: Invalid value: "x": spec.id in body must be of type uuid: "x"'],
  },
  {
    what: 'no base64',
    spec: { bytes: '?' },
    causes: ['FieldValueTypeInvalid spec.bytes: Invalid value: "?": spec.bytes in body must be of type byte: "?"'],
  },
  {
    what: 'no address of the web',
    spec: { uri: 'no' },
    causes: ['FieldValueTypeInvalid spec.uri: Invalid value: "no": spec.uri in body must be of type uri: "no"'],
  },
  {
    what: 'none of one',
    spec: { one: {} },
    causes: [
      'FieldValueInvalid <nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
      'FieldValueRequired spec.one.a: Required value',
    ],
  },
  {
    what: 'both of one',
    spec: { one: { a: '', b: '' } },
    causes: [
      'FieldValueInvalid <nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  {
    what: 'none of any',
    spec: { any: {} },
    causes: [
      'FieldValueInvalid <nil>: Invalid value: "": "spec.any" must validate at least one schema (anyOf)',
      'FieldValueRequired spec.any.a: Required value',
    ],
  },
  {
    what: 'one of all',
    spec: { all: { a: 9 } },
    causes: [
      'FieldValueInvalid <nil>: Invalid value: "": "spec.all" must validate all the schemas (allOf)',
      'FieldValueInvalid spec.all.a: Invalid value: 9: spec.all.a in body should be less than or equal to 5',
    ],
  },
  {
    what: 'what it must not be',
    spec: { not: 'no' },
    causes: ['FieldValueInvalid <nil>: Invalid value: "": "spec.not" must not validate the schema (not)'],
  },
  {
    what: 'a number or a text that does not match',
    spec: { either: '50' },
    causes: ['FieldValueInvalid spec.either: Invalid value: "50": spec.either in body should match \'^[0-9]+%$\''],
  },
  {
    what: 'several things',
    spec: { whole: 'x', choice: 'c', nested: { a: 'x' } },
    causes: [
      'FieldValueNotSupported spec.choice: Unsupported value: "c": supported values: "a", "b"',
      'FieldValueRequired spec.nested.b: Required value',
      'FieldValueTypeInvalid spec.whole: Invalid value: "string": spec.whole in body must be of type integer: "string"',
    ],
  },
  {
    what: 'two things',
    spec: { whole: 0, text: 'a' },
    causes: [
      'FieldValueInvalid spec.text: Invalid value: "a": spec.text in body should be at least 2 chars long',
      'FieldValueInvalid spec.whole: Invalid value: 0: spec.whole in body should be greater than or equal to 1',
    ],
  },
];

for (const { what, spec, causes } of cases) {
  test(`an object is refused for ${what}`, async () => {
    const body = { apiVersion: `${group}/v1`, kind: 'Check', metadata: { name: 'a' }, spec };
    const answer = await api.call(`/apis/${group}/v1/namespaces/${namespace}/checks`, { method: 'POST', body });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(causesOf(answer), causes);
  });
}
