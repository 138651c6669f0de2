import { claim, namespace, pod, volume } from '../../manifests.ts';
import { given, type Scene } from '../scene.ts';

const place = 'pods';
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'scene-node', labels: { disk: 'fast' } } };
const placed = {
  apiVersion: 'v1',
  kind: 'Pod',
  spec: {
    nodeName: 'scene-node',
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'example.org/image:1' }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'for-pod' } }],
  },
};
const ready =
  '{"status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","message":"all is well"}]}}';

export const pods: Scene = {
  name: 'pods and nodes are shown as they are',
  steps: [
    given('create', namespace(place)),
    { line: `get sa default -n ${place} -o name --ignore-not-found`, until: /default/ },
    given('create', node),
    'get node scene-node',
    `patch node scene-node --subresource=status -p '${ready}'`,
    'get node scene-node',
    'get node scene-node -o wide',
    'get nodes -l disk=fast -o name',
    'cordon scene-node',
    'get node scene-node --no-headers',
    'uncordon scene-node',
    'taint node scene-node dedicated=storage:NoSchedule',
    'get node scene-node -o jsonpath={.spec.taints}',
    'describe node scene-node',
    given('create', volume('scene-pod', {})),
    "wait --for=jsonpath='{.status.phase}'=Available pv/scene-pod --timeout=40s",
    given('create', claim(place, 'for-pod', { volumeName: 'scene-pod' })),
    `wait --for=jsonpath='{.status.phase}'=Bound pvc/for-pod -n ${place} --timeout=40s`,
    given('create', pod(place, 'web', 'for-pod')),
    given('create', { ...placed, metadata: { name: 'placed', namespace: place } }),
    `get pod web -n ${place}`,
    `get pod web -n ${place} -o wide`,
    `describe pod web -n ${place}`,
    `get pods -A --field-selector=metadata.name=web,status.phase=Pending`,
    `get pods -n ${place} --field-selector=spec.nosuch=1`,
    `describe pvc for-pod -n ${place}`,
    `delete pvc for-pod -n ${place} --wait=false`,
    `get pvc for-pod -n ${place} -o jsonpath='{.metadata.finalizers} {.status.phase}'`,
    `describe pvc for-pod -n ${place}`,
    `logs nosuch -n ${place}`,
    `wait --for=condition=Ready pod/web -n ${place} --timeout=1s`,
    `delete pod web -n ${place}`,
    `get pod placed -n ${place} -o wide`,
    `delete pod placed -n ${place} --grace-period=0 --force`,
    // Not `wait --for=delete`: it says one thing about what goes while it waits and another about what has gone.
    { line: `get pvc for-pod -n ${place}`, until: /NotFound/ },
    given('create', { ...pod(place, 'web', 'x'), spec: { containers: [] } }),
    given('create', { ...pod(place, 'web', 'x'), spec: { containers: [{ name: 'A_B', image: 'x' }] } }),
    `run quick --image=example.org/quick:1 -n ${place} --dry-run=server`,
    `run quick --image=example.org/quick:1 -n ${place} --overrides='{"spec":{"automountServiceAccountToken":false}}' --labels=app=quick -- sleep 1`,
    `get pod quick -n ${place} -o yaml`,
    `delete pods --all -n ${place}`,
    'delete pv scene-pod',
    'delete node scene-node',
    `delete ns ${place} --wait=false`,
  ],
};
