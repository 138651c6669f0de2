/** What the chart makes for a Prometheus of the Prometheus operator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { lacking } from '../tools/run-tool.ts';
import { helmFor, only } from './chart/helm.ts';

const EXPORT = { server: '127.0.0.1', path: '/storage/v' };

test('a Prometheus that runs by its operator finds the metrics of a release, once, and its rules', {
  skip: await lacking('helm'),
}, async (t) => {
  const helm = helmFor(t);
  const off = (await helm.render({ nfs: EXPORT })).map(({ kind }) => kind);
  assert.ok(!off.includes('ServiceMonitor') && !off.includes('PrometheusRule'), off.join());
  const labels = { release: 'prometheus' };
  const objects = await helm.render({
    nfs: EXPORT,
    serviceMonitor: { enabled: true, interval: '20s', labels },
    prometheusRule: { enabled: true, labels },
  });
  const monitor = monitored.parse(only(objects, 'ServiceMonitor'));
  assert.equal(monitor.metadata.labels['release'], 'prometheus');
  assert.equal(labelled.parse(only(objects, 'PrometheusRule')).metadata.labels['release'], 'prometheus');
  const [endpoint] = monitor.spec.endpoints;
  // A series says the namespace of its claim, which must not become that of the operator.
  assert.deepEqual(endpoint, { port: 'http', path: '/metrics', interval: '20s', honorLabels: true });
  const services = objects.filter(({ kind }) => kind === 'Service').map((each) => service.parse(each));
  assert.equal(services.length, 2, 'that of the webhook has the same labels');
  const scraped = services.filter(
    ({ metadata, spec }) =>
      has(metadata.labels, monitor.spec.selector.matchLabels) && spec.ports.some(({ name }) => name === endpoint.port),
  );
  assert.deepEqual(
    scraped.map(({ metadata }) => metadata.name),
    ['mine-larder'],
  );
  const { template } = pods.parse(only(objects, 'Deployment')).spec;
  assert.ok(has(template.metadata.labels, scraped[0]?.spec.selector ?? {}));
  const [{ ports }] = template.spec.containers;
  assert.ok(ports.some(({ name }) => name === scraped[0]?.spec.ports[0]?.targetPort));
});

const words = z.record(z.string(), z.string());
const has = (labels: z.infer<typeof words>, wanted: z.infer<typeof words>): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

const labelled = z.object({ metadata: z.object({ labels: words }) });
const monitored = z.object({
  metadata: z.object({ labels: words }),
  spec: z.strictObject({
    selector: z.strictObject({ matchLabels: words }),
    endpoints: z.tuple([z.looseObject({ port: z.string() })]),
  }),
});
const service = z.object({
  metadata: z.object({ name: z.string(), labels: words }),
  spec: z.object({
    selector: words,
    ports: z.array(z.object({ name: z.string(), targetPort: z.union([z.string(), z.number()]) })),
  }),
});
const pods = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({ labels: words }),
      spec: z.object({ containers: z.tuple([z.object({ ports: z.array(z.object({ name: z.string() })) })]) }),
    }),
  }),
});
