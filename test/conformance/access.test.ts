import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { APPLY, configMap, configMaps, MERGE } from './objects.ts';
import { AUTHORIZATION, as, grant, post, ROLES, settled, until } from './persona.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const unique = randomBytes(4).toString('hex');
const nobody = as(api, `nobody-${unique}`);

for (const { what, path, method = 'GET', message, details } of [
  {
    what: 'a list in a namespace',
    path: configMaps(namespace),
    message: `configmaps is forbidden: User "nobody-${unique}" cannot list resource "configmaps" in API group "" in the namespace "${namespace}"`,
    details: { kind: 'configmaps' },
  },
  {
    what: 'one object',
    path: configMaps(namespace, 'x'),
    message: `configmaps "x" is forbidden: User "nobody-${unique}" cannot get resource "configmaps" in API group "" in the namespace "${namespace}"`,
    details: { name: 'x', kind: 'configmaps' },
  },
  {
    what: 'an object without a namespace',
    path: '/api/v1/nodes/x',
    message: `nodes "x" is forbidden: User "nobody-${unique}" cannot get resource "nodes" in API group "" at the cluster scope`,
    details: { name: 'x', kind: 'nodes' },
  },
  {
    what: 'a namespace, which counts as being in itself',
    path: '/api/v1/namespaces/x',
    message: `namespaces "x" is forbidden: User "nobody-${unique}" cannot get resource "namespaces" in API group "" in the namespace "x"`,
    details: { name: 'x', kind: 'namespaces' },
  },
  {
    what: 'a subresource',
    path: '/api/v1/namespaces/x/pods/y/log',
    message: `pods "y" is forbidden: User "nobody-${unique}" cannot get resource "pods/log" in API group "" in the namespace "x"`,
    details: { name: 'y', kind: 'pods' },
  },
  {
    what: 'a watch',
    path: `${configMaps(namespace)}?watch=true`,
    message: `configmaps is forbidden: User "nobody-${unique}" cannot watch resource "configmaps" in API group "" in the namespace "${namespace}"`,
    details: { kind: 'configmaps' },
  },
  {
    what: 'a list of the one object that a field selector names',
    path: `${configMaps(namespace)}?fieldSelector=metadata.name%3Dx`,
    message: `configmaps "x" is forbidden: User "nobody-${unique}" cannot list resource "configmaps" in API group "" in the namespace "${namespace}"`,
    details: { name: 'x', kind: 'configmaps' },
  },
  {
    what: 'deleting a collection',
    path: configMaps(namespace),
    method: 'DELETE' as const,
    message: `configmaps is forbidden: User "nobody-${unique}" cannot deletecollection resource "configmaps" in API group "" in the namespace "${namespace}"`,
    details: { kind: 'configmaps' },
  },
  {
    what: 'a resource of another group, even one that nobody serves',
    path: '/apis/nosuch.example.com/v1/things/x',
    message: `things.nosuch.example.com "x" is forbidden: User "nobody-${unique}" cannot get resource "things" in API group "nosuch.example.com" at the cluster scope`,
    details: { name: 'x', group: 'nosuch.example.com', kind: 'things' },
  },
  {
    what: 'a path that is no resource',
    path: '/nowhere',
    message: `forbidden: User "nobody-${unique}" cannot get path "/nowhere"`,
    details: {},
  },
]) {
  test(`who has no role is refused ${what}, in words`, async () => {
    const { status, json } = await nobody(path, { method });
    assert.equal(status, 403);
    assert.deepEqual(json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'Forbidden',
      details,
      code: 403,
    });
  });
}

test('a request without a token is made by system:anonymous, who may ask for health and version', async () => {
  const anonymous = as(api, 'system:anonymous');
  assert.equal((await anonymous('/version')).status, 200);
  assert.equal((await anonymous('/livez')).text, 'ok');
  const refused = await anonymous('/apis');
  assert.equal(refused.json.message, 'forbidden: User "system:anonymous" cannot get path "/apis"');
  const bare = await api.call('/api/v1/nodes', { headers: { authorization: '' } });
  assert.equal(bare.status, 403);
  assert.match(bare.json.message, /^nodes is forbidden: User "system:anonymous" cannot list resource "nodes"/);
});

test('a token that nobody knows is answered 401', async () => {
  const { status, json } = await api.call('/version', { headers: { authorization: 'Bearer nonsense' } });
  assert.equal(status, 401);
  assert.deepEqual(json, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  });
});

test('everybody who is somebody may discover what there is, and ask about themselves', async () => {
  assert.equal((await nobody('/apis')).status, 200);
  assert.equal((await nobody('/api/v1')).status, 200);
  const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } };
  const { status, json } = await nobody(`${AUTHORIZATION}/selfsubjectaccessreviews`, post({ spec }));
  assert.equal(status, 201);
  assert.deepEqual(json.status, { allowed: false });
});

test('a role in a namespace allows its verbs there and nowhere else', async () => {
  const user = `reader-${unique}`;
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }];
  await grant(api, namespace, { name: 'reader', user, rules });
  const reader = as(api, user);
  assert.equal((await until(() => reader(configMaps(namespace)), settled(200))).status, 200);
  assert.equal((await reader(configMaps(namespace, 'x'))).status, 404);
  assert.equal((await reader(configMaps('default'))).status, 403);
  assert.equal((await reader('/api/v1/configmaps')).status, 403);
  assert.equal((await reader(configMaps(namespace), post(configMap('x')))).status, 403);
  assert.equal((await reader(`/api/v1/namespaces/${namespace}/secrets`)).status, 403);
});

test('a rule with names is for these objects alone', async () => {
  const user = `named-${unique}`;
  const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'], verbs: ['get', 'list'] }];
  await grant(api, namespace, { name: 'named', user, rules });
  await api.call(configMaps(namespace), post(configMap('mine')));
  const owner = as(api, user);
  assert.equal((await until(() => owner(configMaps(namespace, 'mine')), settled(200))).status, 200);
  assert.equal((await owner(configMaps(namespace, 'other'))).status, 403);
  assert.equal((await owner(configMaps(namespace))).status, 403);
  assert.equal((await owner(`${configMaps(namespace)}?fieldSelector=metadata.name=mine`)).status, 200);
});

test('a rule for a resource is not one for its subresources, unless it names them', async () => {
  const user = `claims-${unique}`;
  const rules = [
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['*'] },
    { apiGroups: [''], resources: ['*/status'], verbs: ['get'] },
  ];
  await grant(api, namespace, { name: 'claims', user, rules });
  const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/x`;
  const owner = as(api, user);
  assert.equal((await until(() => owner(path), settled(404))).status, 404);
  assert.equal((await owner(`${path}/status`)).status, 404);
  const patched = await owner(`${path}/status`, { method: 'PATCH', body: {}, headers: MERGE });
  assert.equal(patched.status, 403);
  assert.match(patched.json.message, /cannot patch resource "persistentvolumeclaims\/status" in API group ""/);
});

test('a cluster role bound in a namespace is valid there; bound in the cluster, everywhere', async () => {
  const user = `viewer-${unique}`;
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: user }];
  const viewer = as(api, 'anyone', { 'impersonate-group': user });
  const binding = { metadata: { name: user }, roleRef, subjects };
  await api.call(`${ROLES}/namespaces/${namespace}/rolebindings`, post(binding));
  assert.equal((await until(() => viewer(configMaps(namespace)), settled(200))).status, 200);
  assert.equal((await viewer(configMaps('default'))).status, 403);
  assert.equal((await viewer(`/api/v1/namespaces/${namespace}/secrets`)).status, 403);
  await api.call(`${ROLES}/clusterrolebindings`, post(binding));
  assert.equal((await until(() => viewer('/api/v1/configmaps'), settled(200))).status, 200);
  await api.call(`${ROLES}/clusterrolebindings/${user}`, { method: 'DELETE' });
  assert.equal((await until(() => viewer('/api/v1/configmaps'), settled(403))).status, 403);
});

test('paths that are no resources are allowed by nonResourceURLs, by prefix with a star', async () => {
  const name = `paths-${unique}`;
  const rules = [{ nonResourceURLs: ['/logs/*', '/exact'], verbs: ['get'] }];
  await api.call(`${ROLES}/clusterroles`, post({ metadata: { name }, rules }));
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];
  await api.call(`${ROLES}/clusterrolebindings`, post({ metadata: { name }, roleRef, subjects }));
  const user = as(api, name);
  assert.equal((await until(() => user('/exact'), settled(404))).status, 404);
  assert.equal((await user('/logs/any/thing')).status, 404);
  assert.equal((await user('/exact/more')).status, 403);
  assert.equal((await user('/exact', { method: 'DELETE' })).status, 403);
});

test('a binding to a role that is not there is told with the refusal', async () => {
  const name = `dangling-${unique}`;
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `no-${unique}` };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];
  await api.call(`${ROLES}/clusterrolebindings`, post({ metadata: { name }, roleRef, subjects }));
  const user = as(api, name);
  const said = await until(
    () => user('/api/v1/nodes'),
    ({ json }) => json.message.includes('RBAC'),
  );
  assert.equal(
    said.json.message,
    `nodes is forbidden: User "${name}" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "no-${unique}" not found`,
  );
});

test('members of system:masters may do everything', async () => {
  const master = as(api, `master-${unique}`, { 'impersonate-group': 'system:masters' });
  assert.equal((await master('/api/v1/secrets')).status, 200);
});

test('admin, edit and view gather their rules from the roles that are labelled for them', async () => {
  const name = `gathered-${unique}`;
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  const rules = [{ apiGroups: ['example.com'], resources: [`things-${unique}`], verbs: ['get', 'list', 'watch'] }];
  await api.call(`${ROLES}/clusterroles`, post({ metadata: { name, labels }, rules }));
  const has = (role: string) =>
    until(
      () => api.call(`${ROLES}/clusterroles/${role}`),
      ({ text }) => text.includes(`things-${unique}`),
    );
  for (const role of ['view', 'edit', 'admin']) {
    const { json } = await has(role);
    assert.deepEqual(
      json.rules.filter(({ apiGroups }: { apiGroups: string[] }) => apiGroups?.includes('example.com')),
      rules,
      role,
    );
    const managers = json.metadata.managedFields.map(({ manager }: { manager: string }) => manager);
    assert.ok(managers.includes('clusterrole-aggregation-controller'), role);
  }
  await api.call(`${ROLES}/clusterroles/${name}`, { method: 'DELETE' });
  const { text } = await until(
    () => api.call(`${ROLES}/clusterroles/admin`),
    (answer) => !answer.text.includes(`things-${unique}`),
  );
  assert.ok(!text.includes(`things-${unique}`));
});

test('the first roles are there, as every cluster has them', async () => {
  const { json: view } = await api.call(`${ROLES}/clusterroles/view`);
  assert.deepEqual(view.metadata.labels, {
    'kubernetes.io/bootstrapping': 'rbac-defaults',
    'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
  });
  const { json: masters } = await api.call(`${ROLES}/clusterroles/cluster-admin`);
  assert.deepEqual(masters.rules, [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]);
  const { json: basic } = await api.call(`${ROLES}/clusterroles/system:basic-user`);
  assert.deepEqual(basic.rules, [
    {
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    },
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  ]);
  const { json: binding } = await api.call(`${ROLES}/clusterrolebindings/system:public-info-viewer`);
  assert.deepEqual(binding.subjects, [
    { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' },
    { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:unauthenticated' },
  ]);
});

test('who makes an object by an apply or a PUT needs the right to create it', async () => {
  const user = `patcher-${unique}`;
  const rules = [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['patch', 'get'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['update'] },
  ];
  await grant(api, namespace, { name: 'patcher', user, rules });
  const patcher = as(api, user);
  await until(() => patcher(configMaps(namespace, 'upserted')), settled(404));
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'upserted' } };
  const path = `${configMaps(namespace, 'upserted')}?fieldManager=x`;
  const applied = await patcher(path, { method: 'PATCH', body, headers: APPLY });
  assert.equal(applied.status, 403);
  assert.equal(
    applied.json.message,
    `configmaps "upserted" is forbidden: User "${user}" cannot create resource "configmaps" in API group "" in the namespace "${namespace}"`,
  );
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/upserted`;
  const put = await patcher(lease, { method: 'PUT', body: { metadata: { name: 'upserted' } } });
  assert.equal(put.status, 403);
  assert.match(put.json.message, /^leases\.coordination\.k8s\.io "upserted" is forbidden: User "\S+" cannot create/);
  assert.equal((await api.call(path, { method: 'PATCH', body, headers: APPLY })).status, 201);
  assert.equal((await patcher(path, { method: 'PATCH', body, headers: APPLY })).status, 200);
});
