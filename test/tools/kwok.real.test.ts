/** kwok plays the kubelets of nodes that do not exist, and kube-scheduler puts pods on them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { ask } from './control-plane/ask.ts';
import { programs } from './control-plane/flags.ts';
import { controlPlaneFor } from './control-plane.ts';
import { startKwok } from './kwok.ts';
import { lacking } from './run-tool.ts';

const NODES = 20;

function node(name: string): object {
  const resources = { cpu: '4', memory: '8Gi', pods: '110' };
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    status: { capacity: resources, allocatable: resources },
  };
}

const pod = {
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'web', image: 'example.test/web', resources: { requests: { cpu: '1' } } }] },
};

interface Node {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const POD = '/api/v1/namespaces/default/pods/web';

test('nodes of kwok become ready, and a scheduled pod runs on one', {
  skip: await lacking('kwok', ...programs),
}, async (t) => {
  const plane = await controlPlaneFor(t, { scheduler: true });
  const kwok = await startKwok(plane);
  t.after(() => kwok.close());
  for (let index = 0; index < NODES; index += 1) {
    const { status, text } = await ask(plane, '/api/v1/nodes', { method: 'POST', body: node(`node-${index}`) });
    assert.equal(status, 201, text);
  }
  await eventually('all nodes ready', async () => {
    const nodes: { readonly items: readonly Node[] } = JSON.parse((await ask(plane, '/api/v1/nodes')).text);
    const ready = nodes.items.filter(({ status }) =>
      status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    );
    return ready.length === NODES ? true : undefined;
  });
  const created = await ask(plane, '/api/v1/namespaces/default/pods', { method: 'POST', body: pod });
  assert.equal(created.status, 201, created.text);
  const running = await eventually('the pod running', async () => {
    const { spec, status } = JSON.parse((await ask(plane, POD)).text);
    return status.phase === 'Running' ? { nodeName: spec.nodeName } : undefined;
  });
  assert.match(running.nodeName, /^node-\d+$/);
  assert.equal((await ask(plane, POD, { method: 'DELETE' })).status, 200);
  await eventually('the pod gone', async () => ((await ask(plane, POD)).status === 404 ? true : undefined));
});
