/** What is told of definitions and of their objects without refusing them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, define, definition, newGroup, withSpec } from './definitions.ts';
import { MERGE } from './objects.ts';
import { type Answer, connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

const told = ({ headers }: Answer): readonly string[] =>
  [...String(headers['warning'] ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll('\\"', '"'),
  );

test('formats that nobody checks', async () => {
  const properties = {
    a: { type: 'string', format: 'made-up' },
    b: { type: 'integer', format: 'int16' },
    c: { type: 'array', items: { type: 'string', format: 'ipv4' } },
    d: { type: 'object', additionalProperties: { type: 'number', format: 'half' } },
    e: { type: 'boolean', format: 'yes' },
  };
  const answer = await create(
    api,
    definition(newGroup(), 'gadgets', { schema: withSpec({ type: 'object', properties }) }),
  );
  assert.equal(answer.status, 201);
  assert.deepEqual([...told(answer)].sort(), [
    'unrecognized format "half"',
    'unrecognized format "int16"',
    'unrecognized format "made-up"',
    'unrecognized format "yes"',
  ]);
});

test('finalizers that others could choose as well', async () => {
  const group = newGroup();
  await define(api, group, 'gadgets');
  const path = `/apis/${group}/v1/namespaces/${namespace}/gadgets`;
  const body = {
    apiVersion: `${group}/v1`,
    kind: 'Gadget',
    metadata: { name: 'a', finalizers: ['plain', 'example.com/fine'] },
  };
  const made = await api.call(path, { method: 'POST', body });
  assert.equal(made.status, 201, made.text);
  const plain =
    'metadata.finalizers: "plain": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers';
  assert.deepEqual(told(made), [plain]);
  const more = { metadata: { finalizers: ['plain', 'example.com', 'orphan'] } };
  const changed = await api.call(`${path}/a`, { method: 'PATCH', headers: MERGE, body: more });
  assert.deepEqual(told(changed), [
    'metadata.finalizers: "example.com": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers',
  ]);
});

test('versions that shall not be used any more', async () => {
  const group = newGroup();
  const schema = { openAPIV3Schema: { type: 'object' } };
  const versions = [
    { name: 'v1', served: true, storage: true, schema },
    { name: 'v1beta2', served: true, storage: false, schema, deprecated: true },
    { name: 'v1beta1', served: true, storage: false, schema, deprecated: true, deprecationWarning: 'too old' },
    { name: 'v2', served: true, storage: false, schema },
  ];
  await define(api, group, 'gadgets', { versions });
  const list = (version: string): Promise<Answer> =>
    api.call(`/apis/${group}/${version}/namespaces/${namespace}/gadgets`);
  assert.deepEqual(told(await list('v1beta2')), [`${group}/v1beta2 Gadget is deprecated; use ${group}/v2 Gadget`]);
  assert.deepEqual(told(await list('v1beta1')), ['too old']);
  assert.deepEqual(told(await list('v1')), []);
});

test('the only version, which shall not be used any more', async () => {
  const group = newGroup();
  await define(api, group, 'gadgets', { version: { deprecated: true } });
  const answer = await api.call(`/apis/${group}/v1/gadgets`);
  assert.deepEqual(told(answer), [`${group}/v1 Gadget is deprecated`]);
});
