import { claim, namespace, storageClass, volume } from '../../manifests.ts';
import { given, type Scene } from '../scene.ts';

const place = 'claims';
const larger = (size: string): string => `{"spec":{"resources":{"requests":{"storage":"${size}"}}}}`;
const bound = (name: string): string =>
  `wait --for=jsonpath='{.status.phase}'=Bound pvc/${name} -n ${place} --timeout=40s`;

export const claims: Scene = {
  name: 'claims are bound, described, grown, refused and held',
  steps: [
    given('create', namespace(place)),
    given('apply', storageClass('scene-disk')),
    'get sc scene-disk',
    'describe sc scene-disk',
    given('apply', volume('scene-static', { capacity: { storage: '2Gi' } })),
    "wait --for=jsonpath='{.status.phase}'=Available pv/scene-static --timeout=40s",
    given('apply', claim(place, 'data', {}, { app: 'db' })),
    bound('data'),
    `get pvc data -n ${place}`,
    `get pvc data -n ${place} -o wide`,
    `get pvc data -n ${place} -o yaml`,
    `get pvc -n ${place} -l app=db -o name`,
    `get pvc -n ${place} -l 'app in (db,web),app!=web' --show-labels`,
    `get pvc -n ${place} -l app!=db`,
    `get pvc -n ${place} -L app`,
    `describe pvc data -n ${place}`,
    'get pv scene-static',
    'get pv scene-static -o wide',
    'get pv scene-static -o yaml',
    'describe pv scene-static',
    `patch pvc data -n ${place} --type=merge -p '${larger('3Gi')}'`,
    `patch pvc data -n ${place} --type=merge -p '{"spec":{"volumeName":"other"}}'`,
    given('apply', claim(place, 'made', { storageClassName: 'scene-disk' })),
    { line: `events --for pvc/made -n ${place}`, until: /ExternalProvisioning/ },
    `get pvc made -n ${place} -o jsonpath='{.metadata.annotations.volume\\.kubernetes\\.io/storage-provisioner}'`,
    { line: `get events -n ${place} --field-selector reason=ExternalProvisioning -o name`, until: /event/ },
    `describe pvc made -n ${place}`,
    given('create', {
      ...volume('scene-made', {
        storageClassName: 'scene-disk',
        claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace: place, name: 'made' },
      }),
    }),
    bound('made'),
    `patch pvc made -n ${place} --type=merge -p '${larger('3Gi')}'`,
    `patch pvc made -n ${place} --type=merge -p '${larger('2Gi')}'`,
    `patch pvc made -n ${place} --type=merge -p '${larger('512Mi')}'`,
    `get pvc made -n ${place}`,
    given('create', claim(place, 'alone', { resources: { requests: { storage: '900Gi' } } })),
    { line: `events --for pvc/alone -n ${place}`, until: /FailedBinding/ },
    `delete pvc made -n ${place}`,
    "wait --for=jsonpath='{.status.phase}'=Released pv/scene-made --timeout=40s",
    'get pv scene-made',
    'delete pv scene-made scene-static --wait=false',
    'get pv scene-static -o jsonpath={.metadata.finalizers}',
    `delete pvc --all -n ${place}`,
    { line: 'get pv scene-static', until: /NotFound/ },
    'delete sc scene-disk',
    `delete ns ${place} --wait=false`,
  ],
};
