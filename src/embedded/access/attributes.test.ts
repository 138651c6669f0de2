import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf } from './attributes.ts';

const base = { kind: 'resource', group: '', subresource: '', namespace: '', name: '' };

const cases: readonly (readonly [request: string, attributes: object])[] = [
  ['GET /api/v1/pods', { ...base, verb: 'list', resource: 'pods' }],
  ['GET /api/v1/namespaces/a/pods/b', { ...base, verb: 'get', resource: 'pods', namespace: 'a', name: 'b' }],
  ['GET /api/v1/namespaces', { ...base, verb: 'list', resource: 'namespaces' }],
  ['GET /api/v1/namespaces/a', { ...base, verb: 'get', resource: 'namespaces', namespace: 'a', name: 'a' }],
  [
    'PUT /api/v1/namespaces/a/finalize',
    { ...base, verb: 'update', resource: 'namespaces', subresource: 'finalize', namespace: 'a', name: 'a' },
  ],
  [
    'POST /apis/apps/v1/namespaces/a/deployments',
    { ...base, verb: 'create', group: 'apps', resource: 'deployments', namespace: 'a' },
  ],
  [
    'PATCH /apis/apps/v1/namespaces/a/deployments/b/scale',
    {
      ...base,
      verb: 'patch',
      group: 'apps',
      resource: 'deployments',
      subresource: 'scale',
      namespace: 'a',
      name: 'b',
    },
  ],
  ['DELETE /api/v1/namespaces/a/pods', { ...base, verb: 'deletecollection', resource: 'pods', namespace: 'a' }],
  ['DELETE /api/v1/namespaces/a/pods/b', { ...base, verb: 'delete', resource: 'pods', namespace: 'a', name: 'b' }],
  ['GET /api/v1/pods?watch=1', { ...base, verb: 'watch', resource: 'pods' }],
  ['GET /api/v1/pods?watch=false', { ...base, verb: 'list', resource: 'pods' }],
  ['GET /api/v1/watch/namespaces/a/pods', { ...base, verb: 'watch', resource: 'pods', namespace: 'a' }],
  ['GET /api/v1/pods?fieldSelector=metadata.name%3Db', { ...base, verb: 'list', resource: 'pods', name: 'b' }],
  [
    'GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn,metadata.name%3D%3Db',
    { ...base, verb: 'list', resource: 'pods', name: 'b' },
  ],
  ['GET /api/v1/pods?fieldSelector=metadata.name%21%3Db', { ...base, verb: 'list', resource: 'pods' }],
  ['GET /api', { kind: 'path', verb: 'get', path: '/api' }],
  ['GET /apis/apps/v1', { kind: 'path', verb: 'get', path: '/apis/apps/v1' }],
  ['POST /healthz', { kind: 'path', verb: 'post', path: '/healthz' }],
];

for (const [request, expected] of cases) {
  test(`${request} asks for the right thing`, () => {
    const [method = '', address = ''] = request.split(' ');
    const { pathname, searchParams } = new URL(address, 'https://localhost');
    assert.deepEqual(attributesOf({ method, path: pathname, query: searchParams }), expected);
  });
}
