import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { AUTHENTICATION, AUTHORIZATION, as, grant, post, ROLES, until } from './persona.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const unique = randomBytes(4).toString('hex');
const reader = `reader-${unique}`;
await grant(api, namespace, {
  name: 'reader',
  user: reader,
  rules: [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['secrets'], resourceNames: ['one'], verbs: ['get'] },
  ],
});

const review = (kind: string, body: object, asked: ReturnType<typeof as> = api.call) =>
  asked(`${AUTHORIZATION}/${kind}`, post(body));
const asks = { namespace, verb: 'get', resource: 'configmaps', name: 'a' };

test('a SubjectAccessReview says yes, and which binding says so', async () => {
  const spec = { user: reader, resourceAttributes: asks };
  const { status, json } = await until(
    () => review('subjectaccessreviews', { spec }),
    (answer) => answer.json.status?.allowed,
  );
  assert.equal(status, 201);
  assert.equal(json.kind, 'SubjectAccessReview');
  assert.equal(json.apiVersion, 'authorization.k8s.io/v1');
  assert.deepEqual(json.spec, spec);
  assert.deepEqual(json.status, {
    allowed: true,
    reason: `RBAC: allowed by RoleBinding "reader/${namespace}" of Role "reader" to User "${reader}"`,
  });
});

test('it says no without a reason when nothing allows it', async () => {
  const spec = { user: reader, resourceAttributes: { ...asks, verb: 'delete' } };
  assert.deepEqual((await review('subjectaccessreviews', { spec })).json.status, { allowed: false });
});

test('it answers for groups and for paths', async () => {
  const spec = {
    user: 'x',
    groups: ['system:authenticated'],
    nonResourceAttributes: { path: '/api', verb: 'get' },
  };
  assert.deepEqual((await review('subjectaccessreviews', { spec })).json.status, {
    allowed: true,
    reason:
      'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
  });
  const master = { ...spec, groups: ['system:masters'] };
  assert.deepEqual((await review('subjectaccessreviews', { spec: master })).json.status, { allowed: true });
});

test('a review has an owner of its fields as if it were stored', async () => {
  const spec = { user: reader, resourceAttributes: { ...asks } };
  const { json } = await api.call(`${AUTHORIZATION}/subjectaccessreviews?fieldManager=asker`, post({ spec }));
  const [{ time, ...entry }] = json.metadata.managedFields;
  assert.match(time, /Z$/);
  assert.deepEqual(entry, {
    manager: 'asker',
    operation: 'Update',
    apiVersion: 'authorization.k8s.io/v1',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:spec': {
        'f:resourceAttributes': { '.': {}, 'f:name': {}, 'f:namespace': {}, 'f:resource': {}, 'f:verb': {} },
        'f:user': {},
      },
    },
  });
});

for (const { what, path, body, message } of [
  {
    what: 'asks nothing about nobody',
    path: 'subjectaccessreviews',
    body: { spec: {} },
    message:
      '.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]',
  },
  {
    what: 'asks about oneself and nothing',
    path: 'selfsubjectaccessreviews',
    body: { spec: {} },
    message:
      '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
  },
  {
    what: 'asks for a resource and a path at once',
    path: 'selfsubjectaccessreviews',
    body: { spec: { resourceAttributes: { verb: 'get' }, nonResourceAttributes: { path: '/a', verb: 'get' } } },
    message:
      '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/a","Verb":"get"}: cannot be specified in combination with resourceAttributes',
  },
  {
    what: 'asks locally about another namespace',
    path: `namespaces/${namespace}/localsubjectaccessreviews`,
    body: { spec: { user: 'x', resourceAttributes: { ...asks, namespace: 'other' } } },
    message:
      '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
  },
  {
    what: 'asks locally about a path',
    path: `namespaces/${namespace}/localsubjectaccessreviews`,
    body: { spec: { user: 'x', nonResourceAttributes: { path: '/a', verb: 'get' } } },
    message:
      '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/a","Verb":"get"}: disallowed on this kind of request',
  },
]) {
  test(`a review that ${what} is refused as invalid`, async () => {
    const { status, json } = await review(path, body);
    assert.equal(status, 422);
    assert.equal(json.message, message);
    assert.equal(json.details.group, 'authorization.k8s.io');
    assert.equal('kind' in json.details, false);
  });
}

test('a LocalSubjectAccessReview answers within its namespace', async () => {
  const spec = { user: reader, resourceAttributes: asks };
  const { status, json } = await until(
    () => review(`namespaces/${namespace}/localsubjectaccessreviews`, { spec }),
    (answer) => answer.json.status?.allowed,
  );
  assert.equal(status, 201);
  assert.equal(json.kind, 'LocalSubjectAccessReview');
  assert.equal(json.metadata.namespace, namespace);
  assert.equal(json.status.allowed, true);
});

test('a SelfSubjectAccessReview answers about whoever asks', async () => {
  const spec = { resourceAttributes: asks };
  const { json } = await until(
    () => review('selfsubjectaccessreviews', { spec }, as(api, reader)),
    (answer) => answer.json.status?.allowed,
  );
  assert.deepEqual(json.status, {
    allowed: true,
    reason: `RBAC: allowed by RoleBinding "reader/${namespace}" of Role "reader" to User "${reader}"`,
  });
  assert.deepEqual((await review('selfsubjectaccessreviews', { spec })).json.status, { allowed: true });
});

test('a SelfSubjectRulesReview lists the rules of whoever asks', async () => {
  const { status, json } = await until(
    () => review('selfsubjectrulesreviews', { spec: { namespace } }, as(api, reader)),
    (answer) => answer.text.includes('configmaps'),
  );
  assert.equal(status, 201);
  assert.deepEqual([json.metadata, json.spec, json.status.incomplete], [{}, {}, false]);
  const own = json.status.resourceRules.filter(({ apiGroups }: { apiGroups: string[] }) => apiGroups.includes(''));
  assert.deepEqual(own, [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] },
  ]);
  const paths = json.status.nonResourceRules.flatMap(
    ({ nonResourceURLs }: { nonResourceURLs: string[] }) => nonResourceURLs,
  );
  assert.ok(paths.includes('/api/*'));
  const without = await review('selfsubjectrulesreviews', { spec: {} });
  assert.deepEqual([without.status, without.json.message], [400, 'no namespace on request']);
});

test('reviews are only made', async () => {
  assert.equal((await api.call(`${AUTHORIZATION}/selfsubjectrulesreviews`)).status, 405);
  assert.equal((await api.call(`${AUTHORIZATION}/subjectaccessreviews/x`)).status, 404);
  assert.equal((await api.call(`${AUTHENTICATION}/tokenreviews`, { method: 'DELETE' })).status, 405);
});

test('discovery names the reviews and the token subresource', async () => {
  const { json: access } = await api.call(AUTHORIZATION);
  assert.deepEqual(
    access.resources.map(({ name, namespaced, verbs }: { name: string; namespaced: boolean; verbs: string[] }) => [
      name,
      namespaced,
      verbs,
    ]),
    [
      ['localsubjectaccessreviews', true, ['create']],
      ['selfsubjectaccessreviews', false, ['create']],
      ['selfsubjectrulesreviews', false, ['create']],
      ['subjectaccessreviews', false, ['create']],
    ],
  );
  const { json: identity } = await api.call(AUTHENTICATION);
  assert.deepEqual(
    identity.resources.map(({ name }: { name: string }) => name),
    ['selfsubjectreviews', 'tokenreviews'],
  );
  const { json: core } = await api.call('/api/v1');
  assert.deepEqual(
    core.resources.find(({ name }: { name: string }) => name === 'serviceaccounts/token'),
    {
      name: 'serviceaccounts/token',
      singularName: '',
      namespaced: true,
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
      verbs: ['create'],
    },
  );
});

const whoAmI = async (headers: Readonly<Record<string, string>>) => {
  const { json } = await api.call(`${AUTHENTICATION}/selfsubjectreviews`, { ...post({}), headers });
  return json.status?.userInfo ?? json.message;
};

test('who impersonates is that user: name, groups, uid and extra', async () => {
  assert.deepEqual(await whoAmI({ 'impersonate-user': 'jane' }), {
    username: 'jane',
    groups: ['system:authenticated'],
  });
  assert.deepEqual(
    await whoAmI({
      'impersonate-user': 'jane',
      'impersonate-group': 'team, with a comma',
      'impersonate-uid': 'u-1',
      'impersonate-extra-example.com%2fproject': 'blue',
    }),
    {
      username: 'jane',
      uid: 'u-1',
      groups: ['team, with a comma', 'system:authenticated'],
      extra: { 'example.com/project': ['blue'] },
    },
  );
});

test('a ServiceAccount that is impersonated has its groups', async () => {
  assert.deepEqual(await whoAmI({ 'impersonate-user': `system:serviceaccount:${namespace}:robot` }), {
    username: `system:serviceaccount:${namespace}:robot`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  });
});

test('groups, uid and extra need a user', async () => {
  const { status, json } = await api.call('/version', { headers: { 'impersonate-group': 'team' } });
  assert.equal(status, 400);
  assert.equal(
    json.message,
    'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"team"}, Extra:map[string][]string(nil)} without impersonating a user name',
  );
});

test('who may not impersonate is told what right is missing', async () => {
  const token = await api.call(
    `/api/v1/namespaces/${namespace}/serviceaccounts`,
    post({ metadata: { name: 'actor' } }),
  );
  assert.equal(token.status, 201);
  const { json } = await api.call(`/api/v1/namespaces/${namespace}/serviceaccounts/actor/token`, post({}));
  const authorization = `Bearer ${json.status.token}`;
  const actor = `system:serviceaccount:${namespace}:actor`;
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const tried = (user: string) => api.call(path, { headers: { authorization, 'impersonate-user': user } });
  for (const [user, mode] of [
    ['jane', 'user-info'],
    [`system:serviceaccount:${namespace}:other`, 'serviceaccount'],
    ['system:node:one', 'arbitrary-node'],
  ] as const) {
    const refused = await tried(user);
    assert.equal(refused.status, 403);
    assert.equal(
      refused.json.message,
      `configmaps is forbidden: User "${actor}" cannot impersonate-on:${mode}:list resource "configmaps" in API group "" in the namespace "${namespace}"`,
    );
  }
  const name = `actor-${unique}`;
  const rules = [{ apiGroups: [''], resources: ['users'], resourceNames: [reader], verbs: ['impersonate'] }];
  await api.call(`${ROLES}/clusterroles`, post({ metadata: { name }, rules }));
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  const subjects = [{ kind: 'ServiceAccount', name: 'actor', namespace }];
  await api.call(`${ROLES}/clusterrolebindings`, post({ metadata: { name }, roleRef, subjects }));
  const allowed = await until(
    () => tried(reader),
    ({ status }) => status === 200,
  );
  assert.equal(allowed.status, 200);
  assert.equal((await tried('somebody-else')).status, 403);
});
