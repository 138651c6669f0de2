import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, configMaps, MERGE } from './objects.ts';
import { type Refused, refuses } from './refusal.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();

const MAPS = '/api/v1/namespaces/$NS/configmaps';
const SPACES = '/api/v1/namespaces?dryRun=All';
const invalid = { status: 422, reason: 'Invalid' };
const post = (body: unknown, path = MAPS): Refused['request'] => [path, { method: 'POST', body }];
const labelled = (labels: Record<string, string>) => post(configMap('l', {}, { labels }));
const annotated = (annotations: Record<string, string>) => post(configMap('a', {}, { annotations }));
const KEY =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const EVENT = { apiVersion: 'v1', kind: 'Event', name: 'x', uid: 'u' };

refuses(api, namespace, [
  {
    rule: 'a name of more than 253 characters is refused',
    request: post(configMap('x'.repeat(254))),
    ...invalid,
    message: /metadata\.name: Invalid value: "x{254}": must be no more than 253 characters/,
  },
  {
    rule: 'a name with two dots in a row is refused',
    request: post(configMap('a..b')),
    ...invalid,
    message: /metadata\.name: Invalid value: "a\.\.b": a lowercase RFC 1123 subdomain must consist of/,
  },
  {
    rule: 'a name with a slash is refused',
    request: post(configMap('a/b')),
    ...invalid,
    message: /metadata\.name: Invalid value: "a\/b"/,
  },
  {
    rule: 'a prefix that no name can begin with is refused, and so is the name made of it',
    request: post({ metadata: { generateName: 'Bad_' } }),
    ...invalid,
    message: /metadata\.generateName: Invalid value: "Bad_"/,
    fields: ['metadata.generateName', 'metadata.name'],
  },
  {
    rule: 'a label without a key is refused',
    request: labelled({ '': 'x' }),
    ...invalid,
    message: `ConfigMap "l" is invalid: [metadata.labels: Invalid value: "": name part must be non-empty, metadata.labels: Invalid value: "": name part ${KEY}]`,
  },
  {
    rule: 'the key of a label has one slash at most',
    request: labelled({ 'a/b/c': '' }),
    ...invalid,
    message: /metadata\.labels: Invalid value: "a\/b\/c": a valid label key must consist of/,
  },
  {
    rule: 'the prefix of a label must be there when there is a slash',
    request: labelled({ '/x': '1' }),
    ...invalid,
    message: 'ConfigMap "l" is invalid: metadata.labels: Invalid value: "/x": prefix part must be non-empty',
  },
  {
    rule: 'the prefix of a label is a DNS name',
    request: labelled({ 'A_B/x': '1' }),
    ...invalid,
    message: /metadata\.labels: Invalid value: "A_B\/x": prefix part a lowercase RFC 1123 subdomain/,
  },
  {
    rule: 'the key of a label has 63 bytes at most',
    request: labelled({ ['y'.repeat(64)]: '' }),
    ...invalid,
    message: /name part must be no more than 63 bytes/,
  },
  {
    rule: 'the value of a label has 63 bytes at most',
    request: labelled({ a: 'z'.repeat(64) }),
    ...invalid,
    message: /metadata\.labels: Invalid value: "z{64}": must be no more than 63 bytes/,
  },
  {
    rule: 'the value of a label is no sentence',
    request: labelled({ a: 'b c' }),
    ...invalid,
    message: /metadata\.labels: Invalid value: "b c": a valid label must be an empty string or consist of/,
  },
  {
    rule: 'the key of an annotation is one like that of a label, in any case',
    request: annotated({ 'a b': 'c', 'A/B': 'x' }),
    ...invalid,
    message: /metadata\.annotations: Invalid value: "a b"/,
    fields: ['metadata.annotations'],
  },
  {
    rule: 'a finalizer is a qualified name',
    request: post(configMap('f', {}, { finalizers: ['a b'] })),
    ...invalid,
    message: /metadata\.finalizers: Invalid value: "a b": name part must consist of/,
  },
  {
    rule: 'a finalizer without a domain must be one of the known ones',
    request: post(configMap('f', {}, { finalizers: ['mine'] })),
    ...invalid,
    message:
      'ConfigMap "f" is invalid: metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  },
  {
    rule: 'dependents cannot be both orphaned and deleted',
    request: post(configMap('f', {}, { finalizers: ['foregroundDeletion', 'orphan'] })),
    ...invalid,
    message:
      'ConfigMap "f" is invalid: metadata.finalizers: Invalid value: ["foregroundDeletion","orphan"]: finalizer orphan and foregroundDeletion cannot be both set',
  },
  {
    rule: 'an owner needs version, kind, name and uid',
    request: post(configMap('o', {}, { ownerReferences: [{}] })),
    ...invalid,
    message: /metadata\.ownerReferences\.apiVersion: Invalid value: "": version must not be empty/,
    fields: ['apiVersion', 'kind', 'name', 'uid'].map((name) => `metadata.ownerReferences.${name}`),
  },
  {
    rule: 'an event owns nothing',
    request: post(configMap('o', {}, { ownerReferences: [EVENT] })),
    ...invalid,
    message: `ConfigMap "o" is invalid: metadata.ownerReferences: Invalid value: ${JSON.stringify(EVENT)}: /v1, Kind=Event is disallowed from being an owner`,
  },
  {
    rule: 'one owner at most is the controller',
    request: post(
      configMap(
        'o',
        {},
        {
          ownerReferences: ['a', 'b'].map((name) => ({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name,
            uid: name,
            controller: true,
          })),
        },
      ),
    ),
    ...invalid,
    message:
      /Only one reference can have Controller set to true\. Found "true" in references for ConfigMap\/a and ConfigMap\/b/,
  },
  {
    rule: 'a version on a new object is refused',
    request: post(configMap('v', {}, { resourceVersion: '5' })),
    status: 500,
    reason: '',
    message: 'resourceVersion should not be set on objects to be created',
  },
  {
    rule: 'a dry run without a word for it is refused',
    request: post(configMap('d'), `${MAPS}?dryRun=`),
    ...invalid,
    message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: [""]: supported values: "All"',
    fields: ['dryRun'],
  },
  {
    rule: 'the name of a manager has 128 bytes at most',
    request: post(configMap('m'), `${MAPS}?fieldManager=${'x'.repeat(129)}`),
    ...invalid,
    message: /fieldManager: Too long: may not be more than 128 bytes/,
    fields: ['fieldManager'],
  },
  {
    rule: 'the name of a manager can be printed',
    request: post(configMap('m'), `${MAPS}?fieldManager=a%01b`),
    ...invalid,
    message: /fieldManager: Invalid value: .*: invalid character U\+0001 \(at position 1\)/,
  },
  {
    rule: 'the name of a namespace is a DNS label',
    request: post({ metadata: { name: 'bad.name' } }, SPACES),
    ...invalid,
    message: 'Namespace "bad.name" is invalid: metadata.name: Invalid value: "bad.name": must not contain dots',
  },
  {
    rule: 'the name of a namespace is its label as well, and both are checked',
    request: post({ metadata: { name: 'x'.repeat(64) } }, SPACES),
    ...invalid,
    message:
      /must be no more than 63 characters, metadata\.labels: Invalid value: "x{64}": must be no more than 63 bytes\]$/,
    fields: ['metadata.name', 'metadata.labels'],
  },
  {
    rule: 'the finalizers in the spec of a namespace are checked like others',
    request: post({ metadata: { name: 'fin' }, spec: { finalizers: ['bad'] } }, SPACES),
    ...invalid,
    message:
      'Namespace "fin" is invalid: spec.finalizers: Invalid value: "bad": name is neither a standard finalizer name nor is it fully qualified',
  },
]);

test('a name of 253 characters is long enough for anybody', async () => {
  const { status, json } = await api.call(configMaps(namespace), { method: 'POST', body: configMap('x'.repeat(253)) });
  assert.equal(status, 201);
  assert.equal(json.metadata.name.length, 253);
});

test('a long prefix is cut, so that the name is no longer than a label', async () => {
  const body = { metadata: { generateName: 'x'.repeat(100) } };
  const { json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.match(json.metadata.name, /^x{58}[a-z0-9]{5}$/);
});

test('a name wins over a prefix', async () => {
  const body = { metadata: { name: 'both', generateName: 'gen-' } };
  const { json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.deepEqual([json.metadata.name, json.metadata.generateName], ['both', 'gen-']);
});

test('an owner that comes twice is kept once, with a warning', async () => {
  const { json: real } = await api.call(configMaps(namespace), { method: 'POST', body: configMap('owner') });
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: real.metadata.uid };
  const body = configMap('owned', {}, { ownerReferences: [owner, owner] });
  const { status, headers, json } = await api.call(configMaps(namespace), { method: 'POST', body });
  assert.equal(status, 201);
  assert.deepEqual(json.metadata.ownerReferences, [owner]);
  assert.match(String(headers['warning']), /duplicate UID\(s\) observed: /);
});

test('a namespace keeps its label and its finalizer, whatever it is told', async () => {
  const body = {
    metadata: { name: `${namespace}-dry`, labels: { 'kubernetes.io/metadata.name': 'other' } },
    spec: { finalizers: ['example.com/x'] },
    status: { phase: 'Terminating' },
  };
  const { status, json } = await api.call(SPACES, { method: 'POST', body });
  assert.equal(status, 201);
  assert.equal(json.metadata.labels['kubernetes.io/metadata.name'], `${namespace}-dry`);
  assert.deepEqual(json.spec.finalizers, ['example.com/x', 'kubernetes']);
  assert.equal(json.status.phase, 'Active');
});

const refusedChange = async (name: string, metadata: object) => {
  await api.call(configMaps(namespace), { method: 'POST', body: configMap(name) });
  return api.call(configMaps(namespace, name), { method: 'PATCH', headers: MERGE, body: { metadata } });
};

test('a patch cannot give an object another name', async () => {
  const { status, json } = await refusedChange('named', { name: 'other' });
  assert.equal(status, 400);
  assert.equal(json.message, 'the name of the object (other) does not match the name on the URL (named)');
});

test('a patch cannot move an object to another namespace', async () => {
  const { status, json } = await refusedChange('placed', { namespace: 'default' });
  assert.equal(status, 400);
  assert.equal(json.message, 'the namespace of the provided object does not match the namespace sent on the request');
});

test('a patch cannot give an object another uid', async () => {
  const { status, json } = await refusedChange('same-uid', { uid: '00000000-0000-4000-8000-000000000000' });
  assert.equal(status, 422);
  assert.match(
    json.message,
    /^ConfigMap "same-uid" is invalid: metadata\.uid: Invalid value: ".*": field is immutable$/,
  );
});

test('a patch cannot say that an object is being deleted', async () => {
  const { status, json } = await refusedChange('alive', { deletionTimestamp: '2030-01-01T00:00:00Z' });
  assert.equal(status, 422);
  assert.match(json.message, /metadata\.deletionTimestamp: Invalid value: .*: field is immutable/);
});

test('a version that is no number cannot be compared', async () => {
  const { status, json } = await refusedChange('versioned', { resourceVersion: 'x' });
  assert.equal(status, 500);
  assert.equal(json.message, 'strconv.ParseUint: parsing "x": invalid syntax');
});

test('the time of creation stays, also when a patch takes it away', async () => {
  const { status, json } = await refusedChange('born', { creationTimestamp: null });
  assert.equal(status, 200);
  assert.match(json.metadata.creationTimestamp, /^\d{4}-/);
});
