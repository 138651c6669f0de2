import { namespace } from '../../manifests.ts';
import { given, type Scene } from '../scene.ts';

const place = 'patched';
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: place, labels: { app: 'web' } },
  spec: {
    automountServiceAccountToken: false,
    containers: [
      { name: 'main', image: 'example.org/main:1', env: [{ name: 'A', value: '1' }] },
      { name: 'side', image: 'example.org/side:1' },
    ],
    tolerations: [{ key: 'a', operator: 'Exists' }],
  },
};

export const patches: Scene = {
  name: 'the three kinds of patch change what they name',
  files: { 'patch.yaml': 'metadata:\n  labels:\n    from: file\n' },
  steps: [
    given('create', namespace(place)),
    { line: `get sa default -n ${place} -o name --ignore-not-found`, until: /default/ },
    `create cm data -n ${place} --from-literal=a=1`,
    `patch cm data -n ${place} --type=merge -p '{"data":{"b":"2"},"metadata":{"labels":{"x":"1"}}}'`,
    `patch cm data -n ${place} --type=json -p '[{"op":"add","path":"/metadata/labels/y","value":"2"},{"op":"remove","path":"/data/a"}]'`,
    `patch cm data -n ${place} -p '{"metadata":{"labels":{"x":null,"z":"3"}}}'`,
    `get cm data -n ${place} -o jsonpath='{.data} {.metadata.labels}'`,
    `patch cm data -n ${place} -p '{"metadata":{"labels":{"z":"3"}}}'`,
    `patch cm data -n ${place} --patch-file=patch.yaml -o yaml --show-managed-fields`,
    `patch cm data -n ${place} --type=json -p '[{"op":"test","path":"/data/b","value":"9"}]'`,
    `patch cm data -n ${place} --type=json -p '[{"op":"remove","path":"/data/nosuch"}]'`,
    `patch cm data -n ${place} --type=json -p '[{"op":"fly","path":"/data"}]'`,
    `patch cm data -n ${place} --type=json -p '{"op":"test"}'`,
    `patch cm data -n ${place} --type=merge -p '{"data":{"b":3}}'`,
    `patch cm data -n ${place} --type=merge -p '{"dato":{"b":"3"}}'`,
    `patch cm data -n ${place} --type=merge -p '{"metadata":{"name":"other"}}'`,
    `patch cm data -n ${place} --type=merge -p '{"metadata":{"resourceVersion":"1"}}'`,
    `patch cm data -n ${place} -p '{'`,
    `patch cm nosuch -n ${place} -p '{}'`,
    `patch cm data -n ${place} --dry-run=server -p '{"data":{"b":"dry"}}' -o jsonpath='{.data.b}'`,
    given('create', pod),
    `patch pod web -n ${place} -p '{"spec":{"containers":[{"name":"side","image":"example.org/side:2"}]}}'`,
    `get pod web -n ${place} -o jsonpath='{.spec.containers[*].image}'`,
    `patch pod web -n ${place} --type=merge -p '{"spec":{"containers":[{"name":"side","image":"example.org/side:3"}]}}'`,
    `patch pod web -n ${place} --type=json -p '[{"op":"replace","path":"/spec/containers/0/image","value":"example.org/main:2"}]'`,
    `patch pod web -n ${place} -p '{"spec":{"restartPolicy":"Never"}}'`,
    `patch pod web -n ${place} -p '{"spec":{"tolerations":[{"key":"b","operator":"Exists"}]}}'`,
    `patch pod web -n ${place} --subresource=status -p '{"status":{"phase":"Running","message":"so it is"}}'`,
    `get pod web -n ${place}`,
    `set image pod/web main=example.org/main:7 -n ${place}`,
    `get pod web -n ${place} -o yaml`,
    `delete pod web -n ${place} --now`,
    `delete ns ${place} --wait=false`,
  ],
};
