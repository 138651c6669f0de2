import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MERGE } from './objects.ts';
import { type Refused, refuses } from './refusal.ts';
import { type Answer, connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

const EVENTS = '/api/v1/namespaces/$NS/events';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/$NS/leases';
const events = (name = ''): string => `${EVENTS.replace('$NS', namespace)}${name && `/${name}`}`;
const leases = (name = ''): string => `${LEASES.replace('$NS', namespace)}${name && `/${name}`}`;

const about = { kind: 'Pod', namespace: '$NS', name: 'p', uid: 'u1', apiVersion: 'v1', fieldPath: 'spec.x' };
const event = (name: string, more: object = {}) => ({
  metadata: { name },
  involvedObject: { ...about, namespace },
  reason: 'R',
  message: 'm',
  type: 'Normal',
  source: { component: 'c', host: 'h' },
  ...more,
});
const modern = (name: string) =>
  event(name, {
    eventTime: '2026-01-01T00:00:00.123456Z',
    reportingComponent: 'example.com/c',
    reportingInstance: 'i',
    action: 'A',
    series: { count: 2, lastObservedTime: '2026-01-01T00:00:01.000001Z' },
  });

const post = (path: string, body: object): Promise<Answer> => api.call(path, { method: 'POST', body });
const patch = (path: string, body: object): Promise<Answer> =>
  api.call(path, { method: 'PATCH', headers: MERGE, body });

test('times that an event does not say are null, and so they are shown', async () => {
  const { status, json } = await post(events(), event('old'));
  assert.equal(status, 201);
  assert.deepEqual([json.firstTimestamp, json.lastTimestamp, json.eventTime], [null, null, null]);
  assert.deepEqual([json.reportingComponent, json.reportingInstance], ['', '']);
});

test('an event of the newer form keeps its times to the microsecond', async () => {
  const { status, json } = await post(events(), modern('new'));
  assert.equal(status, 201);
  assert.equal(json.eventTime, '2026-01-01T00:00:00.123456Z');
  assert.deepEqual(json.series, { count: 2, lastObservedTime: '2026-01-01T00:00:01.000001Z' });
});

test('an event is counted by a patch, as recorders do', async () => {
  await post(events(), event('counted'));
  const { status, json } = await patch(events('counted'), { count: 5, lastTimestamp: '2026-01-01T00:00:02Z' });
  assert.deepEqual([status, json.count, json.lastTimestamp], [200, 5, '2026-01-01T00:00:02Z']);
});

test('a series goes on by a patch', async () => {
  await post(events(), modern('series'));
  const { status, json } = await patch(events('series'), { series: { count: 3 } });
  assert.deepEqual([status, json.series.count], [200, 3]);
});

test('an event that is not there is made by a PUT', async () => {
  const { status, json } = await api.call(events('put'), { method: 'PUT', body: event('put') });
  assert.deepEqual([status, json.metadata.name], [201, 'put']);
  assert.equal((await api.call(events('put'), { method: 'PUT', body: event('put') })).status, 200);
});

refuses(api, namespace, [
  {
    rule: 'an event about nothing is about something in no namespace',
    request: [EVENTS, { method: 'POST', body: { metadata: { name: 'bare' } } }],
    status: 422,
    reason: 'Invalid',
    message: 'Event "bare" is invalid: involvedObject.namespace: Invalid value: "": does not match event.namespace',
    fields: ['involvedObject.namespace'],
  },
  {
    rule: 'the time of an event has six digits after the second',
    request: [EVENTS, { method: 'POST', body: event('short', { eventTime: '2026-01-01T00:00:00.5Z' }) }],
    status: 400,
    reason: 'BadRequest',
    message:
      /^Event in version "v1" cannot be handled as a Event: parsing time "2026-01-01T00:00:00\.5Z" as "2006-01-02T15:04:05\.000000Z07:00"/,
  },
  {
    rule: 'an event of the newer form says who reports it, and what was done',
    request: [EVENTS, { method: 'POST', body: event('anonymous', { eventTime: '2026-01-01T00:00:00.000000Z' }) }],
    status: 422,
    reason: 'Invalid',
    message: /reportingComponent: Required value/,
    fields: ['reportingComponent', 'reportingComponent', 'reportingComponent', 'reportingInstance', 'action'],
  },
  {
    rule: 'events are not chosen by their message',
    request: [`${EVENTS}?fieldSelector=message%3Dm`],
    status: 400,
    reason: 'BadRequest',
    message: /field label not supported: message/,
  },
  {
    rule: 'a lease of no time is refused',
    request: [LEASES, { method: 'POST', body: { metadata: { name: 'x' }, spec: { leaseDurationSeconds: 0 } } }],
    status: 422,
    reason: 'Invalid',
    message: /spec\.leaseDurationSeconds: Invalid value: 0: must be greater than 0/,
  },
  {
    rule: 'a lease changes hands no fewer than zero times',
    request: [LEASES, { method: 'POST', body: { metadata: { name: 'x' }, spec: { leaseTransitions: -1 } } }],
    status: 422,
    reason: 'Invalid',
    message: /spec\.leaseTransitions: Invalid value: -1: must be greater than or equal to 0/,
  },
  {
    rule: 'the time of a lease has six digits after the second',
    request: [
      LEASES,
      { method: 'POST', body: { metadata: { name: 'x' }, spec: { renewTime: '2026-01-01T00:00:00Z' } } },
    ],
    status: 400,
    reason: 'BadRequest',
    message: /^Lease in version "v1" cannot be handled as a Lease: parsing time "2026-01-01T00:00:00Z"/,
  },
] satisfies readonly Refused[]);

for (const [field, value] of Object.entries({
  'involvedObject.kind': 'Pod',
  'involvedObject.namespace': namespace,
  'involvedObject.name': 'p',
  'involvedObject.uid': 'u1',
  'involvedObject.apiVersion': 'v1',
  'involvedObject.fieldPath': 'spec.x',
  reason: 'R',
  source: 'c',
  type: 'Normal',
  'metadata.name': 'chosen',
})) {
  test(`events are chosen by ${field}`, async () => {
    await post(events(), event('chosen'));
    const count = async (wanted: string): Promise<number> => {
      const selector = encodeURIComponent(`${field}=${wanted},metadata.name=chosen`);
      return (await api.call(`${events()}?fieldSelector=${selector}`)).json.items.length;
    };
    assert.deepEqual([await count(value), await count('another')], [1, 0]);
  });
}

const hold = (holderIdentity: string, resourceVersion = '') => ({
  metadata: { name: 'held', ...(resourceVersion && { resourceVersion }) },
  spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000001Z', leaseTransitions: 0 },
});

test('a lease is taken once: who comes with an older version has lost', async () => {
  const { json } = await post(leases(), hold('a'));
  const version = json.metadata.resourceVersion;
  const won = await api.call(leases('held'), { method: 'PUT', body: hold('b', version) });
  assert.deepEqual([won.status, won.json.spec.holderIdentity], [200, 'b']);
  const lost = await api.call(leases('held'), { method: 'PUT', body: hold('c', version) });
  assert.deepEqual([lost.status, lost.json.reason], [409, 'Conflict']);
  assert.equal((await api.call(leases('held'))).json.spec.holderIdentity, 'b');
});

test('a lease is given up by a patch', async () => {
  const { json } = await post(leases(), { ...hold('a'), metadata: { name: 'given-up' } });
  assert.equal(json.spec.holderIdentity, 'a');
  assert.equal(
    (await patch(leases('given-up'), { spec: { holderIdentity: null } })).json.spec.holderIdentity,
    undefined,
  );
});

test('a lease that is not there is made by a PUT', async () => {
  const body = { metadata: { name: 'put' }, spec: { holderIdentity: 'a' } };
  assert.equal((await api.call(leases('put'), { method: 'PUT', body })).status, 201);
});

test('a lease does not say how its holder is elected where that is not switched on', async () => {
  const body = { metadata: { name: 'plain' }, spec: { strategy: 'OldestEmulationVersion', preferredHolder: 'x' } };
  const { json } = await post(leases(), body);
  assert.deepEqual(json.spec, {});
});
