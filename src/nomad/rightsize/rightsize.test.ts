import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type VerticalPodAutoscaler, verticalPodAutoscalers } from './recommendation.ts';
import { rightsize } from './rightsize.ts';
import { containersIn, spliced } from './written-container.ts';

const manifest = `# requests: from the first week
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: web   # the application
        resources:
          limits: {memory: "256Mi", cpu: 500m}
          requests:
            memory: "128Mi" # a guess
            cpu:    '0.1'
      - name: proxy
        resources: {requests: {cpu: 50m, memory: 32Mi}}
      - name: bare
---
kind: Service
metadata: { name: web }
`;

const floor = { cpu: '10m', memory: '16Mi' };

function autoscaler(recommendations: readonly (readonly [string, string, string])[]): VerticalPodAutoscaler {
  return verticalPodAutoscalers.project({
    apiVersion: 'autoscaling.k8s.io/v1',
    kind: 'VerticalPodAutoscaler',
    metadata: { name: 'web-vpa', namespace: 'shop' },
    spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    status: {
      recommendation: {
        containerRecommendations: recommendations.map(([containerName, cpu, memory]) => ({
          containerName,
          target: { cpu, memory },
        })),
      },
    },
  });
}

test('requests become what was measured, and every other character stays', () => {
  const sized = rightsize(
    containersIn(manifest),
    [
      autoscaler([
        ['web', '37m', '314572800'],
        ['proxy', '1m', '1Mi'],
      ]),
    ],
    floor,
  );
  const changes = sized.flatMap((each) => (each.kind === 'changed' ? each.changes : []));
  assert.equal(
    spliced(manifest, changes),
    manifest
      .replace('memory: "128Mi"', 'memory: "300Mi"')
      .replace('memory: "256Mi"', 'memory: "300Mi"')
      .replace("'0.1'", "'37m'")
      .replace('{cpu: 50m, memory: 32Mi}', '{cpu: 10m, memory: 16Mi}'),
  );
  assert.deepEqual(
    changes.map(({ amount, why }) => `${amount.of}.${amount.resource} line ${amount.line} ${why}`),
    [
      'requests.cpu line 14 measured',
      'requests.memory line 13 measured',
      'limits.memory line 11 raised',
      'requests.cpu line 16 measured',
      'requests.memory line 16 measured',
    ],
  );
});

test('a second time changes nothing', () => {
  const autoscalers = [
    autoscaler([
      ['web', '37m', '262144k'],
      ['proxy', '50m', '32Mi'],
    ]),
  ];
  const first = rightsize(containersIn(manifest), autoscalers, floor);
  const text = spliced(
    manifest,
    first.flatMap((each) => (each.kind === 'changed' ? each.changes : [])),
  );
  assert.deepEqual(
    rightsize(containersIn(text), autoscalers, floor).map(({ kind }) => kind),
    ['same', 'same', 'unknown'],
  );
});

test('what has no recommendation is told, with the reason', () => {
  const reasons = (autoscalers: readonly VerticalPodAutoscaler[]): readonly string[] =>
    rightsize(containersIn(manifest), autoscalers, floor).map((each) =>
      each.kind === 'unknown' ? each.why : each.kind,
    );
  assert.deepEqual(reasons([]), Array(3).fill('no VerticalPodAutoscaler in shop has Deployment/web as its target'));
  assert.deepEqual(
    reasons([
      autoscaler([
        ['web', '100m', '128Mi'],
        ['bare', '1m', '1Mi'],
      ]),
    ]),
    [
      'same',
      'web-vpa has no recommendation for it yet: the recommender needs some hours of use',
      'it has no requests in the manifest to write into',
    ],
  );
});

test('an anchored value, which stands for other places too, is left alone', () => {
  const anchored = manifest.replace('cpu: 50m', 'cpu: &small 50m');
  const proxy = containersIn(anchored).find(({ name }) => name === 'proxy');
  assert.deepEqual(
    proxy?.amounts.map(({ resource }) => resource),
    ['memory'],
  );
});
