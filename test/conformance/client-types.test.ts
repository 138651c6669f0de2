/** What a person is told who writes a value of another type: the field and the type as the API server knows them. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { connect } from './target.ts';

const api = await connect();
let claims = '';

before(async () => {
  claims = `/api/v1/namespaces/${await api.namespace()}/persistentvolumeclaims`;
});

const MODES = '[]v1.PersistentVolumeAccessMode';
const claimProblems: readonly (readonly [object, string])[] = [
  [
    { accessModes: 'ReadWriteOnce' },
    `json: cannot unmarshal string into Go struct field PersistentVolumeClaimSpec.spec.accessModes of type ${MODES}`,
  ],
  [
    { accessModes: [1] },
    'json: cannot unmarshal number into Go struct field PersistentVolumeClaimSpec.spec.accessModes of type v1.PersistentVolumeAccessMode',
  ],
  [
    { volumeMode: 1 },
    'json: cannot unmarshal number into Go struct field PersistentVolumeClaimSpec.spec.volumeMode of type v1.PersistentVolumeMode',
  ],
  [
    { storageClassName: true },
    'json: cannot unmarshal bool into Go struct field PersistentVolumeClaimSpec.spec.storageClassName of type string',
  ],
  [
    { resources: [] },
    'json: cannot unmarshal array into Go struct field PersistentVolumeClaimSpec.spec.resources of type v1.VolumeResourceRequirements',
  ],
];

for (const [spec, message] of claimProblems) {
  test(`a claim with ${JSON.stringify(spec)} is refused by type`, async () => {
    const { status, json } = await api.call(claims, { method: 'POST', body: { metadata: { name: 'x' }, spec } });
    assert.equal(status, 400);
    const what = 'PersistentVolumeClaim in version "v1" cannot be handled as a PersistentVolumeClaim';
    assert.equal(json.message, `${what}: ${message}`);
  });
}

const volumeProblems: readonly (readonly [object, string])[] = [
  [
    { accessModes: {} },
    `json: cannot unmarshal object into Go struct field PersistentVolumeSpec.spec.accessModes of type ${MODES}`,
  ],
  [
    { persistentVolumeReclaimPolicy: 1 },
    'json: cannot unmarshal number into Go struct field PersistentVolumeSpec.spec.persistentVolumeReclaimPolicy of type v1.PersistentVolumeReclaimPolicy',
  ],
  [
    { volumeMode: [] },
    'json: cannot unmarshal array into Go struct field PersistentVolumeSpec.spec.volumeMode of type v1.PersistentVolumeMode',
  ],
];

for (const [spec, message] of volumeProblems) {
  test(`a volume with ${JSON.stringify(spec)} is refused by type`, async () => {
    const { status, json } = await api.call('/api/v1/persistentvolumes', {
      method: 'POST',
      body: { metadata: { name: 'x' }, spec },
    });
    assert.equal(status, 400);
    assert.equal(json.message, `PersistentVolume in version "v1" cannot be handled as a PersistentVolume: ${message}`);
  });
}

const classProblems: readonly (readonly [object, string])[] = [
  [
    { reclaimPolicy: 1 },
    'json: cannot unmarshal number into Go struct field StorageClass.reclaimPolicy of type v1.PersistentVolumeReclaimPolicy',
  ],
  [
    { volumeBindingMode: 1 },
    'json: cannot unmarshal number into Go struct field StorageClass.volumeBindingMode of type v1.VolumeBindingMode',
  ],
  [
    { parameters: { a: 1 } },
    'json: cannot unmarshal number into Go struct field StorageClass.parameters of type string',
  ],
  [
    { allowVolumeExpansion: 'yes' },
    'json: cannot unmarshal string into Go struct field StorageClass.allowVolumeExpansion of type bool',
  ],
  [
    { mountOptions: 'hard' },
    'json: cannot unmarshal string into Go struct field StorageClass.mountOptions of type []string',
  ],
];

for (const [fields, message] of classProblems) {
  test(`a class with ${JSON.stringify(fields)} is refused by type`, async () => {
    const { status, json } = await api.call('/apis/storage.k8s.io/v1/storageclasses', {
      method: 'POST',
      body: { metadata: { name: 'x' }, provisioner: 'example.org/x', ...fields },
    });
    assert.equal(status, 400);
    assert.equal(json.message, `StorageClass in version "v1" cannot be handled as a StorageClass: ${message}`);
  });
}
