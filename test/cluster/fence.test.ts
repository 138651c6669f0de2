import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOn } from './fence.ts';

const realm = { prefix: 'larder-test-ab12c-', volumes: new Set(['pvc-1']) };
const volume = (storageClassName: string) =>
  JSON.stringify({ metadata: { name: 'pvc-2' }, spec: { storageClassName } });

const cases: readonly (readonly [method: string, path: string, body: string, outcome: 'passes' | 'refused'])[] = [
  ['GET', '/api/v1/persistentvolumeclaims?watch=true', '', 'passes'],
  ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', '{}', 'passes'],
  [
    'PATCH',
    '/api/v1/namespaces/larder-test-ab12c-1-default/persistentvolumeclaims/data?fieldManager=x',
    '{}',
    'passes',
  ],
  ['POST', '/api/v1/namespaces/larder-test-ab12c-1-default/events', '{}', 'passes'],
  ['PATCH', '/api/v1/namespaces/default/persistentvolumeclaims/data', '{}', 'refused'],
  [
    'PATCH',
    '/api/v1/namespaces/default/persistentvolumeclaims/data?x=/namespaces/larder-test-ab12c-1/a',
    '{}',
    'refused',
  ],
  ['PATCH', '/api/v1/namespaces/larder-test-ab12c-1/../default/persistentvolumeclaims/data', '{}', 'refused'],
  ['PATCH', '/api/v1/namespaces/larder-test-ab12c-1/%2e%2e/default/persistentvolumeclaims/data', '{}', 'refused'],
  ['PATCH', '/api/v1//namespaces/larder-test-ab12c-1/pods/a', '{}', 'refused'],
  ['PATCH', '/api/v1/namespaces/other-larder-test-ab12c-1/pods/a', '{}', 'refused'],
  ['DELETE', '/api/v1/namespaces/larder-test-ab12c-1-default', '', 'refused'],
  ['POST', '/api/v1/persistentvolumes?fieldManager=larder', volume('larder-test-ab12c-1-larder'), 'passes'],
  ['POST', '/api/v1/persistentvolumes', volume('gp3'), 'refused'],
  ['POST', '/api/v1/persistentvolumes', 'nonsense', 'refused'],
  ['DELETE', '/api/v1/persistentvolumes/pvc-1', '', 'passes'],
  ['PATCH', '/api/v1/persistentvolumes/pvc-1/status', '{}', 'passes'],
  ['DELETE', '/api/v1/persistentvolumes/pvc-3', '', 'refused'],
  ['DELETE', '/api/v1/persistentvolumes', '', 'refused'],
  ['PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x', '{}', 'refused'],
  ['PATCH', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pvcgroups.pvc-chonker.io', '{}', 'refused'],
];

test('nothing but reading, and what is of the run, passes the fence', () => {
  for (const [method, path, body, outcome] of cases) {
    assert.equal(verdictOn({ method, path, body }, realm).kind, outcome, `${method} ${path} ${body}`);
  }
});

test('a volume that the run makes is known by its name', () => {
  const request = { method: 'POST', path: '/api/v1/persistentvolumes', body: volume('larder-test-ab12c-1-larder') };
  assert.deepEqual(verdictOn(request, realm), { kind: 'passes', volume: 'pvc-2' });
});
