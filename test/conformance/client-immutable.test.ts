/** What kubectl shows a person who changes what cannot be changed: the difference, as the API server sees it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { connect } from './target.ts';

const api = await connect();
const suffix = randomBytes(4).toString('hex');
const merge = { 'content-type': 'application/merge-patch+json' };

const claimSpec = {
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
  storageClassName: `none-${suffix}`,
};

const claimChanges: readonly (readonly [string, object, string])[] = [
  [
    'the request of a claim that is not bound',
    { resources: { requests: { storage: '2Gi' } } },
    '@@ -6,7 +6,7 @@\n  "Resources": {\n   "Limits": null,\n   "Requests": {\n-   "storage": "1Gi"\n+   "storage": "2Gi"\n   }\n  },\n  "VolumeName": "",\n',
  ],
  [
    'the access modes',
    { accessModes: ['ReadWriteMany', 'ReadOnlyMany'] },
    '@@ -1,6 +1,7 @@\n {\n  "AccessModes": [\n-  "ReadWriteOnce"\n+  "ReadWriteMany",\n+  "ReadOnlyMany"\n  ],\n  "Selector": null,\n  "Resources": {\n',
  ],
  [
    'the class and the source',
    { storageClassName: 'other', dataSource: { kind: 'PersistentVolumeClaim', name: 'origin' } },
    '@@ -10,9 +10,18 @@\n   }\n  },\n  "VolumeName": "",\n- "StorageClassName": "none-SUFFIX",\n+ "StorageClassName": "other",\n  "VolumeMode": "Filesystem",\n- "DataSource": null,\n- "DataSourceRef": null,\n+ "DataSource": {\n+  "APIGroup": null,\n+  "Kind": "PersistentVolumeClaim",\n+  "Name": "origin"\n+ },\n+ "DataSourceRef": {\n+  "APIGroup": null,\n+  "Kind": "PersistentVolumeClaim",\n+  "Name": "origin",\n+  "Namespace": null\n+ },\n  "VolumeAttributesClassName": null\n }\n',
  ],
];

test('the difference of a claim that may not change is shown', async (t) => {
  const claims = `/api/v1/namespaces/${await api.namespace()}/persistentvolumeclaims`;
  const made = await api.call(claims, { method: 'POST', body: { metadata: { name: 'one' }, spec: claimSpec } });
  assert.equal(made.status, 201);
  for (const [what, spec, difference] of claimChanges) {
    await t.test(what, async () => {
      const { status, json } = await api.call(`${claims}/one`, { method: 'PATCH', headers: merge, body: { spec } });
      assert.equal(status, 422);
      assert.equal(
        json.message,
        `PersistentVolumeClaim "one" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${difference.replace('SUFFIX', suffix)}`,
      );
    });
  }
});

const sources: readonly (readonly [string, object, object, string])[] = [
  [
    'nfs',
    { nfs: { server: 'a', path: '/a' } },
    { nfs: { path: '/b' } },
    '@@ -5,7 +5,7 @@\n  "Glusterfs": null,\n  "NFS": {\n   "Server": "a",\n-  "Path": "/a",\n+  "Path": "/b",\n   "ReadOnly": false\n  },\n  "RBD": null,\n',
  ],
  [
    'csi',
    { csi: { driver: 'd.example.org', volumeHandle: 'h', volumeAttributes: { b: '1', a: '2' } } },
    { csi: { readOnly: true, nodeStageSecretRef: { name: 'n', namespace: 's' } } },
    '@@ -23,14 +23,17 @@\n  "CSI": {\n   "Driver": "d.example.org",\n   "VolumeHandle": "h",\n-  "ReadOnly": false,\n+  "ReadOnly": true,\n   "FSType": "",\n   "VolumeAttributes": {\n    "a": "2",\n    "b": "1"\n   },\n   "ControllerPublishSecretRef": null,\n-  "NodeStageSecretRef": null,\n+  "NodeStageSecretRef": {\n+   "Name": "n",\n+   "Namespace": "s"\n+  },\n   "NodePublishSecretRef": null,\n   "ControllerExpandSecretRef": null,\n   "NodeExpandSecretRef": null\n',
  ],
  [
    'hostPath',
    { hostPath: { path: '/a' } },
    { hostPath: { path: '/b' } },
    '@@ -2,7 +2,7 @@\n  "GCEPersistentDisk": null,\n  "AWSElasticBlockStore": null,\n  "HostPath": {\n-  "Path": "/a",\n+  "Path": "/b",\n   "Type": ""\n  },\n  "Glusterfs": null,\n',
  ],
];

for (const [what, source, change, difference] of sources) {
  test(`the difference of a volume's source is shown: ${what}`, async () => {
    const name = `immutable-${what.toLowerCase()}-${suffix}`;
    const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'none', ...source };
    const made = await api.call('/api/v1/persistentvolumes', { method: 'POST', body: { metadata: { name }, spec } });
    assert.equal(made.status, 201);
    const path = `/api/v1/persistentvolumes/${name}`;
    const { status, json } = await api.call(path, { method: 'PATCH', headers: merge, body: { spec: change } });
    await api.call(path, { method: 'DELETE' });
    assert.equal(status, 422);
    assert.equal(
      json.message,
      `PersistentVolume "${name}" is invalid: spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n${difference}`,
    );
  });
}
