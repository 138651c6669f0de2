/** Events as old clients write them and new ones read them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from './target.ts';

const api = await connect();

test('an event of the core group has no empty reporter in the other view, and has one in its own', async () => {
  const namespace = await api.namespace();
  const body = {
    metadata: { name: 'seen' },
    involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'thing' },
    type: 'Normal',
    reason: 'Seen',
    message: 'it was there',
    source: { component: 'story' },
  };
  const made = await api.call(`/api/v1/namespaces/${namespace}/events`, { method: 'POST', body });
  assert.equal(made.status, 201);
  assert.deepEqual([made.json.reportingComponent, made.json.reportingInstance], ['', '']);
  const { json } = await api.call(`/apis/events.k8s.io/v1/namespaces/${namespace}/events/seen`);
  const { metadata, ...rest } = json;
  assert.equal(metadata.name, 'seen');
  assert.deepEqual(rest, {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    eventTime: null,
    reason: 'Seen',
    regarding: { kind: 'ConfigMap', namespace, name: 'thing', apiVersion: 'v1' },
    note: 'it was there',
    type: 'Normal',
    deprecatedSource: { component: 'story' },
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  });
});
