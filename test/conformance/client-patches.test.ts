/** What a person is shown whose patch makes no object of the kind: the whole of what it would make. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { connect } from './target.ts';

const api = await connect();
let path = '';

before(async () => {
  const maps = `/api/v1/namespaces/${await api.namespace()}/configmaps`;
  path = `${maps}/one`;
  const body = { metadata: { name: 'one', labels: { z: '1', a: '2' } }, data: { b: '1', a: '2' } };
  const { status } = await api.call(`${maps}?fieldManager=maker`, { method: 'POST', body });
  assert.equal(status, 201);
});

const members = (text: string): readonly string[] => Object.keys(JSON.parse(text));

/** The object that the refusal quotes, as its text. */
async function quoted(type: string, body: unknown, why: RegExp): Promise<string> {
  const headers = { 'content-type': `application/${type}` };
  const { status, json } = await api.call(path, { method: 'PATCH', headers, body });
  assert.equal(status, 422);
  const [, text = '', rest = ''] =
    /^ ?"" is invalid: patch: Invalid value: ("(?:[^"\\]|\\.)*"): (.*)$/.exec(json.message) ?? [];
  assert.match(rest, why, json.message);
  return JSON.parse(text);
}

const NOT_TEXT = /^json: cannot unmarshal number into Go struct field ConfigMap\.data of type string$/;

test('members that a merge patch does not reach are in the order of the API', async () => {
  const text = await quoted('merge-patch+json', { data: { c: 3 } }, NOT_TEXT);
  assert.deepEqual(members(text), ['apiVersion', 'data', 'kind', 'metadata']);
  const { metadata } = JSON.parse(text);
  assert.deepEqual(Object.keys(metadata), [
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'labels',
    'managedFields',
  ]);
  assert.deepEqual(Object.keys(metadata.labels), ['a', 'z']);
  assert.deepEqual(Object.keys(metadata.managedFields[0]), [
    'manager',
    'operation',
    'apiVersion',
    'time',
    'fieldsType',
    'fieldsV1',
  ]);
});

test('members that it reaches are in the order of their names', async () => {
  const text = await quoted('merge-patch+json', { data: { c: 3 }, metadata: { labels: { b: '3' } } }, NOT_TEXT);
  const { metadata } = JSON.parse(text);
  assert.deepEqual(Object.keys(metadata), [
    'creationTimestamp',
    'labels',
    'managedFields',
    'name',
    'namespace',
    'resourceVersion',
    'uid',
  ]);
});

test('a JSON patch is quoted in the same way', async () => {
  const operations = [{ op: 'add', path: '/data/c', value: 3 }];
  const text = await quoted('json-patch+json', operations, NOT_TEXT);
  assert.deepEqual(members(text), ['apiVersion', 'data', 'kind', 'metadata']);
  assert.equal(Object.keys(JSON.parse(text).metadata)[0], 'name');
});
