import { claim, namespace } from '../../manifests.ts';
import { given, type Scene } from '../scene.ts';

const place = 'quotas';

export const quotas: Scene = {
  name: 'quotas and limits hold, and say so',
  steps: [
    given('create', namespace(place)),
    `create quota limit -n ${place} --hard=persistentvolumeclaims=2,requests.storage=3Gi`,
    { line: `get quota limit -n ${place}`, until: /persistentvolumeclaims: 0\/2/ },
    given('create', claim(place, 'one', { resources: { requests: { storage: '2Gi' } } })),
    given('create', claim(place, 'two', { resources: { requests: { storage: '2Gi' } } })),
    given('create', claim(place, 'two')),
    given('create', claim(place, 'three', { resources: { requests: { storage: '1' } } })),
    { line: `describe quota limit -n ${place}`, until: /requests\.storage +3Gi/ },
    `get quota -n ${place} -o yaml`,
    `describe ns ${place}`,
    `delete quota limit -n ${place}`,
    given('create', {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'sizes', namespace: place },
      spec: { limits: [{ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '10Gi' } }] },
    }),
    `get limits sizes -n ${place}`,
    `describe limits sizes -n ${place}`,
    given('create', claim(place, 'small', { resources: { requests: { storage: '1Mi' } } })),
    given('create', claim(place, 'large', { resources: { requests: { storage: '1Ti' } } })),
    given('create', claim(place, 'right', { resources: { requests: { storage: '5Gi' } } })),
    `create quota wrong -n ${place} --hard=persistentvolumeclaims=few`,
    `delete ns ${place} --wait=false`,
  ],
};
