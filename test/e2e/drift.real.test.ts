/** Drift on a real control plane, also of what real kubectl and real helm render. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import type { DriftReport } from '../../src/cluster/drift/report.ts';
import { kinds } from '../../src/kube/index.ts';
import { programs } from '../tools/control-plane/flags.ts';
import { startControlPlane } from '../tools/control-plane.ts';
import { lacking, pathOf } from '../tools/run-tool.ts';
import { configMap, endsWith, makeSpace, RUNBOOK } from './change-world.ts';
import { driftJourneys, SPEC } from './drift.ts';
import { operatorsFor, succeed } from './operators.ts';

const skip = await lacking('helm', 'kubectl', ...programs);
const plane = skip === false ? await startControlPlane() : undefined;
const reached = { kubeconfig: plane?.kubeconfig ?? '' };
const before = process.env['PATH'];
if (skip === false) {
  const folders = [dirname(await pathOf('helm')), dirname(await pathOf('kubectl'))];
  process.env['PATH'] = [...folders, before].join(':');
}
after(async () => {
  process.env['PATH'] = before;
  await plane?.close();
});

for (const [index, { name, run }] of driftJourneys.entries()) {
  test(`${name}, on a real control plane`, { skip }, async (t) =>
    run(await operatorsFor(t, reached), `drift-${index}`),
  );
}

test('kustomizations count once, and a chart as the last change applied it', { skip }, async (t) => {
  const operators = await operatorsFor(t, reached);
  const { larder, write, commit, client, root } = operators;
  await makeSpace(client, 'rendered');
  write('cluster.yaml', SPEC);
  write('cluster/apps/web/base/map.yaml', configMap('web', 'rendered', { size: 'small' }));
  write('cluster/apps/web/base/kustomization.yaml', 'resources: [map.yaml]\n');
  write('cluster/apps/web/home/kustomization.yaml', 'resources: [../base]\nnamePrefix: my-\n');
  write('cluster/apps/shop/Chart.yaml', 'apiVersion: v2\nname: app\nversion: 0.1.0\n');
  write(
    'cluster/apps/shop/templates/map.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  mode: {{ .Values.mode }}\n',
  );
  write('values.yaml', 'mode: fast\n');
  commit('apps');
  const drift = async (): Promise<DriftReport> => {
    const only = ['--only', 'manifest', 'orphan'];
    const { stdout, stderr } = await larder(
      'cluster',
      'drift',
      '-f',
      join(root, 'cluster.yaml'),
      '-o',
      'json',
      ...only,
    );
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout);
  };
  const told = ({ findings, unknown }: DriftReport): readonly string[] =>
    [
      ...findings.map(({ kind, object, message }) => `${kind} ${object}: ${message}`),
      ...unknown.map(({ kind, object, why }) => `? ${kind} ${object}: ${why}`),
    ].filter((line) => line.includes('rendered') || line.includes('apps/shop'));
  const unapplied = told(await drift());
  assert.match(unapplied.join('\n'), /\? manifest cluster\/apps\/shop: is a chart, and no applied change says/);
  assert.match(
    unapplied.join('\n'),
    /manifest ConfigMap rendered\/my-web: cluster\/apps\/web\/home:\d+: is not in the cluster/,
  );
  assert.ok(!unapplied.some((line) => line.includes('rendered/web')), 'the base is a part of the other');

  const chart = ['--helm', 'cluster/apps/shop', '--values', 'values.yaml', '-n', 'rendered', '--release', 'shop'];
  await succeed(larder('change', 'new', 'shop', ...chart, ...RUNBOOK));
  await succeed(larder('change', 'new', 'web', '--manifests', 'cluster/apps/web/home', ...RUNBOOK));
  for (const id of ['shop', 'web']) {
    endsWith(await larder('change', 'diff', id), 1);
    await succeed(larder('change', 'apply', id, '--yes'));
  }
  assert.deepEqual(told(await drift()), []);
  write('values.yaml', 'mode: slow\n');
  assert.match(told(await drift()).join('\n'), /ConfigMap rendered\/shop: .*data\.mode is "fast" and should be "slow"/);
  write('values.yaml', 'mode: fast\n');
  await client.delete(kinds.ConfigMap, { namespace: 'rendered', name: 'my-web' });
  assert.match(told(await drift()).join('\n'), /ConfigMap rendered\/my-web: .* is not in the cluster/);
});
