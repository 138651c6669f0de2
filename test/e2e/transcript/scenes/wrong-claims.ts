import { claim, namespace, storageClass, volume } from '../../manifests.ts';
import { given, type Scene } from '../scene.ts';

const place = 'wrong-claims';

export const wrongClaims: Scene = {
  name: 'claims, volumes and classes that are wrong are refused in the same words',
  steps: [
    given('create', namespace(place)),
    given('create', claim(place, 'x', { accessModes: [] })),
    given('create', claim(place, 'x', { accessModes: ['Sometimes'] })),
    given('create', claim(place, 'x', { resources: {} })),
    given('create', claim(place, 'x', { resources: { requests: { storage: 'much' } } })),
    given('create', claim(place, 'x', { resources: { requests: { storage: '-1Gi' } } })),
    given('create', claim(place, 'x', { volumeMode: 'Tape' })),
    given('create', claim(place, 'x', { storageClassName: 'Bad_Class' })),
    given('create', claim(place, 'Bad_Name')),
    given('create', claim(place, 'x', {}, { 'bad key': 'v' })),
    given('create', claim('nowhere', 'x')),
    given('create', claim(place, 'x', { sizes: 1 })),
    given('create', { ...claim(place, 'x'), spex: {} }),
    given('create', claim(place, 'x', { accessModes: 'ReadWriteOnce' })),
    given('create', volume('scene-x', { nfs: undefined })),
    given('create', volume('scene-x', { capacity: {} })),
    given('create', volume('scene-x', { persistentVolumeReclaimPolicy: 'Keep' })),
    given('create', volume('scene-x', { nfs: { server: '', path: 'relative/../path' } })),
    given('create', volume('scene-x', { hostPath: { path: '/a' } })),
    given('create', volume('Scene-X')),
    given('create', { ...storageClass('scene-x'), provisioner: '' }),
    given('create', { ...storageClass('scene-x'), reclaimPolicy: 'Keep' }),
    given('create', { ...storageClass('scene-x'), parameters: { a: 1 } }),
    given('create', storageClass('scene-x')),
    'patch sc scene-x -p \'{"provisioner":"example.org/other"}\'',
    'patch sc scene-x -p \'{"reclaimPolicy":"Delete"}\'',
    'patch sc scene-x -p \'{"allowVolumeExpansion":false}\'',
    'get sc scene-x',
    'delete sc scene-x',
    `delete ns ${place} --wait=false`,
  ],
};
