import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { MERGE } from './objects.ts';
import { as, grant, post, ROLES, until } from './persona.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const unique = randomBytes(4).toString('hex');
const roles = `${ROLES}/namespaces/${namespace}/roles`;
const bindings = `${ROLES}/namespaces/${namespace}/rolebindings`;
const GROUP = 'rbac.authorization.k8s.io';

/** Somebody who may write roles and bindings, and has a few rights of their own. */
const granter = `granter-${unique}`;
await grant(api, namespace, {
  name: 'granter',
  user: granter,
  rules: [
    { apiGroups: [GROUP], resources: ['roles', 'rolebindings'], verbs: ['create', 'update', 'patch', 'get', 'delete'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] },
  ],
});
const asGranter = as(api, granter);
await until(
  () => asGranter(`${roles}/granter`),
  ({ status }) => status === 200,
);

test('who writes a role must have every right in it; what is missing is listed', async () => {
  const rules = [
    { apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['list', 'get'] },
    { apiGroups: ['apps'], resources: ['*'], verbs: ['*'] },
    { apiGroups: [''], resources: ['secrets'], resourceNames: ['b', 'a'], verbs: ['get'] },
  ];
  const { status, json } = await asGranter(roles, post({ metadata: { name: 'too-much' }, rules }));
  assert.equal(status, 403);
  assert.equal(
    json.message,
    [
      `roles.${GROUP} "too-much" is forbidden: user "${granter}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:`,
      '{APIGroups:[""], Resources:["pods"], Verbs:["list" "get"]}',
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}',
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}',
      '{APIGroups:["apps"], Resources:["*"], Verbs:["*"]}',
    ].join('\n'),
  );
  assert.deepEqual(json.details, { name: 'too-much', group: GROUP, kind: 'roles' });
});

test('what one has can be passed on, whole or in part', async () => {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs: ['get'] }];
  const made = await asGranter(roles, post({ metadata: { name: 'passed-on' }, rules }));
  assert.equal(made.status, 201);
  const wider = { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'delete'] }] };
  const patched = await asGranter(`${roles}/passed-on`, { method: 'PATCH', body: wider, headers: MERGE });
  assert.equal(patched.status, 403);
  assert.match(patched.json.message, /\n\{APIGroups:\[""\], Resources:\["configmaps"\], Verbs:\["delete"\]\}$/);
});

test('a role that says more than oneself has can still be cleaned up', async () => {
  const rules = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }];
  await api.call(roles, post({ metadata: { name: 'foreign' }, rules }));
  const body = { metadata: { finalizers: ['example.com/wait'] } };
  const touched = await asGranter(`${roles}/foreign`, { method: 'PATCH', body, headers: MERGE });
  assert.equal(touched.status, 200);
  const labelled = { metadata: { labels: { a: 'b' } } };
  const refused = await asGranter(`${roles}/foreign`, { method: 'PATCH', body: labelled, headers: MERGE });
  assert.equal(refused.status, 403);
});

test('a binding needs the rights of its role', async () => {
  const body = {
    metadata: { name: 'takeover' },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', name: granter }],
  };
  const { status, json } = await asGranter(bindings, post(body));
  assert.equal(status, 403);
  assert.equal(
    json.message,
    [
      `rolebindings.${GROUP} "takeover" is forbidden: user "${granter}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:`,
      '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
      '{NonResourceURLs:["*"], Verbs:["*"]}',
    ].join('\n'),
  );
});

test('a binding to a role that is not there is only for who may bind anything', async () => {
  const roleRef = { apiGroup: GROUP, kind: 'Role', name: 'not-yet' };
  const body = { metadata: { name: 'early' }, roleRef, subjects: [{ kind: 'User', name: granter }] };
  const refused = await asGranter(bindings, post(body));
  assert.deepEqual([refused.status, refused.json.message], [404, `rolebindings.${GROUP} "not-yet" not found`]);
  assert.equal((await api.call(bindings, post(body))).status, 201);
});

test('who has the verb bind for a role may bind it without having its rights', async () => {
  const user = `binder-${unique}`;
  const rules = [
    { apiGroups: [GROUP], resources: ['rolebindings'], verbs: ['create'] },
    { apiGroups: [GROUP], resources: ['clusterroles'], resourceNames: ['view'], verbs: ['bind'] },
  ];
  await grant(api, namespace, { name: 'binder', user, rules });
  const binder = as(api, user);
  const bind = (name: string) =>
    binder(
      bindings,
      post({
        metadata: { name: `by-binder-${name}` },
        roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
        subjects: [{ kind: 'Group', name: 'team' }],
      }),
    );
  const bound = await until(
    () => bind('view'),
    ({ status }) => status === 201,
  );
  assert.equal(bound.status, 201);
  assert.equal((await bind('edit')).status, 403);
});

test('who has the verb escalate may write any role', async () => {
  const user = `escalator-${unique}`;
  const rules = [{ apiGroups: [GROUP], resources: ['roles'], verbs: ['create', 'escalate'] }];
  await grant(api, namespace, { name: 'escalator', user, rules });
  const wide = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  const made = await until(
    () => as(api, user)(roles, post({ metadata: { name: 'wide' }, rules: wide })),
    ({ status }) => status === 201,
  );
  assert.equal(made.status, 201);
});

test('an aggregation rule can gather anything, so it needs every right', async () => {
  const name = `gatherer-${unique}`;
  const rules = [{ apiGroups: [GROUP], resources: ['clusterroles'], verbs: ['create'] }];
  await api.call(`${ROLES}/clusterroles`, post({ metadata: { name }, rules }));
  const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name };
  const subjects = [{ kind: 'User', name }];
  await api.call(`${ROLES}/clusterrolebindings`, post({ metadata: { name }, roleRef, subjects }));
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
  const body = { metadata: { name: `${name}-all` }, aggregationRule };
  const refused = await until(
    () => as(api, name)(`${ROLES}/clusterroles`, post(body)),
    ({ json }) => String(json.message).includes('aggregationRule'),
  );
  assert.equal(refused.status, 403);
  assert.equal(
    refused.json.message,
    `clusterroles.${GROUP} "${name}-all" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
  );
});

test('a binding fills in the groups that it leaves out', async () => {
  const subjects = [
    { kind: 'User', name: 'u' },
    { kind: 'Group', name: 'g' },
    { kind: 'ServiceAccount', name: 'default', namespace },
  ];
  const body = { metadata: { name: 'filled' }, roleRef: { kind: 'Role', name: 'granter' }, subjects };
  const { json } = await api.call(bindings, post(body));
  assert.deepEqual(json.roleRef, { apiGroup: GROUP, kind: 'Role', name: 'granter' });
  assert.deepEqual(json.subjects, [
    { kind: 'User', name: 'u', apiGroup: GROUP },
    { kind: 'Group', name: 'g', apiGroup: GROUP },
    { kind: 'ServiceAccount', name: 'default', namespace },
  ]);
});

test('the role of a binding stays', async () => {
  const body = { metadata: { name: 'fixed' }, roleRef: { apiGroup: GROUP, kind: 'Role', name: 'granter' } };
  await api.call(bindings, post(body));
  const change = { roleRef: { name: 'other' } };
  const { status, json } = await api.call(`${bindings}/fixed`, { method: 'PATCH', body: change, headers: MERGE });
  assert.equal(status, 422);
  assert.equal(
    json.message,
    `RoleBinding.${GROUP} "fixed" is invalid: roleRef: Invalid value: {"APIGroup":"${GROUP}","Kind":"Role","Name":"other"}: cannot change roleRef`,
  );
});

test('a role without rules says so', async () => {
  const { json } = await api.call(roles, post({ metadata: { name: 'empty' } }));
  assert.equal(json.rules, null);
});

for (const { what, path, body, message } of [
  {
    what: 'a rule without anything',
    path: roles,
    body: { rules: [{}] },
    message:
      'Role.rbac.authorization.k8s.io "bad" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource]',
  },
  {
    what: 'a path in a namespace',
    path: roles,
    body: { rules: [{ verbs: ['get'], nonResourceURLs: ['/a'] }] },
    message:
      'Role.rbac.authorization.k8s.io "bad" is invalid: rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs',
  },
  {
    what: 'paths and resources in one rule',
    path: `${ROLES}/clusterroles`,
    body: { rules: [{ verbs: ['get'], nonResourceURLs: ['/a'], resources: ['pods'] }] },
    message:
      'ClusterRole.rbac.authorization.k8s.io "bad" is invalid: rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
  },
  {
    what: 'an empty aggregation rule',
    path: `${ROLES}/clusterroles`,
    body: { aggregationRule: {} },
    message:
      'ClusterRole.rbac.authorization.k8s.io "bad" is invalid: aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  },
  {
    what: 'wrong references',
    path: bindings,
    body: {
      roleRef: { apiGroup: 'x', kind: 'Foo', name: '' },
      subjects: [
        { kind: 'Usr', name: 'eve' },
        { kind: 'User', name: '' },
        { kind: 'ServiceAccount', name: 'ab', apiGroup: 'x' },
        { kind: 'Group', name: 'x', apiGroup: 'y' },
      ],
    },
    message:
      'RoleBinding.rbac.authorization.k8s.io "bad" is invalid: [roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io", roleRef.kind: Unsupported value: "Foo": supported values: "Role", "ClusterRole", roleRef.name: Required value, subjects[0].kind: Unsupported value: "Usr": supported values: "ServiceAccount", "User", "Group", subjects[1].name: Required value, subjects[2].apiGroup: Unsupported value: "x": supported values: "", subjects[3].apiGroup: Unsupported value: "y": supported values: "rbac.authorization.k8s.io"]',
  },
  {
    what: 'a role in a binding of the cluster',
    path: `${ROLES}/clusterrolebindings`,
    body: { roleRef: { kind: 'Role', name: 'x' }, subjects: [{ kind: 'ServiceAccount', name: 'ab' }] },
    message:
      'ClusterRoleBinding.rbac.authorization.k8s.io "bad" is invalid: [roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole", subjects[0].namespace: Required value]',
  },
]) {
  test(`${what} is refused as invalid`, async () => {
    const { status, json } = await api.call(path, post({ metadata: { name: 'bad' }, ...body }));
    assert.deepEqual([status, json.message], [422, message]);
  });
}
