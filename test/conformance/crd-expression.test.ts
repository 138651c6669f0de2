/** Rules that a schema states as expressions: which objects they refuse, and how they say so. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { causesOf, define, newGroup, withSpec } from './definitions.ts';
import { MERGE } from './objects.ts';
import { type Answer, connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const group = newGroup();

const text = { type: 'string', maxLength: 20 };

const properties = {
  replicas: { type: 'integer' },
  least: { type: 'integer' },
  name: text,
  ratio: { type: 'number' },
  tags: { type: 'array', maxItems: 5, items: text },
  items: {
    type: 'array',
    maxItems: 5,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: {
      type: 'object',
      required: ['name'],
      properties: { name: text, size: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } },
      'x-kubernetes-validations': [
        { rule: '!has(self.size) || self.size < 100', message: 'an item is smaller than 100' },
      ],
    },
  },
  labels: { type: 'object', maxProperties: 5, additionalProperties: text },
  port: { 'x-kubernetes-int-or-string': true },
  'host-name': text,
  namespace: text,
  when: { type: 'string', format: 'date-time' },
  span: { type: 'string', format: 'duration' },
  capacity: text,
  address: text,
  fixed: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed does not change' }] },
  once: {
    ...text,
    'x-kubernetes-validations': [
      { rule: '!oldSelf.hasValue() || oldSelf.value() == self', optionalOldSelf: true, message: 'once is for ever' },
    ],
  },
};

const rules = [
  {
    rule: '!has(self.replicas) || !has(self.least) || self.replicas >= self.least',
    fieldPath: '.replicas',
    reason: 'FieldValueForbidden',
  },
  {
    rule: '!has(self.name) || self.name.startsWith("a")',
    message: 'plain',
    messageExpression: '"the name " + self.name + " does not begin with a"',
  },
  { rule: '!has(self.ratio) || self.ratio * 2.0 <= 1.0' },
  {
    rule: '!has(self.tags) || self.tags.all(t, t == t.lowerAscii()) && self.tags.isSorted()',
    message: ' small and sorted ',
  },
  { rule: '!has(self.labels) || !("bad" in self.labels) && self.labels.all(k, size(k) < 5)' },
  { rule: '!has(self.port) || (type(self.port) == int ? self.port > 1024 : self.port != "")', fieldPath: '.port' },
  { rule: '!has(self.host__dash__name) || self.host__dash__name.contains(".")' },
  { rule: '!has(self.__namespace__) || self.__namespace__ != "kube-system"' },
  { rule: '!has(self.when) || self.when > timestamp("2020-01-01T00:00:00Z")' },
  { rule: '!has(self.span) || self.span <= duration("1h")' },
  { rule: '!has(self.capacity) || quantity(self.capacity).isGreaterThan(quantity("1Gi"))' },
  { rule: '!has(self.address) || isIP(self.address) && cidr("10.0.0.0/8").containsIP(ip(self.address))' },
  {
    rule: '!has(self.items) || self.items.exists(i, has(i.size)) || self.items.size() < 2',
    reason: 'FieldValueRequired',
    fieldPath: '.items',
  },
];

const spec = { type: 'object', properties, 'x-kubernetes-validations': rules };

await define(api, group, 'ruleds', {
  schema: {
    ...withSpec(spec),
    'x-kubernetes-validations': [{ rule: 'self.metadata.name.size() < 20', message: 'a short name' }],
  },
});

const path = `/apis/${group}/v1/namespaces/${namespace}/ruleds`;

const post = (name: string, content: object): Promise<Answer> =>
  api.call(path, {
    method: 'POST',
    body: { apiVersion: `${group}/v1`, kind: 'Ruled', metadata: { name }, spec: content },
  });

interface Case {
  readonly spec: object;
  /** None: the object is accepted. */
  readonly causes: readonly string[];
}

const refused = (field: string, detail: string, reason = 'FieldValueInvalid'): readonly string[] => [
  `${reason} ${field}: ${detail}`,
];
const failed = (rule: string): readonly string[] => refused('spec', `Invalid value: failed rule: ${rule}`);

const cases: Readonly<Record<string, Case>> = {
  'nothing to check': { spec: {}, causes: [] },
  'everything in order': {
    spec: {
      replicas: 2,
      least: 1,
      name: 'abc',
      ratio: 0.5,
      tags: ['a', 'b'],
      items: [{ name: 'x', size: 1 }, { name: 'y' }],
      labels: { app: 'x' },
      port: 8080,
      'host-name': 'a.b',
      namespace: 'x',
      when: '2024-05-01T00:00:00Z',
      span: '30m',
      capacity: '2Gi',
      address: '10.1.2.3',
    },
    causes: [],
  },
  'a rule about two fields, said of one, with a reason': {
    spec: { replicas: 1, least: 2 },
    causes: refused(
      'spec.replicas',
      'Forbidden: failed rule: !has(self.replicas) || !has(self.least) || self.replicas >= self.least',
      'FieldValueForbidden',
    ),
  },
  'a message that is an expression': {
    spec: { name: 'xyz' },
    causes: refused('spec', 'Invalid value: the name xyz does not begin with a'),
  },
  'a rule with fractions': { spec: { ratio: 1 }, causes: failed('!has(self.ratio) || self.ratio * 2.0 <= 1.0') },
  'a rule for every item': { spec: { tags: ['B'] }, causes: refused('spec', 'Invalid value: small and sorted') },
  'a rule about the order': { spec: { tags: ['b', 'a'] }, causes: refused('spec', 'Invalid value: small and sorted') },
  'a rule about names of members': {
    spec: { labels: { bad: '' } },
    causes: failed('!has(self.labels) || !("bad" in self.labels) && self.labels.all(k, size(k) < 5)'),
  },
  'a rule about a number or a text': {
    spec: { port: 80 },
    causes: refused(
      'spec.port',
      'Invalid value: failed rule: !has(self.port) || (type(self.port) == int ? self.port > 1024 : self.port != "")',
    ),
  },
  'a field with a dash in its name': {
    spec: { 'host-name': 'x' },
    causes: failed('!has(self.host__dash__name) || self.host__dash__name.contains(".")'),
  },
  'a field named like a word of the language': {
    spec: { namespace: 'kube-system' },
    causes: failed('!has(self.__namespace__) || self.__namespace__ != "kube-system"'),
  },
  'a time': {
    spec: { when: '2019-05-01T00:00:00Z' },
    causes: failed('!has(self.when) || self.when > timestamp("2020-01-01T00:00:00Z")'),
  },
  'a duration': { spec: { span: '90m' }, causes: failed('!has(self.span) || self.span <= duration("1h")') },
  'a size': {
    spec: { capacity: '512Mi' },
    causes: failed('!has(self.capacity) || quantity(self.capacity).isGreaterThan(quantity("1Gi"))'),
  },
  'a size that is none': {
    spec: { capacity: 'x' },
    causes: refused(
      'spec',
      'Invalid value: "object": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\' evaluating rule: !has(self.capacity) || quantity(self.capacity).isGreaterThan(quantity("1Gi"))',
    ),
  },
  'an address': {
    spec: { address: '192.168.0.1' },
    causes: failed('!has(self.address) || isIP(self.address) && cidr("10.0.0.0/8").containsIP(ip(self.address))'),
  },
  'an item of a list': {
    spec: {
      items: [
        { name: 'x', size: 1 },
        { name: 'y', size: 100 },
      ],
    },
    causes: refused('spec.items[1]', 'Invalid value: an item is smaller than 100'),
  },
  'a field that must be there': {
    spec: { items: [{ name: 'x' }, { name: 'y' }] },
    causes: refused(
      'spec.items',
      'Required value: failed rule: !has(self.items) || self.items.exists(i, has(i.size)) || self.items.size() < 2',
      'FieldValueRequired',
    ),
  },
  'two rules at once': {
    spec: { ratio: 1, span: '2h' },
    causes: [
      'FieldValueInvalid spec: Invalid value: failed rule: !has(self.ratio) || self.ratio * 2.0 <= 1.0',
      'FieldValueInvalid spec: Invalid value: failed rule: !has(self.span) || self.span <= duration("1h")',
    ],
  },
  'a wrong type, which is told before': {
    spec: { replicas: 'x', ratio: 1 },
    causes: [
      'FieldValueInvalid <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      'FieldValueTypeInvalid spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
    ],
  },
};

describe('a new object', () => {
  let number = 0;
  for (const [what, { spec: content, causes }] of Object.entries(cases)) {
    test(`with ${what}`, async () => {
      number += 1;
      const answer = await post(`new-${number}`, content);
      assert.equal(answer.status, causes.length === 0 ? 201 : 422, answer.text);
      assert.deepEqual(causesOf(answer), causes);
    });
  }
});

test('a rule of the whole object names no field', async () => {
  const answer = await post('a-name-that-is-long-enough', {});
  assert.equal(answer.status, 422);
  assert.deepEqual(causesOf(answer), ['FieldValueInvalid <nil>: Invalid value: a short name']);
});

const patch = (name: string, content: object): Promise<Answer> =>
  api.call(`${path}/${name}`, { method: 'PATCH', headers: MERGE, body: { spec: content } });

test('a rule about what was there before is not asked of what is new', async () => {
  assert.equal((await post('fixed', { fixed: 'a', items: [{ name: 'x', size: 5 }] })).status, 201);
  const changed = await patch('fixed', { fixed: 'b' });
  assert.deepEqual(causesOf(changed), ['FieldValueInvalid spec.fixed: Invalid value: "b": fixed does not change']);
  assert.equal((await patch('fixed', { fixed: null })).status, 200);
  assert.equal((await patch('fixed', { fixed: 'c' })).status, 200);
});

test('items are compared with those of the same key', async () => {
  await post('items', {
    items: [
      { name: 'x', size: 5 },
      { name: 'y', size: 1 },
    ],
  });
  assert.equal(
    (
      await patch('items', {
        items: [
          { name: 'y', size: 1 },
          { name: 'x', size: 6 },
        ],
      })
    ).status,
    200,
  );
  const smaller = await patch('items', {
    items: [
      { name: 'y', size: 0 },
      { name: 'x', size: 6 },
    ],
  });
  assert.deepEqual(causesOf(smaller), [
    'FieldValueInvalid spec.items[0].size: Invalid value: 0: failed rule: self >= oldSelf',
  ]);
});

test('a rule can be told that there was nothing before', async () => {
  assert.equal((await post('once', { once: 'a' })).status, 201);
  assert.deepEqual(causesOf(await patch('once', { once: 'b' })), [
    'FieldValueInvalid spec.once: Invalid value: "b": once is for ever',
  ]);
});

test('what an update leaves as it was is not held against it', async () => {
  const own = newGroup();
  const wide = withSpec({
    type: 'object',
    properties: { a: text, b: text, list: { type: 'array', items: text, maxItems: 5 } },
  });
  await define(api, own, 'ruleds', { schema: wide });
  const at = `/apis/${own}/v1/namespaces/${namespace}/ruleds`;
  const body = {
    apiVersion: `${own}/v1`,
    kind: 'Ruled',
    metadata: { name: 'old' },
    spec: { a: 'long', b: 'x', list: ['no'] },
  };
  await api.call(at, { method: 'POST', body });
  const narrow = withSpec({
    type: 'object',
    properties: {
      a: { type: 'string', maxLength: 2, 'x-kubernetes-validations': [{ rule: 'self != "long"' }] },
      b: text,
      list: { type: 'array', maxItems: 5, items: { type: 'string', enum: ['yes'] } },
    },
  });
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const patched = [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: narrow }];
  const headers = { 'content-type': 'application/json-patch+json' };
  await api.call(`${definitions}/ruleds.${own}`, { method: 'PATCH', body: patched, headers });
  let strict: Answer = await api.call(at);
  for (let tries = 0; tries < 200 && strict.status !== 422; tries += 1) {
    strict = await api.call(`${at}?dryRun=All`, { method: 'POST', body: { ...body, metadata: { name: 'new' } } });
  }
  assert.deepEqual(causesOf(strict), [
    'FieldValueInvalid <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    'FieldValueNotSupported spec.list[0]: Unsupported value: "no": supported values: "yes"',
    'FieldValueTooLong spec.a: Too long: may not be more than 2 bytes',
  ]);
  const change = (content: object): Promise<Answer> =>
    api.call(`${at}/old`, { method: 'PATCH', headers: MERGE, body: { spec: content } });
  assert.equal((await change({ b: 'y' })).status, 200);
  const worse = await change({ a: 'longer' });
  assert.deepEqual(causesOf(worse), [
    'FieldValueInvalid <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    'FieldValueTooLong spec.a: Too long: may not be more than 2 bytes',
  ]);
});
