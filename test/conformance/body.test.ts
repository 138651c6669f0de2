import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, configMap, configMaps } from './objects.ts';
import { type Refused, refuses } from './refusal.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

const MAPS = '/api/v1/namespaces/$NS/configmaps';
const CLAIMS = '/api/v1/namespaces/$NS/persistentvolumeclaims';
const PODS = '/api/v1/namespaces/$NS/pods';
const YAML = { 'content-type': 'application/yaml' };
const AS_CONFIG_MAP = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: ';
const AS_CLAIM = 'PersistentVolumeClaim in version "v1" cannot be handled as a PersistentVolumeClaim: ';
const AS_POD = 'Pod in version "v1" cannot be handled as a Pod: ';
const QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const post = (path: string, body: unknown, headers = {}): Refused['request'] => [
  path,
  { method: 'POST', body, headers },
];
const bad = { status: 400, reason: 'BadRequest' };
const pod = (spec: object) => ({ metadata: { name: 'x' }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });
const wants = (spec: object) => claim({ name: 'x', spec });

refuses(api, namespace, [
  {
    rule: 'a body that ends too early is refused as Go says it',
    request: post(MAPS, '{"metadata":'),
    ...bad,
    message: /json parse error: unexpected end of JSON input/,
  },
  {
    rule: 'a body with something behind the object is refused',
    request: post(MAPS, '{"metadata":{"name":"a"}} trailing'),
    ...bad,
    message: /json parse error: invalid character 't' after top-level value/,
  },
  {
    rule: 'a body that is no JSON at all is refused with the character',
    request: post(MAPS, 'hello'),
    ...bad,
    message: /json parse error: invalid character 'h' looking for beginning of value/,
  },
  {
    rule: 'a list is no object',
    request: post(MAPS, '[]'),
    ...bad,
    message: /cannot unmarshal array into Go value/,
  },
  {
    rule: 'a text is no object',
    request: post(MAPS, '"x"'),
    ...bad,
    message: /cannot unmarshal string into Go value/,
  },
  {
    rule: 'a body that is null says nothing, not even a name',
    request: post(MAPS, 'null'),
    status: 422,
    reason: 'Invalid',
    message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    fields: ['metadata.name'],
  },
  {
    rule: 'YAML that cannot be read is refused',
    request: post(MAPS, 'apiVersion: v1\n  bad: [', YAML),
    ...bad,
    message: /yaml: /,
  },
  {
    rule: 'YAML that is a list is refused',
    request: post(MAPS, '- a', YAML),
    ...bad,
    message: /cannot unmarshal array into Go value/,
  },
  {
    rule: 'numbers in YAML are numbers, also where a text belongs',
    request: post(MAPS, 'metadata: {name: numbers}\ndata: {a: 1}', YAML),
    ...bad,
    message: `${AS_CONFIG_MAP}json: cannot unmarshal number into Go struct field ConfigMap.data of type string`,
  },
  {
    rule: 'yes and no in YAML are flags, also where a text belongs',
    request: post(MAPS, 'metadata: {name: flags}\ndata: {a: yes, b: "no"}', YAML),
    ...bad,
    message: `${AS_CONFIG_MAP}json: cannot unmarshal bool into Go struct field ConfigMap.data of type string`,
  },
  {
    rule: 'a member of metadata of the wrong type is named with the type that holds it',
    request: post(MAPS, { metadata: { name: 1 } }),
    ...bad,
    message: `${AS_CONFIG_MAP}json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string`,
  },
  {
    rule: 'metadata that is a text is refused',
    request: post(MAPS, { metadata: 'x' }),
    ...bad,
    message: `${AS_CONFIG_MAP}json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta`,
  },
  {
    rule: 'a list where a map belongs is refused',
    request: post(MAPS, { metadata: { name: 'x' }, data: [] }),
    ...bad,
    message: `${AS_CONFIG_MAP}json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string`,
  },
  {
    rule: 'a label that is no text is refused',
    request: post(MAPS, { metadata: { name: 'x', labels: { a: true } } }),
    ...bad,
    message: `${AS_CONFIG_MAP}json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string`,
  },
  {
    rule: 'finalizers that are no list are refused',
    request: post(MAPS, { metadata: { name: 'x', finalizers: 'x' } }),
    ...bad,
    message: `${AS_CONFIG_MAP}json: cannot unmarshal string into Go struct field ObjectMeta.metadata.finalizers of type []string`,
  },
  {
    rule: 'a flag that is a text is refused',
    request: post(MAPS, { metadata: { name: 'x' }, immutable: 'yes' }),
    ...bad,
    message: `${AS_CONFIG_MAP}json: cannot unmarshal string into Go struct field ConfigMap.immutable of type bool`,
  },
  {
    rule: 'a time that is none is refused',
    request: post(MAPS, { metadata: { name: 'x', creationTimestamp: 'yesterday' } }),
    ...bad,
    message: /parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday"/,
  },
  {
    rule: 'bytes that are not encoded are refused',
    request: post(MAPS, { metadata: { name: 'x' }, binaryData: { a: '???' } }),
    ...bad,
    message: `${AS_CONFIG_MAP}illegal base64 data at input byte 0`,
  },
  {
    rule: 'a quantity that is a word is refused',
    request: post(CLAIMS, wants({ resources: { requests: { storage: 'much' } } })),
    ...bad,
    message: `${AS_CLAIM}${QUANTITY}`,
  },
  {
    rule: 'a quantity that is a flag is refused',
    request: post(CLAIMS, wants({ resources: { requests: { storage: true } } })),
    ...bad,
    message: new RegExp(`^${AS_CLAIM}`),
  },
  {
    rule: 'a list where an object belongs is refused with the type of the object',
    request: post(CLAIMS, wants({ resources: [] })),
    ...bad,
    message: `${AS_CLAIM}json: cannot unmarshal array into Go struct field PersistentVolumeClaimSpec.spec.resources of type v1.VolumeResourceRequirements`,
  },
  {
    rule: 'a member deep in a spec is named with all that it is in',
    request: post(CLAIMS, wants({ selector: { matchLabels: 5 } })),
    ...bad,
    message: `${AS_CLAIM}json: cannot unmarshal number into Go struct field LabelSelector.spec.selector.matchLabels of type map[string]string`,
  },
  {
    rule: 'a member of an item of a list is named without the place of the item',
    request: post(PODS, pod({ containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 'x' }] }] })),
    ...bad,
    message: `${AS_POD}json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
  },
  {
    rule: 'a fraction is no integer',
    request: post(PODS, pod({ terminationGracePeriodSeconds: 1.5 })),
    ...bad,
    message: `${AS_POD}json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64`,
  },
  {
    rule: 'a number is no flag',
    request: post(PODS, pod({ hostNetwork: 1 })),
    ...bad,
    message: `${AS_POD}json: cannot unmarshal number into Go struct field PodSpec.spec.hostNetwork of type bool`,
  },
  {
    rule: 'an item of a list that is no object is refused',
    request: post(PODS, pod({ containers: [5] })),
    ...bad,
    message: `${AS_POD}json: cannot unmarshal number into Go struct field PodSpec.spec.containers of type v1.Container`,
  },
  {
    rule: 'an object of another kind than the address is refused',
    request: post(MAPS, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }),
    ...bad,
    message: /^Secret in version "v1" cannot be handled as a ConfigMap: /,
  },
  {
    rule: 'an object of a kind that nobody knows is refused',
    request: post(MAPS, { kind: 'Nothing', metadata: { name: 'a' } }),
    ...bad,
    message:
      /^Nothing in version "v1" cannot be handled as a ConfigMap: no kind "Nothing" is registered for version "v1"/,
  },
  {
    rule: 'an object of a version that nobody knows is refused',
    request: post(MAPS, { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } }),
    ...bad,
    message:
      /^ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2"/,
  },
  {
    rule: 'an object of another group than the address is refused',
    request: post(MAPS, { apiVersion: 'apps/v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
    ...bad,
    message:
      /^ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps\/v1"/,
  },
  {
    rule: 'a list of objects cannot be posted',
    request: post(MAPS, { apiVersion: 'v1', kind: 'ConfigMapList', items: [] }),
    ...bad,
    message: /^ConfigMapList in version "v1" cannot be handled as a ConfigMap/,
  },
  {
    rule: 'members that come twice are refused when strict, each by its path',
    request: post(`${MAPS}?fieldValidation=Strict`, '{"metadata":{"name":"a","name":"b"},"data":{"a":"1","a":"2"}}'),
    ...bad,
    message: `${AS_CONFIG_MAP}strict decoding error: duplicate field "metadata.name", duplicate field "data.a"`,
  },
  {
    rule: 'keys that come twice in YAML are refused when strict, with their line',
    request: post(`${MAPS}?fieldValidation=Strict`, 'metadata: {name: twice}\ndata: {a: "1", a: "2"}', YAML),
    ...bad,
    message: /strict decoding error: [\s\S]*line 2: key "a" already set in map/,
  },
  {
    rule: 'a validation of fields that is none is refused',
    request: post(`${MAPS}?fieldValidation=Maybe`, configMap('x')),
    status: 422,
    reason: 'Invalid',
    message:
      'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
    fields: ['fieldValidation'],
  },
]);

const made = async (body: string, headers = {}) =>
  api.call(configMaps(namespace), {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });

test('a member that comes twice counts the last time, with a warning', async () => {
  const { status, headers, json } = await made('{"metadata":{"name":"first","name":"second"}}');
  assert.equal(status, 201);
  assert.equal(json.metadata.name, 'second');
  assert.equal(headers['warning'], '299 - "duplicate field \\"metadata.name\\""');
});

test('nobody is warned who asked not to be', async () => {
  const body = '{"metadata":{"name":"quiet"},"data":{"a":"1","a":"2"},"foo":1}';
  const { status, headers } = await api.call(`${configMaps(namespace)}?fieldValidation=Ignore`, {
    method: 'POST',
    body,
  });
  assert.equal(status, 201);
  assert.equal(headers['warning'], undefined);
});

test('a key that comes twice in YAML counts the last time, with a warning that names the line', async () => {
  const { headers, json } = await made('metadata: {name: yaml-twice}\ndata: {a: "1", a: "2"}', YAML);
  assert.deepEqual(json.data, { a: '2' });
  assert.equal(headers['warning'], '299 - "line 2: key \\"a\\" already set in map"');
});

test('of several documents of YAML the first counts', async () => {
  const { status, json } = await made('metadata: {name: yaml-first}\n---\nmetadata: {name: yaml-second}', YAML);
  assert.equal(status, 201);
  assert.equal(json.metadata.name, 'yaml-first');
});

test('texts keep every character that Unicode has', async () => {
  const text = 'zwölf Boxkämpfer, 日本語, 😀, \u0000, "quoted", \\';
  const { json } = await made(JSON.stringify(configMap('unicode', { text })));
  assert.equal(json.data.text, text);
  assert.equal((await api.call(configMaps(namespace, 'unicode'))).json.data.text, text);
});

test('a null is the same as nothing, and in a map of texts an empty text', async () => {
  const { status, json } = await made('{"metadata":{"name":"nulls","labels":null},"data":{"a":null},"immutable":null}');
  assert.equal(status, 201);
  assert.deepEqual(json.data, { a: '' });
  assert.equal(json.metadata.labels, undefined);
  assert.equal('immutable' in json, false);
});

test('the type of a body may name its characters', async () => {
  const { status } = await made('{"metadata":{"name":"charset"}}', {
    'content-type': 'application/json; charset=utf-8',
  });
  assert.equal(status, 201);
});

test('a body of almost 3 MiB is read, whatever becomes of it', async () => {
  const { status, json } = await made(JSON.stringify(configMap('almost', { a: 'x'.repeat(3 * 1024 * 1024 - 1000) })));
  assert.equal(status, 422);
  assert.match(json.message, /Too long: may not be more than 1048576 bytes/);
});

test('what cannot be set on a new object is set all the same', async () => {
  const metadata = {
    uid: 'mine',
    creationTimestamp: '2001-01-01T00:00:00Z',
    deletionTimestamp: '2001-01-01T00:00:00Z',
    selfLink: '/x',
  };
  const { status, json } = await made(JSON.stringify(configMap('own', {}, metadata)));
  assert.equal(status, 201);
  assert.match(json.metadata.uid, /^[0-9a-f-]{36}$/);
  assert.notEqual(json.metadata.creationTimestamp, metadata.creationTimestamp);
  assert.equal(json.metadata.deletionTimestamp, undefined);
  assert.equal(json.metadata.selfLink, undefined);
});

test('times and odd numbers in YAML are texts where a text belongs', async () => {
  const { status, json } = await made('metadata: {name: yaml-texts}\ndata: {time: 2001-01-01, sixty: 1:30}', YAML);
  assert.equal(status, 201);
  assert.deepEqual(json.data, { time: '2001-01-01', sixty: '1:30' });
});

test('a mapping in YAML can be merged into another', async () => {
  const { json } = await made('metadata: {name: yaml-merged}\ndata:\n  <<: {a: "1", b: "1"}\n  b: "2"\n', YAML);
  assert.deepEqual(json.data, { a: '1', b: '2' });
});

test('an empty text, a zero and a false are written only where their absence would be something else', async () => {
  const spec = {
    hostNetwork: false,
    nodeName: '',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'c', image: 'i', stdin: false, workingDir: '', volumeMounts: [] }],
  };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const { status, json } = await api.call(path, { method: 'POST', body: { metadata: { name: 'zeros' }, spec } });
  assert.equal(status, 201);
  assert.deepEqual([json.spec.automountServiceAccountToken, json.spec.terminationGracePeriodSeconds], [false, 0]);
  for (const name of ['hostNetwork', 'nodeName']) assert.equal(name in json.spec, false, name);
  for (const name of ['stdin', 'workingDir', 'volumeMounts'])
    assert.equal(name in json.spec.containers[0], false, name);
});
