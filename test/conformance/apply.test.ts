import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APPLY, claim, claims, configMap, configMaps, MERGE } from './objects.ts';
import { type Refused, refuses } from './refusal.ts';
import { type Answer, connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

const MAPS = '/api/v1/namespaces/$NS/configmaps';
const PODS = '/api/v1/namespaces/$NS/pods';
const applied = (body: unknown, path = `${MAPS}/x?fieldManager=one`): Refused['request'] => [
  path,
  { method: 'PATCH', headers: APPLY, body },
];
const bad = { status: 400, reason: 'BadRequest' };
const failed = { status: 500, reason: '' };
const MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } };
const TYPED = 'failed to create typed patch object (/x; /v1, Kind=ConfigMap): ';

refuses(api, namespace, [
  {
    rule: 'what is applied names its version',
    request: applied({ kind: 'ConfigMap', metadata: { name: 'x' } }),
    ...bad,
    message: 'invalid object type: /, Kind=ConfigMap',
  },
  {
    rule: 'what is applied names its kind',
    request: applied({ apiVersion: 'v1', metadata: { name: 'x' } }),
    ...bad,
    message: 'invalid object type: /v1, Kind=',
  },
  {
    rule: 'what is applied is of the kind of the address',
    request: applied({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }),
    ...bad,
    message: 'invalid object type: /v1, Kind=Secret',
  },
  { rule: 'nothing at all cannot be applied', request: applied(''), ...bad, message: 'invalid object type: /, Kind=' },
  {
    rule: 'a list cannot be applied',
    request: applied('[]'),
    ...bad,
    message: /^error decoding YAML: .*cannot unmarshal array into Go value/,
  },
  {
    rule: 'YAML that cannot be read cannot be applied',
    request: applied('{'),
    ...bad,
    message: /^error decoding YAML: error converting YAML to JSON: yaml: /,
  },
  {
    rule: 'a key that comes twice cannot be applied when strict',
    request: applied(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: "1", a: "2"}',
      `${MAPS}/x?fieldManager=one&fieldValidation=Strict`,
    ),
    ...bad,
    message:
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 4: key "a" already set in map',
  },
  {
    rule: 'what is applied has the name of the address',
    request: applied({ ...MAP, metadata: { name: 'y' } }),
    ...bad,
    message: /\(y\) does not match the name on the URL \(x\)|name/,
  },
  {
    rule: 'what is applied has the namespace of the address',
    request: applied({ ...MAP, metadata: { name: 'x', namespace: 'other' } }),
    ...bad,
    message: /namespace/,
  },
  {
    rule: 'who owns what cannot be applied',
    request: applied({ ...MAP, metadata: { name: 'x', managedFields: [{}] } }),
    ...bad,
    message: 'metadata.managedFields must be nil',
  },
  {
    rule: 'a field that the schema does not have cannot be applied, however fields are validated',
    request: applied({ ...MAP, metadata: { name: 'x' }, foo: 1 }, `${MAPS}/x?fieldManager=one&fieldValidation=Ignore`),
    ...failed,
    message: `${TYPED}.foo: field not declared in schema`,
  },
  {
    rule: 'a number cannot be applied where a text belongs',
    request: applied({ ...MAP, metadata: { name: 'x' }, data: { a: 1 } }),
    ...failed,
    message: `${TYPED}.data.a: expected string, got &value.valueUnstructured{Value:1}`,
  },
  {
    rule: 'a list cannot be applied where a map belongs',
    request: applied({ ...MAP, metadata: { name: 'x' }, data: [] }),
    ...failed,
    message: `${TYPED}.data: expected map, got &{[]}`,
  },
  {
    rule: 'an item of a set cannot be applied twice',
    request: applied({ ...MAP, metadata: { name: 'x', finalizers: ['a/b', 'a/b'] } }),
    ...failed,
    message: `${TYPED}.metadata.finalizers: duplicate entries for key [="a/b"]`,
  },
  {
    rule: 'an item of a keyed list cannot be applied twice',
    request: applied(
      {
        ...POD,
        spec: {
          containers: [
            { name: 'a', image: 'i' },
            { name: 'a', image: 'j' },
          ],
        },
      },
      `${PODS}/x?fieldManager=one`,
    ),
    ...failed,
    message:
      'failed to create typed patch object (/x; /v1, Kind=Pod): .spec.containers: duplicate entries for key [name="a"]',
  },
  {
    rule: 'a quantity that is none cannot be applied',
    request: applied(claim({ name: 'x', size: 'much' }), `${claims('$NS', 'x')}?fieldManager=one`),
    ...failed,
    message:
      /^failed to convert new object \(\/x; \/v1, Kind=PersistentVolumeClaim\) to proper version: .*quantities must match the regular expression/,
  },
  {
    rule: 'a status is not applied to what is not there',
    request: applied(claim({ name: 'ghost' }), `${claims('$NS', 'ghost')}/status?fieldManager=one`),
    status: 404,
    reason: 'NotFound',
    message: 'persistentvolumeclaims "ghost" not found',
  },
  {
    rule: 'an apply is written as YAML, and JSON is YAML',
    request: [
      `${MAPS}/x?fieldManager=one`,
      { method: 'PATCH', headers: { 'content-type': 'application/apply-patch+json' }, body: configMap('x') },
    ],
    status: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
  },
  {
    rule: 'an apply is no body of a new object',
    request: [`${MAPS}?fieldManager=one`, { method: 'POST', headers: APPLY, body: configMap('x') }],
    status: 415,
    reason: 'UnsupportedMediaType',
    message: /accepted media types include/,
  },
]);

let made = 0;
/** A name of its own for each check. */
const next = (): string => {
  made += 1;
  return `map-${made}`;
};

const write = (name: string, query: string, body: unknown, headers: Record<string, string> = APPLY): Promise<Answer> =>
  api.call(`${configMaps(namespace, name)}?fieldManager=${query}`, { method: 'PATCH', headers, body });

const put = (name: string, manager: string, body: object): Promise<Answer> =>
  api.call(`${configMaps(namespace, name)}?fieldManager=${manager}`, { method: 'PUT', body });

const post = (manager: string, body: object): Promise<Answer> =>
  api.call(`${configMaps(namespace)}?fieldManager=${manager}`, { method: 'POST', body });

/** Who owns what: by manager, operation and address. */
const owners = ({ json }: Answer): Record<string, unknown> =>
  Object.fromEntries(
    (json.metadata.managedFields ?? []).map(
      ({ manager, operation, subresource, fieldsV1 }: Record<string, string>) =>
        [[operation, manager, subresource].filter(Boolean).join(' '), fieldsV1] as const,
    ),
  );

const data = (...keys: string[]) => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) });
const whole = (...keys: string[]) => ({ 'f:data': { '.': {}, ...data(...keys)['f:data'] } });

test('who applies owns the members of a map; who makes it owns the map as well', async () => {
  const [one, two] = [next(), next()];
  assert.deepEqual(owners(await write(one, 'a', configMap(one, { k: '1' }))), { 'Apply a': data('k') });
  assert.deepEqual(owners(await post('u', configMap(two, { k: '1' }))), { 'Update u': whole('k') });
});

test('an entry says who, how, by which version, when and what', async () => {
  const name = next();
  const { json } = await write(name, 'a', configMap(name, { k: '1' }));
  const [{ time, ...entry }] = json.metadata.managedFields;
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(entry, {
    manager: 'a',
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: data('k'),
  });
});

test('an update takes the fields that it changes from everybody', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1', l: '1' }));
  const changed = await write(name, 'u', { data: { k: '2' } }, MERGE);
  assert.deepEqual(owners(changed), { 'Apply a': data('l'), 'Update u': data('k') });
});

test('an update that gives fields their old values takes nothing', async () => {
  const name = next();
  const before = await write(name, 'a', configMap(name, { k: '1' }));
  const after = await write(name, 'u', { data: { k: '1' } }, MERGE);
  assert.deepEqual(after.json.metadata, before.json.metadata);
});

test('an update that removes a field takes it from its owner and gives it to nobody', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1', l: '1' }));
  assert.deepEqual(owners(await write(name, 'u', { data: { k: null } }, MERGE)), { 'Apply a': data('l') });
});

test('a replacement owns what it changes, and what it leaves out is nobody’s', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1', l: '1' }));
  assert.deepEqual(owners(await put(name, 'u', configMap(name, { k: '2' }))), { 'Update u': data('k') });
});

test('two managers own a field together when they agree', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1' }));
  assert.deepEqual(owners(await write(name, 'b', configMap(name, { k: '1' }))), {
    'Apply a': data('k'),
    'Apply b': data('k'),
  });
});

test('a manager that agrees with all that is there has no time, because it changed nothing', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1' }));
  const { json } = await write(name, 'b', configMap(name, { k: '1' }));
  const entry = json.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'b');
  assert.equal(entry.time, undefined);
});

test('what two own stays when one lets go, and goes with the second', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1', own: '1' }));
  await write(name, 'b', configMap(name, { k: '1' }));
  assert.deepEqual((await write(name, 'a', configMap(name, { own: '1' }))).json.data, { k: '1', own: '1' });
  assert.equal((await write(name, 'b', configMap(name))).json.data?.k, undefined);
});

test('a manager that applies nothing any more is forgotten', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1' }));
  await write(name, 'b', configMap(name, { l: '1' }));
  assert.deepEqual(Object.keys(owners(await write(name, 'b', { ...MAP, metadata: { name } }))), ['Apply a']);
});

test('the same manager applies and updates under two entries', async () => {
  const name = next();
  await write(name, 'm', configMap(name, { k: '1' }));
  await write(name, 'm', { data: { l: '1' } }, MERGE);
  const conflict = await write(name, 'm', configMap(name, { k: '1', l: '2' }));
  assert.equal(conflict.status, 409);
  assert.equal(conflict.json.message, 'Apply failed with 1 conflict: conflict with "m" using v1: .data.l');
});

test('conflicts are listed by manager, and each is a cause', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1' }));
  await write(name, 'u', { data: { l: '1' }, metadata: { labels: { x: 'y' } } }, MERGE);
  const { json } = await write(name, 'b', configMap(name, { k: '2', l: '2' }, { labels: { x: 'z' } }));
  assert.equal(
    json.message,
    'Apply failed with 3 conflicts: conflicts with "a":\n- .data.k\nconflicts with "u" using v1:\n- .data.l\n- .metadata.labels.x',
  );
  assert.deepEqual(
    json.details.causes.map(({ field, message }: Record<string, string>) => `${field} ${message}`).sort(),
    [
      '.data.k conflict with "a"',
      '.data.l conflict with "u" using v1',
      '.metadata.labels.x conflict with "u" using v1',
    ],
  );
});

test('a conflict changes nothing, also of what was not disputed', async () => {
  const name = next();
  const before = await write(name, 'a', configMap(name, { k: '1' }));
  assert.equal((await write(name, 'b', configMap(name, { k: '2', l: '1' }))).status, 409);
  const after = await api.call(configMaps(namespace, name));
  assert.deepEqual(after.json, before.json);
});

test('force takes only what is disputed', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1', l: '1' }));
  const forced = await write(name, 'b&force=true', configMap(name, { k: '2' }));
  assert.deepEqual(owners(forced), { 'Apply a': data('l'), 'Apply b': data('k') });
});

test('who lost a field by force gets it back by force only', async () => {
  const name = next();
  await write(name, 'a', configMap(name, { k: '1' }));
  await write(name, 'b&force=true', configMap(name, { k: '2' }));
  assert.equal((await write(name, 'a', configMap(name, { k: '1' }))).status, 409);
  const { json } = await write(name, 'a&force=true', configMap(name, { k: '1' }));
  assert.deepEqual(json.data, { k: '1' });
});

test('an apply as a dry run says what would be, conflicts included', async () => {
  const name = next();
  const dry = await write(name, 'a&dryRun=All', configMap(name, { k: '1' }));
  assert.deepEqual([dry.status, owners(dry)], [201, { 'Apply a': data('k') }]);
  assert.equal((await api.call(configMaps(namespace, name))).status, 404);
  await write(name, 'a', configMap(name, { k: '1' }));
  assert.equal((await write(name, 'b&dryRun=All', configMap(name, { k: '2' }))).status, 409);
});

test('a map of nothing is owned as such', async () => {
  const name = next();
  const { json, ...rest } = await write(name, 'a', configMap(name, {}));
  assert.equal(json.data, undefined);
  assert.deepEqual(owners({ json, ...rest }), { 'Apply a': { 'f:data': {} } });
});

test('a null is applied, and is nothing in an object and an empty text in a map', async () => {
  const name = next();
  const answer = await write(
    name,
    'a',
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"data":{"k":null},"immutable":null}'.replace(
      'NAME',
      name,
    ),
  );
  assert.deepEqual(answer.json.data, { k: '' });
  assert.deepEqual(owners(answer), { 'Apply a': { ...data('k'), 'f:immutable': {} } });
});

test('nobody owns what the server keeps', async () => {
  const name = next();
  const metadata = { name, namespace, labels: { x: 'y' } };
  assert.deepEqual(owners(await write(name, 'a', { ...MAP, metadata })), {
    'Apply a': { 'f:metadata': { 'f:labels': { 'f:x': {} } } },
  });
});

test('items of a set are owned one by one', async () => {
  const name = next();
  const sets = (...finalizers: string[]) => ({ ...MAP, metadata: { name, finalizers } });
  await write(name, 'a', sets('example.com/a'));
  const both = await write(name, 'b', sets('example.com/b'));
  const own = (finalizer: string) => ({ 'f:metadata': { 'f:finalizers': { [`v:"${finalizer}"`]: {} } } });
  assert.deepEqual(owners(both), { 'Apply a': own('example.com/a'), 'Apply b': own('example.com/b') });
  assert.deepEqual((await write(name, 'a', sets())).json.metadata.finalizers, ['example.com/b']);
  await write(name, 'u', { metadata: { finalizers: null } }, MERGE);
});

test('a list that is applied takes its order from who applies, and what others own stays between', async () => {
  const name = next();
  const sets = (...names: string[]) => ({
    ...MAP,
    metadata: { name, finalizers: names.map((each) => `example.com/${each}`) },
  });
  const order = ({ json }: Answer): string => json.metadata.finalizers.map((each: string) => each.at(-1)).join('');
  await write(name, 'a', sets('a', 'b', 'c'));
  assert.equal(order(await write(name, 'b', sets('c', 'x', 'a'))), 'bcxa');
  assert.equal(order(await write(name, 'a', sets('a', 'b', 'c'))), 'xabc');
  await write(name, 'u', { metadata: { finalizers: null } }, MERGE);
});

test('a pod’s containers are owned by their names, and its ports by number and protocol', async () => {
  const path = `/api/v1/namespaces/${namespace}/pods/keyed?fieldManager=a`;
  const containers = [
    { name: 'c', image: 'i:1', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] },
  ];
  const body = { ...POD, metadata: { name: 'keyed' }, spec: { containers, nodeSelector: { x: 'y' }, tolerations: [] } };
  assert.deepEqual(owners(await api.call(path, { method: 'PATCH', headers: APPLY, body })), {
    'Apply a': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:image': {},
            'f:name': {},
            'f:ports': {
              'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
              'k:{"containerPort":80,"protocol":"UDP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
            },
          },
        },
        'f:nodeSelector': {},
        'f:tolerations': {},
      },
    },
  });
});

test('a status is owned apart, and an object does not own its status', async () => {
  const name = next();
  const path = claims(namespace, name);
  const body = claim({ name, spec: { storageClassName: 'none' } });
  await api.call(`${path}?fieldManager=a`, {
    method: 'PATCH',
    headers: APPLY,
    body: { ...body, status: { phase: 'Lost' } },
  });
  const conditions = [{ type: 'Resizing', status: 'True' }];
  const status = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, status: { conditions } };
  const answer = await api.call(`${path}/status?fieldManager=a`, { method: 'PATCH', headers: APPLY, body: status });
  const { 'Apply a': main, 'Apply a status': own } = owners(answer);
  assert.deepEqual(main, {
    'f:spec': { 'f:accessModes': {}, 'f:resources': { 'f:requests': { 'f:storage': {} } }, 'f:storageClassName': {} },
  });
  assert.deepEqual(own, {
    'f:status': { 'f:conditions': { 'k:{"type":"Resizing"}': { '.': {}, 'f:status': {}, 'f:type': {} } } },
  });
  assert.deepEqual(answer.json.status.conditions, [
    { lastProbeTime: null, lastTransitionTime: null, status: 'True', type: 'Resizing' },
  ]);
});

test('a size is disputed as it was written, and stored as it is canonical', async () => {
  const name = next();
  const apply = (manager: string, size: string) =>
    api.call(`${claims(namespace, name)}?fieldManager=${manager}`, {
      method: 'PATCH',
      headers: APPLY,
      body: claim({ name, size, spec: { storageClassName: 'none' } }),
    });
  assert.equal((await apply('a', '1024Mi')).json.spec.resources.requests.storage, '1Gi');
  assert.equal((await apply('b', '1Gi')).status, 200);
  const { status, json } = await apply('b', '1024Mi');
  assert.equal(status, 409);
  assert.match(json.message, /conflict with "a": \.spec\.resources\.requests\.storage$/);
});

test('what an object had before anybody applied is owned by a name that says so', async () => {
  const name = next();
  await post('u', configMap(name, { k: '1', l: '1' }));
  const reset = await write(name, 'u', { metadata: { managedFields: [] } }, MERGE);
  assert.equal(reset.json.metadata.managedFields, undefined);
  const conflict = await write(name, 'a', configMap(name, { k: '2' }));
  assert.equal(
    conflict.json.message,
    'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k',
  );
  const forced = await write(name, 'a&force=true', configMap(name, { k: '2' }));
  assert.deepEqual(owners(forced), { 'Apply a': data('k'), 'Update before-first-apply': whole('l') });
});

test('an object that nobody owns stays so until somebody applies', async () => {
  const name = next();
  await post('u', configMap(name, { k: '1' }));
  await write(name, 'u', { metadata: { managedFields: [{}] } }, MERGE);
  const { json } = await write(name, 'u', { data: { k: '2' } }, MERGE);
  assert.equal(json.metadata.managedFields, undefined);
});

test('owners can be written, and entries that make no sense are passed over', async () => {
  const name = next();
  await post('u', configMap(name, { k: '1' }));
  const entry = { manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: data('k') };
  assert.deepEqual(owners(await write(name, 'x', { metadata: { managedFields: [entry] } }, MERGE)), {
    'Apply m': data('k'),
  });
  const wrong = { ...entry, operation: 'Wrong' };
  assert.deepEqual(owners(await write(name, 'x', { metadata: { managedFields: [wrong] } }, MERGE)), {
    'Apply m': data('k'),
  });
});

test('more than ten managers that update are summed up, the oldest first', async () => {
  const name = next();
  await post('u0', configMap(name, { k0: '1' }));
  for (let index = 1; index < 12; index += 1) {
    await write(name, `u${String(index).padStart(2, '0')}`, { data: { [`k${index}`]: '1' } }, MERGE);
  }
  const managers = Object.keys(owners(await api.call(configMaps(namespace, name))));
  assert.equal(managers.length, 10);
  assert.ok(managers.includes('Update ancient-changes'));
});

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** As `kubectl apply` makes an object. */
const clientSide = async (name: string, values: Record<string, string>): Promise<void> => {
  const said = JSON.stringify({
    apiVersion: 'v1',
    data: values,
    kind: 'ConfigMap',
    metadata: { annotations: {}, name, namespace },
  });
  const body = configMap(name, values, { annotations: { [LAST_APPLIED]: `${said}\n` } });
  assert.equal((await post('kubectl-client-side-apply', body)).status, 201);
};

test('kubectl takes over from its former self what nobody changed since', async () => {
  const name = next();
  await clientSide(name, { k: '1', l: '1' });
  const { status, json } = await write(name, 'kubectl', configMap(name, { k: '2' }));
  assert.equal(status, 200);
  assert.equal(json.data.k, '2');
});

test('what is annotated follows what kubectl applies on the server', async () => {
  const name = next();
  await clientSide(name, { k: '1' });
  const { json } = await write(name, 'kubectl', configMap(name, { k: '2' }));
  assert.equal(
    json.metadata.annotations[LAST_APPLIED],
    `{"apiVersion":"v1","data":{"k":"2"},"kind":"ConfigMap","metadata":{"name":"${name}"}}\n`,
  );
});

test('what somebody changed since is disputed, also by kubectl', async () => {
  const name = next();
  await clientSide(name, { k: '1', l: '1' });
  await write(name, 'edit', { data: { l: '5' } }, MERGE);
  const { status, json } = await write(name, 'kubectl', configMap(name, { k: '2', l: '6' }));
  assert.equal(status, 409);
  assert.equal(json.message, 'Apply failed with 1 conflict: conflict with "edit" using v1: .data.l');
});

test('nobody but kubectl takes over from kubectl', async () => {
  const name = next();
  await clientSide(name, { k: '1' });
  const { json } = await write(name, 'other', configMap(name, { k: '3' }));
  assert.equal(
    json.message,
    'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.k',
  );
});
