import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MERGE } from './objects.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const core = (name = '') => `/api/v1/namespaces/${namespace}/events${name && `/${name}`}`;
const events = (name = '') => `/apis/events.k8s.io/v1/namespaces/${namespace}/events${name && `/${name}`}`;

const EVENT_TIME = '2026-01-02T03:04:05.000006Z';

const event = (name: string, more: object = {}): object => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name },
  eventTime: EVENT_TIME,
  reportingController: 'conformance.example/suite',
  reportingInstance: 'one',
  action: 'Testing',
  reason: 'Tested',
  note: 'it was tested',
  type: 'Normal',
  regarding: { kind: 'Pod', name: 'one', namespace },
  ...more,
});

const oldEvent = (name: string): object => ({
  metadata: { name },
  involvedObject: { kind: 'Pod', name: 'two', namespace },
  reason: 'Old',
  message: 'from of old',
  source: { component: 'somebody', host: 'here' },
  firstTimestamp: '2026-01-02T03:04:05Z',
  lastTimestamp: '2026-01-02T03:04:06Z',
  count: 3,
  type: 'Warning',
});

test('an event of the new group is one of the core group', async () => {
  const made = await api.call(events(), { method: 'POST', body: event('new') });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.apiVersion, 'events.k8s.io/v1');
  assert.equal(made.json.note, 'it was tested');
  assert.equal(made.json.deprecatedFirstTimestamp, null);
  const { json } = await api.call(core('new'));
  assert.equal(json.apiVersion, 'v1');
  assert.equal(json.message, 'it was tested');
  assert.equal(json.reportingComponent, 'conformance.example/suite');
  assert.deepEqual(json.involvedObject, { kind: 'Pod', name: 'one', namespace });
  assert.equal(json.firstTimestamp, null);
  assert.equal(json.eventTime, EVENT_TIME);
});

test('an event of the core group is one of the new group', async () => {
  await api.call(core(), { method: 'POST', body: oldEvent('old') });
  const { status, json } = await api.call(events('old'));
  assert.equal(status, 200);
  assert.equal(json.kind, 'Event');
  assert.equal(json.note, 'from of old');
  assert.deepEqual(json.regarding, { kind: 'Pod', name: 'two', namespace });
  assert.deepEqual(json.deprecatedSource, { component: 'somebody', host: 'here' });
  assert.equal(json.deprecatedFirstTimestamp, '2026-01-02T03:04:05Z');
  assert.equal(json.deprecatedCount, 3);
  assert.equal(json.eventTime, null);
});

test('a list and its field selectors speak of the new members', async () => {
  await api.call(events(), {
    method: 'POST',
    body: event('listed', { regarding: { kind: 'Pod', name: 'x', namespace } }),
  });
  const { json } = await api.call(
    `${events()}?fieldSelector=regarding.name%3Dx,reportingController%3Dconformance.example%2Fsuite`,
  );
  assert.equal(json.kind, 'EventList');
  assert.equal(json.apiVersion, 'events.k8s.io/v1');
  assert.deepEqual(
    json.items.map(({ metadata, regarding }: { metadata: { name: string }; regarding: { name: string } }) => [
      metadata.name,
      regarding.name,
    ]),
    [['listed', 'x']],
  );
  const refused = await api.call(`${events()}?fieldSelector=involvedObject.name%3Dx`);
  assert.equal(refused.status, 400);
  assert.equal(refused.json.message, 'field label not supported: involvedObject.name');
});

test('a watch shows the new members', async () => {
  const { json } = await api.call(events());
  const query = `watch=1&resourceVersion=${json.metadata.resourceVersion}&fieldSelector=metadata.name%3Dwatched`;
  await using watch = await api.watch(`${events()}?${query}`);
  await api.call(core(), { method: 'POST', body: oldEvent('watched') });
  const seen = await watch.next();
  assert.equal(seen?.type, 'ADDED');
  assert.equal(seen?.object.apiVersion, 'events.k8s.io/v1');
  assert.equal(seen?.object.note, 'from of old');
});

test('the new group is stricter about new events', async () => {
  const body = event('strict', { eventTime: undefined, type: 'Loud', deprecatedCount: 2, series: { count: 1 } });
  const { status, json } = await api.call(events(), { method: 'POST', body });
  assert.equal(status, 422);
  assert.equal(
    json.message,
    'Event "strict" is invalid: [series.count: Invalid value: "": should be at least 2, series.lastObservedTime: Required value, eventTime: Required value, type: Invalid value: "": has invalid value: Loud, count: Invalid value: "": needs to be unset]',
  );
});

test('only the series of an event can be changed by the new group', async () => {
  await api.call(events(), { method: 'POST', body: event('repeated') });
  const series = { count: 2, lastObservedTime: EVENT_TIME };
  const patched = await api.call(events('repeated'), { method: 'PATCH', headers: MERGE, body: { series } });
  assert.equal(patched.status, 200, patched.text);
  assert.deepEqual(patched.json.series, series);
  assert.deepEqual((await api.call(core('repeated'))).json.series, series);
  const refused = await api.call(events('repeated'), { method: 'PATCH', headers: MERGE, body: { note: 'other' } });
  assert.equal(refused.status, 422);
  assert.equal(
    refused.json.message,
    'Event "repeated" is invalid: message: Invalid value: "other": field is immutable',
  );
});

test('a table and a removal are the same in both groups', async () => {
  await api.call(events(), { method: 'POST', body: event('gone') });
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const [old, young] = await Promise.all(
    [core('gone'), events('gone')].map((path) => api.call(path, { headers: { accept } })),
  );
  assert.deepEqual(young?.json.columnDefinitions, old?.json.columnDefinitions);
  assert.equal(young?.json.rows[0].cells[3], 'pod/one');
  const removed = await api.call(events('gone'), { method: 'DELETE' });
  assert.equal(removed.status, 200);
  assert.equal(removed.json.kind, 'Status');
  assert.equal((await api.call(core('gone'))).status, 404);
});

test('what is refused is refused in the name of the new group', async () => {
  const missing = await api.call(events('nobody'));
  assert.equal(missing.status, 404);
  assert.equal(missing.json.message, 'events.events.k8s.io "nobody" not found');
  assert.deepEqual(missing.json.details, { name: 'nobody', group: 'events.k8s.io', kind: 'events' });
  await api.call(events(), { method: 'POST', body: event('twice') });
  const again = await api.call(events(), { method: 'POST', body: event('twice') });
  assert.equal(again.status, 409);
  assert.equal(again.json.message, 'events.events.k8s.io "twice" already exists');
});
