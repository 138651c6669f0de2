import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APPLY, claim, claims, configMap, configMaps, MERGE } from './objects.ts';
import { as, post, until } from './persona.ts';
import { connect } from './target.ts';
import { patching, register, warningsOf } from './webhook-registration.ts';
import { startWebhooks } from './webhook-server.ts';

const api = await connect();
const server = await startWebhooks();

const everything = [
  { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['configmaps', 'persistentvolumeclaims'] },
];

/** What a path was asked, in order. */
const asked = (path: string) =>
  server.received.filter((each) => each.path.split('?')[0] === path).map(({ review }) => review.request);

test('a new object is shown first to the mutating, then to the validating webhooks', async () => {
  const namespace = await api.namespace();
  await register(api, server, { phase: 'mutating', namespace, hooks: [{ path: '/first' }] });
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/second' }] });
  server.answer('/first', () => patching({ op: 'add', path: '/data', value: { patched: 'yes' } }));
  const { status, json } = await api.call(
    `${configMaps(namespace)}?fieldManager=me`,
    post({ metadata: { generateName: 'made-' }, data: { a: 'b' } }),
  );
  assert.equal(status, 201);
  assert.deepEqual(json.data, { patched: 'yes' });
  const [review, later] = server.received;
  assert.deepEqual([review?.path, later?.path], ['/first?timeout=10s', '/second?timeout=10s']);
  assert.equal(review?.headers['content-type'], 'application/json');
  assert.equal(review?.headers['user-agent'], 'kube-apiserver-admission');
  const { uid, object, userInfo, ...request } = review?.review.request ?? {};
  assert.deepEqual([review?.review.kind, review?.review.apiVersion], ['AdmissionReview', 'admission.k8s.io/v1']);
  assert.match(uid, /^[0-9a-f-]{36}$/);
  assert.ok(userInfo.groups.includes('system:masters'));
  assert.deepEqual(request, {
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
    requestResource: { group: '', version: 'v1', resource: 'configmaps' },
    namespace,
    operation: 'CREATE',
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
  });
  const { managedFields, ...metadata } = object.metadata;
  assert.deepEqual(metadata, { generateName: 'made-', namespace }, 'neither name nor uid are there yet');
  assert.equal(managedFields[0].manager, 'me');
  assert.deepEqual(object.data, { a: 'b' });
  const complete = later?.review.request ?? {};
  assert.equal(complete.name, json.metadata.name);
  assert.equal(complete.object.metadata.uid, json.metadata.uid);
  assert.deepEqual(complete.object.data, { patched: 'yes' });
});

test('what a webhook adds belongs to nobody', async () => {
  const namespace = await api.namespace();
  await register(api, server, { phase: 'mutating', namespace, hooks: [{ path: '/adds' }] });
  server.answer('/adds', () => patching({ op: 'add', path: '/data/extra', value: 'x' }));
  const { json } = await api.call(`${configMaps(namespace)}?fieldManager=me`, post(configMap('owned', { mine: 'y' })));
  assert.deepEqual(json.data, { mine: 'y', extra: 'x' });
  assert.deepEqual(
    json.metadata.managedFields.map(({ manager, fieldsV1 }: Record<string, unknown>) => [manager, fieldsV1]),
    [['me', { 'f:data': { '.': {}, 'f:mine': {} } }]],
  );
});

test('webhooks are asked by the names of their configurations and as they are listed; each sees what those before it did', async () => {
  const namespace = await api.namespace();
  await register(api, server, { phase: 'mutating', prefix: 'zz', namespace, hooks: [{ path: '/third' }] });
  await register(api, server, {
    phase: 'mutating',
    prefix: 'aa',
    namespace,
    hooks: [{ path: '/one' }, { path: '/two' }],
  });
  for (const name of ['one', 'two', 'third']) {
    server.answer(`/${name}`, ({ object }) =>
      patching({ op: 'add', path: '/data/order', value: `${object.data.order}${name} ` }),
    );
  }
  const { json } = await api.call(configMaps(namespace), post(configMap('ordered', { order: '' })));
  assert.equal(json.data.order, 'one two third ');
});

test('a webhook that wants it is asked again when a later one changed the object, once', async () => {
  const namespace = await api.namespace();
  await register(api, server, {
    phase: 'mutating',
    namespace,
    hooks: [
      { path: '/again', more: { reinvocationPolicy: 'IfNeeded' } },
      { path: '/changes', more: { reinvocationPolicy: 'IfNeeded' } },
      { path: '/never' },
    ],
  });
  server.answer('/changes', ({ object }) =>
    object.data.changed ? { allowed: true } : patching({ op: 'add', path: '/data/changed', value: 'yes' }),
  );
  await api.call(configMaps(namespace), post(configMap('seen', { a: 'b' })));
  assert.deepEqual(
    asked('/again').map(({ object }) => object.data),
    [{ a: 'b' }, { a: 'b', changed: 'yes' }],
  );
  assert.equal(asked('/changes').length, 1);
  assert.equal(asked('/never').length, 1);
});

test('nothing is written when a later webhook says no', async () => {
  const namespace = await api.namespace();
  await register(api, server, { phase: 'mutating', namespace, hooks: [{ path: '/patches' }] });
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/denies' }] });
  server.answer('/patches', () => patching({ op: 'add', path: '/data', value: { patched: 'yes' } }));
  server.answer('/denies', () => ({
    allowed: false,
    status: { message: 'not today', code: 403, reason: 'Forbidden' },
  }));
  const { status, json } = await api.call(configMaps(namespace), post(configMap('denied')));
  assert.equal(status, 403);
  assert.equal(json.message, 'admission webhook "denies.conformance.example.com" denied the request: not today');
  assert.equal((await api.call(configMaps(namespace, 'denied'))).status, 404);
});

test('a change shows the object before and after, whatever the verb', async () => {
  const namespace = await api.namespace();
  await api.call(configMaps(namespace), post(configMap('changed', { a: '1' })));
  await register(api, server, {
    phase: 'mutating',
    namespace,
    hooks: [{ path: '/updates', rules: everything }],
  });
  const path = configMaps(namespace, 'changed');
  await api.call(path, { method: 'PATCH', body: { data: { a: '2' } }, headers: MERGE });
  const configuration = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'changed' }, data: { b: '3' } };
  await api.call(`${path}?fieldManager=applier`, { method: 'PATCH', body: configuration, headers: APPLY });
  await api.call(path, { method: 'PUT', body: configMap('changed', { c: '4' }) });
  const seen = asked('/updates');
  assert.deepEqual(
    seen.map(({ operation, name, options, object, oldObject }) => [
      operation,
      name,
      options.kind,
      options.fieldManager,
      oldObject.data,
      object.data,
    ]),
    [
      ['UPDATE', 'changed', 'UpdateOptions', undefined, { a: '1' }, { a: '2' }],
      ['UPDATE', 'changed', 'UpdateOptions', 'applier', { a: '2' }, { a: '2', b: '3' }],
      ['UPDATE', 'changed', 'UpdateOptions', undefined, { a: '2', b: '3' }, { c: '4' }],
    ],
  );
});

test('an apply or a patch that makes the object is a create', async () => {
  const namespace = await api.namespace();
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/makes', rules: everything }] });
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { b: '3' } };
  const made = await api.call(`${configMaps(namespace, 'applied')}?fieldManager=applier`, {
    method: 'PATCH',
    body,
    headers: APPLY,
  });
  assert.equal(made.status, 201);
  const [request] = asked('/makes');
  assert.deepEqual(
    [request.operation, request.name, request.options.kind, request.oldObject],
    ['CREATE', 'applied', 'CreateOptions', null],
  );
});

test('a change that changes nothing is asked about, too', async () => {
  const namespace = await api.namespace();
  const { json: before } = await api.call(configMaps(namespace), post(configMap('same', { a: '1' })));
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/same', rules: everything }] });
  const { json } = await api.call(configMaps(namespace, 'same'), {
    method: 'PATCH',
    body: { data: { a: '1' } },
    headers: MERGE,
  });
  assert.equal(json.metadata.resourceVersion, before.metadata.resourceVersion);
  assert.equal(asked('/same').length, 1);
});

test('a removal shows the object that goes; a no keeps it', async () => {
  const namespace = await api.namespace();
  await api.call(configMaps(namespace), post(configMap('kept', { a: '1' })));
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/removes', rules: everything }] });
  server.answer('/removes', () => ({ allowed: false, status: { message: 'it is loved' } }));
  const refused = await api.call(`${configMaps(namespace, 'kept')}?propagationPolicy=Background`, { method: 'DELETE' });
  assert.equal(refused.status, 400);
  const [request] = asked('/removes');
  assert.deepEqual(
    [request.operation, request.name, request.object, request.oldObject.data],
    ['DELETE', 'kept', null, { a: '1' }],
  );
  assert.deepEqual(request.options, {
    kind: 'DeleteOptions',
    apiVersion: 'meta.k8s.io/v1',
    propagationPolicy: 'Background',
  });
  assert.equal((await api.call(configMaps(namespace, 'kept'))).status, 200);
  server.answer('/removes', () => ({ allowed: true }));
  assert.equal((await api.call(configMaps(namespace, 'kept'), { method: 'DELETE' })).status, 200);
});

test('of a collection each object is asked about', async () => {
  const namespace = await api.namespace();
  for (const name of ['one', 'two']) await api.call(claims(namespace), post(claim({ name })));
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/all', rules: everything }] });
  await api.call(claims(namespace), { method: 'DELETE' });
  const seen = asked('/all').filter(({ operation }) => operation === 'DELETE');
  assert.deepEqual(seen.map(({ name, oldObject }) => [name, oldObject.metadata.name]).sort(), [
    [undefined, 'one'],
    [undefined, 'two'],
  ]);
});

test('a mutating webhook cannot change what is removed', async () => {
  const namespace = await api.namespace();
  await api.call(configMaps(namespace), post(configMap('going')));
  await register(api, server, { phase: 'mutating', namespace, hooks: [{ path: '/hopeless', rules: everything }] });
  server.answer('/hopeless', () => patching({ op: 'add', path: '/data', value: {} }));
  const { status, json } = await api.call(configMaps(namespace, 'going'), { method: 'DELETE' });
  assert.equal(status, 500);
  assert.equal(
    json.message,
    'Internal error occurred: admission webhook "hopeless.conformance.example.com" attempted to modify the object, which is not supported for this operation',
  );
});

test('a dry run is told as one', async () => {
  const namespace = await api.namespace();
  const more = { sideEffects: 'NoneOnDryRun' };
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/rehearsal', more }] });
  await api.call(`${configMaps(namespace)}?dryRun=All`, post(configMap('rehearsed')));
  const [request] = asked('/rehearsal');
  assert.equal(request.dryRun, true);
  assert.deepEqual(request.options.dryRun, ['All']);
  assert.equal((await api.call(configMaps(namespace, 'rehearsed'))).status, 404);
});

test('the user is whoever is impersonated', async () => {
  const namespace = await api.namespace();
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/who' }] });
  const jane = as(api, 'jane', { 'impersonate-group': 'system:masters', 'impersonate-uid': 'u-1' });
  await jane(configMaps(namespace), post(configMap('by-jane')));
  assert.deepEqual(asked('/who')[0].userInfo, {
    username: 'jane',
    uid: 'u-1',
    groups: ['system:masters', 'system:authenticated'],
  });
});

test('warnings of webhooks reach the client, also with a no', async () => {
  const namespace = await api.namespace();
  await register(api, server, { phase: 'mutating', namespace, hooks: [{ path: '/warns' }] });
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/frowns' }] });
  server.answer('/warns', () => ({ allowed: true, warnings: ['careful', 'a "quoted" one'] }));
  server.answer('/frowns', () => ({ allowed: false, warnings: ['careful', 'last one'] }));
  const answer = await api.call(configMaps(namespace), post(configMap('warned')));
  assert.equal(answer.status, 400);
  assert.equal(warningsOf(answer), '299 - "careful", 299 - "a \\"quoted\\" one", 299 - "last one"');
});

test('others can write while a webhook thinks', async () => {
  const namespace = await api.namespace();
  const more = { objectSelector: { matchLabels: { slow: 'yes' } } };
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/thinks', more }] });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.answer('/thinks', () => promise.then(() => ({ allowed: true })));
  const slow = api.call(configMaps(namespace), post(configMap('slow', {}, { labels: { slow: 'yes' } })));
  const quick = await api.call(configMaps(namespace), post(configMap('quick')));
  assert.equal(quick.status, 201);
  assert.equal((await api.call(configMaps(namespace, 'slow'))).status, 404);
  resolve();
  assert.equal((await slow).status, 201);
});

test('what changed while a webhook thought is kept: the patch is made again on the new state', async () => {
  const namespace = await api.namespace();
  await api.call(configMaps(namespace), post(configMap('raced', { a: '1' })));
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }];
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/races', rules }] });
  const path = configMaps(namespace, 'raced');
  let first = true;
  server.answer('/races', async ({ object }) => {
    if (first && object.data.slow) {
      first = false;
      await api.call(path, { method: 'PATCH', body: { data: { quick: 'yes' } }, headers: MERGE });
    }
    return { allowed: true };
  });
  const { status, json } = await api.call(path, { method: 'PATCH', body: { data: { slow: 'yes' } }, headers: MERGE });
  assert.equal(status, 200);
  assert.deepEqual(json.data, { a: '1', quick: 'yes', slow: 'yes' });
  const last = asked('/races').at(-1);
  assert.deepEqual(last.object.data, { a: '1', quick: 'yes', slow: 'yes' });
});

test('what ends with its namespace is asked about, too', async () => {
  const namespace = await api.namespace();
  await api.call(configMaps(namespace), post(configMap('last')));
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['configmaps'] }];
  await register(api, server, { phase: 'validating', namespace, hooks: [{ path: '/ends', rules }] });
  await api.call(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
  const gone = await until(
    () => api.call(`/api/v1/namespaces/${namespace}`),
    ({ status }) => status === 404,
  );
  assert.equal(gone.status, 404);
  assert.ok(asked('/ends').some(({ oldObject }) => oldObject.metadata.name === 'last'));
});
