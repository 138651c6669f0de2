import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { claim, claims, configMap, configMaps, MERGE } from './objects.ts';
import { post, until } from './persona.ts';
import { connect } from './target.ts';
import { register } from './webhook-registration.ts';
import { startWebhooks } from './webhook-server.ts';

const api = await connect();
const server = await startWebhooks();

/**
 * Which paths were asked since the last look, sorted, each once: controllers write the same objects, and a server that
 * meets their write asks everybody again about ours.
 */
const heard = (): readonly string[] => {
  const controllers = /^system:(?:kube-controller-manager$|serviceaccount:kube-system:)/;
  const ours = server.received.filter(({ review }) => !controllers.test(review.request.userInfo.username));
  const paths = [...new Set(ours.map(({ path }) => path.split('?')[0] ?? ''))];
  server.received.length = 0;
  return paths.sort();
};

const rule = (more: object) => ({
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['configmaps'],
  ...more,
});

const patchOf = (body: object) => ({ method: 'PATCH' as const, body, headers: MERGE });

test('rules choose by operation', async () => {
  const namespace = await api.namespace();
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [
      { path: '/create', rules: [rule({ operations: ['CREATE'] })] },
      { path: '/update', rules: [rule({ operations: ['UPDATE'] })] },
      { path: '/delete', rules: [rule({ operations: ['DELETE'] })] },
      { path: '/any', rules: [rule({ operations: ['*'] })] },
    ],
  });
  await api.call(configMaps(namespace), post(configMap('one')));
  assert.deepEqual(heard(), ['/any', '/create']);
  await api.call(configMaps(namespace, 'one'), patchOf({ data: { a: 'b' } }));
  assert.deepEqual(heard(), ['/any', '/update']);
  await api.call(configMaps(namespace, 'one'), { method: 'DELETE' });
  assert.deepEqual(heard(), ['/any', '/delete']);
  await api.call(configMaps(namespace));
  assert.deepEqual(heard(), [], 'nobody is asked about reading');
});

test('rules choose by group, version and resource', async () => {
  const namespace = await api.namespace();
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [
      { path: '/other-group', rules: [rule({ apiGroups: ['apps'] })] },
      { path: '/any-group', rules: [rule({ apiGroups: ['*'] })] },
      { path: '/other-version', rules: [rule({ apiVersions: ['v2'] })] },
      { path: '/any-version', rules: [rule({ apiVersions: ['*'] })] },
      { path: '/other-resource', rules: [rule({ resources: ['secrets'] })] },
      { path: '/any-resource', rules: [rule({ resources: ['*'] })] },
      { path: '/second-rule', rules: [rule({ resources: ['secrets'] }), rule({})] },
    ],
  });
  await api.call(configMaps(namespace), post(configMap('one')));
  assert.deepEqual(heard(), ['/any-group', '/any-resource', '/any-version', '/second-rule']);
});

test('a resource is not its subresources', async () => {
  const namespace = await api.namespace();
  await api.call(claims(namespace), post(claim({ name: 'one', metadata: { labels: { mine: 'yes' } } })));
  const more = { objectSelector: { matchLabels: { mine: 'yes' } } }; // others write here, too
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [
      { path: '/object', rules: [rule({ resources: ['persistentvolumeclaims'] })], more },
      { path: '/status', rules: [rule({ resources: ['persistentvolumeclaims/status'] })], more },
      { path: '/below', rules: [rule({ resources: ['persistentvolumeclaims/*'] })], more },
      { path: '/any-status', rules: [rule({ resources: ['*/status'] })], more },
      { path: '/star', rules: [rule({ resources: ['*'] })], more },
      { path: '/all', rules: [rule({ resources: ['*/*'] })], more },
    ],
  });
  await api.call(claims(namespace, 'one'), patchOf({ metadata: { labels: { a: 'b' } } }));
  assert.deepEqual(heard(), ['/all', '/below', '/object', '/star']);
  await api.call(`${claims(namespace, 'one')}/status`, patchOf({ status: { phase: 'Pending' } }));
  assert.deepEqual(heard(), ['/all', '/any-status', '/below', '/status']);
});

test('a subresource is named in the question', async () => {
  const namespace = await api.namespace();
  await api.call(claims(namespace), post(claim({ name: 'one' })));
  await register(api, server, {
    phase: 'mutating',
    namespace,
    hooks: [{ path: '/status', rules: [rule({ resources: ['persistentvolumeclaims/status'] })] }],
  });
  await api.call(`${claims(namespace, 'one')}/status`, patchOf({ status: { phase: 'Pending' } }));
  const request = server.received[0]?.review.request ?? {};
  assert.deepEqual(
    [request.subResource, request.requestSubResource, request.resource.resource, request.operation],
    ['status', 'status', 'persistentvolumeclaims', 'UPDATE'],
  );
});

test('the binding of a pod is asked about as such', async () => {
  const namespace = await api.namespace();
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await until(
    () => api.call(`/api/v1/namespaces/${namespace}/pods`, post({ metadata: { name: 'one' }, spec })),
    ({ status }) => status === 201,
  );
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [{ path: '/binding', rules: [rule({ resources: ['pods/binding'] })] }],
  });
  server.answer('/binding', () => ({ allowed: false, status: { message: 'not there' } }));
  const body = { metadata: { name: 'one' }, target: { apiVersion: 'v1', kind: 'Node', name: 'nowhere' } };
  const { status, json } = await api.call(`/api/v1/namespaces/${namespace}/pods/one/binding`, post(body));
  assert.equal(status, 400);
  assert.equal(json.message, 'admission webhook "binding.conformance.example.com" denied the request: not there');
  const request = server.received[0]?.review.request ?? {};
  assert.deepEqual(
    [request.kind.kind, request.resource.resource, request.subResource, request.operation, request.object.target.name],
    ['Binding', 'pods', 'binding', 'CREATE', 'nowhere'],
  );
  server.received.length = 0;
});

test('rules choose by scope', async () => {
  const namespace = await api.namespace();
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [
      { path: '/cluster', rules: [rule({ scope: 'Cluster' })] },
      { path: '/namespaced', rules: [rule({ scope: 'Namespaced' })] },
    ],
  });
  await api.call(configMaps(namespace), post(configMap('one')));
  assert.deepEqual(heard(), ['/namespaced']);
});

test('an object is chosen by its labels, before or after', async () => {
  const namespace = await api.namespace();
  const labelled = { objectSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['blue', 'red'] }] } };
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [{ path: '/blue', rules: [rule({ operations: ['*'] })], more: labelled }],
  });
  await api.call(configMaps(namespace), post(configMap('one')));
  assert.deepEqual(heard(), []);
  await api.call(configMaps(namespace, 'one'), patchOf({ metadata: { labels: { team: 'blue' } } }));
  assert.deepEqual(heard(), ['/blue']);
  await api.call(configMaps(namespace, 'one'), patchOf({ metadata: { labels: { team: null } } }));
  assert.deepEqual(heard(), ['/blue']);
  await api.call(configMaps(namespace, 'one'), { method: 'DELETE' });
  assert.deepEqual(heard(), []);
});

test('a namespace is chosen by its labels, itself included', async () => {
  const namespace = await api.namespace();
  const key = `team-${randomBytes(4).toString('hex')}`;
  const more = { namespaceSelector: { matchLabels: { [key]: 'blue' } } };
  const rules = [rule({ resources: ['configmaps', 'namespaces'] })];
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/blue', rules, more }] });
  await api.call(configMaps(namespace), post(configMap('before')));
  assert.deepEqual(heard(), []);
  await api.call(`/api/v1/namespaces/${namespace}`, patchOf({ metadata: { labels: { [key]: 'blue' } } }));
  const [own] = server.received;
  assert.deepEqual([own?.review.request.namespace, own?.review.request.name], [namespace, namespace]);
  assert.deepEqual(heard(), ['/blue']);
  let tries = 0;
  await until(
    () => api.call(configMaps(namespace), post(configMap(`after-${tries++}`))),
    () => server.received.length > 0,
  );
  assert.equal(heard()[0], '/blue');
});

test('conditions must all hold', async () => {
  const namespace = await api.namespace();
  const conditions = (...expressions: readonly string[]) => ({
    more: { matchConditions: expressions.map((expression, index) => ({ name: `condition-${index}`, expression })) },
  });
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [
      { path: '/yes', ...conditions('object.data.size == "big"', 'request.operation == "CREATE"') },
      { path: '/no', ...conditions('object.data.size == "big"', 'object.metadata.name.startsWith("x")') },
      { path: '/user', ...conditions('"system:masters" in request.userInfo.groups && oldObject == null') },
      { path: '/names', ...conditions(`request.namespace == "${namespace}" && request.name == object.metadata.name`) },
      {
        path: '/kind',
        ...conditions('request.kind.kind == "ConfigMap" && request.resource.group == "" && !request.dryRun'),
      },
    ],
  });
  await api.call(configMaps(namespace), post(configMap('one', { size: 'big' })));
  assert.deepEqual(heard(), ['/kind', '/names', '/user', '/yes']);
});

test('a condition that cannot be evaluated refuses the write, or skips the webhook, as the failure policy says', async () => {
  const namespace = await api.namespace();
  const failing = { matchConditions: [{ name: 'broken', expression: 'object.data.nothing == "x"' }] };
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [{ path: '/ignores', more: { ...failing, failurePolicy: 'Ignore' } }],
  });
  const ignored = await api.call(configMaps(namespace), post(configMap('one', { a: 'b' })));
  assert.equal(ignored.status, 201);
  assert.deepEqual(heard(), []);
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/fails', more: failing }] });
  const { status, json } = await api.call(configMaps(namespace), post(configMap('two', { a: 'b' })));
  assert.equal(status, 403);
  assert.equal(
    json.message,
    'configmaps "two" is forbidden: expression \'object.data.nothing == "x"\' resulted in error: no such key: nothing',
  );
  assert.deepEqual(heard(), []);
});

test('a false condition settles it, also beside one that cannot be evaluated', async () => {
  const namespace = await api.namespace();
  const matchConditions = [
    { name: 'broken', expression: 'object.data.nothing == "x"' },
    { name: 'never', expression: 'false' },
  ];
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [{ path: '/never', more: { matchConditions } }],
  });
  assert.equal((await api.call(configMaps(namespace), post(configMap('one', { a: 'b' })))).status, 201);
  assert.deepEqual(heard(), []);
});

test('nobody is asked about the configurations of webhooks', async () => {
  const namespace = await api.namespace();
  const more = { namespaceSelector: {} };
  const rules = [rule({ apiGroups: ['admissionregistration.k8s.io'], operations: ['*'], resources: ['*'] })];
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/itself', rules, more }] });
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/another' }] });
  assert.deepEqual(heard(), []);
});

test('a webhook for one version of a kind is asked about the others, in its own version', async () => {
  const namespace = await api.namespace();
  const group = `w${randomBytes(4).toString('hex')}.example.com`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const version = (name: string, storage: boolean) => ({ name, served: true, storage, schema });
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const name = `things.${group}`;
  const names = { plural: 'things', singular: 'thing', kind: 'Thing' };
  const versions = [version('v1', true), version('v1beta1', false)];
  await api.call(definitions, post({ metadata: { name }, spec: { group, scope: 'Namespaced', names, versions } }));
  after(() => api.call(`${definitions}/${name}`, { method: 'DELETE' }));
  const own = { apiGroups: [group], apiVersions: ['v1beta1'], resources: ['things'] };
  await register(api, server, {
    phase: 'validating',
    namespace,
    hooks: [
      { path: '/equivalent', rules: [rule(own)] },
      { path: '/exact', rules: [rule(own)], more: { matchPolicy: 'Exact' } },
    ],
  });
  const things = `/apis/${group}/v1/namespaces/${namespace}/things`;
  const body = (thing: string) => ({ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: thing } });
  let tries = 0;
  const made = await until(
    () => api.call(things, post(body(`one-${tries++}`))),
    ({ status }) => status === 201 && server.received.length > 0,
  );
  assert.equal(made.status, 201);
  const { request } = server.received.at(-1)?.review ?? {};
  assert.deepEqual(
    [request.kind, request.resource, request.requestKind, request.object.apiVersion],
    [
      { group, version: 'v1beta1', kind: 'Thing' },
      { group, version: 'v1beta1', resource: 'things' },
      { group, version: 'v1', kind: 'Thing' },
      `${group}/v1beta1`,
    ],
  );
  assert.deepEqual(heard(), ['/equivalent']);
});
