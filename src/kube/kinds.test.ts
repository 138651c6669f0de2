import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kinds } from './kinds.ts';

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: {
    name: 'data',
    namespace: 'shop',
    uid: 'u',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2025-01-01T00:00:00Z',
    deletionTimestamp: null,
    labels: { app: 'db' },
    annotations: { 'volume-name': 'data', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    finalizers: ['kubernetes.io/pvc-protection'],
    managedFields: [{ manager: 'kubectl', fieldsV1: {} }],
    selfLink: '/x',
  },
  spec: {
    accessModes: ['ReadWriteMany'],
    storageClassName: 'fast',
    volumeMode: 'Filesystem',
    resources: { requests: { storage: '1Gi' } },
    somethingNew: { a: 1 },
  },
  status: { phase: 'Pending' },
};

test('a claim keeps what its narrow type names and nothing else', () => {
  assert.deepEqual(kinds.PersistentVolumeClaim.project(claim), {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: 'data',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2025-01-01T00:00:00Z',
      labels: { app: 'db' },
      annotations: { 'volume-name': 'data' },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: 'fast',
      volumeMode: 'Filesystem',
      resources: { requests: { storage: '1Gi' } },
    },
    status: { phase: 'Pending' },
  });
});

test('what is projected again stays as it is, for every kind', () => {
  const metadata = { name: 'a', uid: '', resourceVersion: '' };
  const samples: Readonly<Record<keyof typeof kinds, object>> = {
    PersistentVolumeClaim: { spec: { resources: { requests: {} } } },
    PersistentVolume: {
      spec: { capacity: { storage: '1Gi' }, nfs: { server: 's', path: '/p' }, claimRef: { name: 'c', uid: 'u' } },
    },
    StorageClass: {
      provisioner: 'p',
      parameters: { a: 'b' },
      allowVolumeExpansion: true,
      volumeBindingMode: 'Immediate',
    },
    VolumeAttributesClass: { driverName: 'd', parameters: { type: 'io2' } },
    Pod: {
      spec: { nodeName: 'n', volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }, { name: 'other' }] },
    },
    Node: {
      status: {
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      },
    },
    Namespace: { status: { phase: 'Active' } },
    ResourceQuota: { spec: { hard: { 'requests.storage': '1Gi' } }, status: { used: {} } },
    Lease: { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } },
    Event: { involvedObject: { kind: 'Pod', name: 'p' }, count: 3 },
    Secret: { type: 'Opaque', data: { a: 'Yg==' } },
    ConfigMap: { data: { a: 'b' } },
    ServiceAccount: {},
  };
  for (const [name, resource] of Object.entries(kinds)) {
    const sample = Object.entries(samples).find(([kind]) => kind === name)?.[1];
    const once: object = resource.project({ metadata, ...sample });
    assert.equal(resource.kind, name);
    assert.deepEqual(resource.project(once), once, name);
    for (const [field, value] of Object.entries(sample ?? {})) assert.deepEqual(Reflect.get(once, field), value, name);
  }
});

test('a wrong type is refused with the path of the field', () => {
  const vectors: readonly (readonly [object, RegExp])[] = [
    [{ spec: { ...claim.spec, accessModes: 'ReadWriteMany' } }, /^TypeError: expected a list at spec\.accessModes$/],
    [{ spec: { ...claim.spec, accessModes: [1] } }, /expected one of .* at spec\.accessModes\[0\]$/],
    [
      { spec: { ...claim.spec, resources: { requests: { storage: 1 } } } },
      /expected a string at spec\.resources\.requests\.storage$/,
    ],
    [{ spec: undefined }, /expected a value at spec$/],
    [{ status: { conditions: [{ type: 'A', status: true }] } }, /at status\.conditions\[0\]\.status$/],
    [{ metadata: { namespace: 'x' } }, /expected a value at metadata\.name$/],
    [{ metadata: { ...claim.metadata, labels: { a: null } } }, /expected a string at metadata\.labels\.a$/],
    [{ metadata: { ...claim.metadata, generation: 1.5 } }, /expected an integer at metadata\.generation$/],
    [{ kind: 'Pod' }, /expected one of PersistentVolumeClaim at kind$/],
    [{ apiVersion: 'v2' }, /at apiVersion$/],
  ];
  for (const [change, expected] of vectors) {
    assert.throws(
      () => kinds.PersistentVolumeClaim.project({ ...claim, ...change }),
      (error) => error instanceof TypeError && expected.test(String(error)),
      String(expected),
    );
  }
  for (const value of [null, [], 'x', 1, undefined]) {
    assert.throws(() => kinds.ServiceAccount.project(value), TypeError);
  }
});

test('property: any JSON is either projected or refused with a TypeError', () => {
  const resources = Object.values(kinds);
  const part = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(claim.spec, claim.status, {}));
  fc.assert(
    fc.property(fc.constantFrom(...resources), part, part, part, (resource, metadata, spec, status) => {
      try {
        const object = resource.project({ metadata: { name: 'a', ...Object(metadata) }, spec, status });
        assert.equal(typeof object.metadata.name, 'string');
      } catch (error) {
        assert.ok(error instanceof TypeError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test('a label named __proto__ pollutes nothing', () => {
  const labels: unknown = JSON.parse('{"__proto__":"x","a":"b"}');
  const { metadata } = kinds.ConfigMap.project({ metadata: { name: 'a', labels } });
  assert.deepEqual(metadata.labels, { a: 'b' });
});
