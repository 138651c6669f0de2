import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const endpoints = `/api/v1/namespaces/${namespace}/endpoints`;
const WARNING = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"';

test('whoever asks for a kind that is on its way out is told', async () => {
  const listed = await api.call(endpoints);
  assert.equal(listed.headers['warning'], WARNING);
  const missing = await api.call(`${endpoints}/nobody`);
  assert.equal(missing.status, 404);
  assert.equal(missing.headers['warning'], WARNING);
  const made = await api.call(endpoints, { method: 'POST', body: { metadata: { name: 'made' } } });
  assert.equal(made.status, 201);
  assert.equal(made.headers['warning'], WARNING);
});

test('whoever asks for its successor is told nothing', async () => {
  const { headers } = await api.call(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`);
  assert.equal(headers['warning'], undefined);
});
