/** Changes whose manifests real helm and real kubectl render, and what is known of nodes and images. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, test } from 'node:test';
import { apiVersionOf, defineResource, kinds } from '../../src/kube/index.ts';
import { programs } from '../tools/control-plane/flags.ts';
import { startControlPlane } from '../tools/control-plane.ts';
import { lacking, pathOf } from '../tools/run-tool.ts';
import { configMap, deployment, endsWith, makeSpace, RUNBOOK, shown } from './change-world.ts';
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

test('a chart is rendered by helm as of the values, its hooks are told, and a rollback renders the chart of the commit', {
  skip,
}, async (t) => {
  const operators = await operatorsFor(t, reached);
  const { larder, write, commit, client } = operators;
  await makeSpace(client, 'charted');
  write('charts/app/Chart.yaml', 'apiVersion: v2\nname: app\nversion: 0.1.0\n');
  const template =
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  mode: {{ .Values.mode }}\n';
  write('charts/app/templates/settings.yaml', template);
  write('charts/app/templates/hook.yaml', {
    ...deployment('migrate', 'charted'),
    metadata: { name: 'migrate', annotations: { 'helm.sh/hook': 'pre-install' } },
  });
  write('values.yaml', 'mode: fast\n');
  commit('a chart');
  const chart = ['--helm', 'charts/app', '--values', 'values.yaml', '-n', 'charted', '--release', 'shop', ...RUNBOOK];
  await succeed(larder('change', 'new', 'chart-2', ...chart));
  const diff = endsWith(await larder('change', 'diff', 'chart-2'), 1);
  assert.match(diff.stdout, /MERGED\/v1\.ConfigMap\.charted\.shop/);
  assert.match(diff.stdout, /^\+ {2}mode: fast$/m);
  assert.match(diff.stderr, /helm-hook Deployment migrate: is not applied/);
  await succeed(larder('change', 'apply', 'chart-2', '--yes'));
  const { stdout } = await succeed(larder('change', 'show', 'chart-2', '-o', 'json'));
  const [evidence] = JSON.parse(stdout).evidence;
  assert.match(
    evidence.rendered[0].command,
    /^helm template shop \.\/charts\/app --namespace charted .*--values values\.yaml$/,
  );
  assert.match(evidence.rendered[0].sha256, /^[0-9a-f]{64}$/);

  write('values.yaml', 'mode: safe\n');
  write('charts/app/templates/settings.yaml', `${template}  more: "yes"\n`);
  assert.match(
    endsWith(await larder('change', 'apply', 'chart-2', '--yes'), 3).stderr,
    /LARDER_CHANGE_MANIFESTS_DIFFER/,
  );
  commit('another chart');
  await succeed(larder('change', 'new', 'chart-3', ...chart));
  endsWith(await larder('change', 'diff', 'chart-3'), 1);
  await succeed(larder('change', 'apply', 'chart-3', '--yes'));
  const back = ['change', 'rollback', 'chart-3', '--incident', 'inc-chart', '--title', 'too safe', '--yes'];
  await succeed(larder(...back));
  const { data } = await client.get(kinds.ConfigMap, { namespace: 'charted', name: 'shop' });
  assert.deepEqual(data, { mode: 'fast' });
  assert.equal((await shown(operators, 'chart-3')).status, 'rolled-back');
});

test('a kustomization is rendered by kubectl when it is named, and refused within a folder', { skip }, async (t) => {
  const { larder, write, client } = await operatorsFor(t, reached);
  await makeSpace(client, 'custom');
  write('cluster/base/map.yaml', configMap('one', 'custom', { a: '1' }));
  write('cluster/base/kustomization.yaml', 'resources: [map.yaml]\n');
  write('cluster/overlay/kustomization.yaml', 'resources: [../base]\nnamePrefix: my-\n');
  await succeed(larder('change', 'new', 'custom-1', '--manifests', 'cluster', ...RUNBOOK));
  assert.match(
    endsWith(await larder('change', 'diff', 'custom-1'), 2).stderr,
    /cluster\/base is a kustomization: name it by itself/,
  );
  await succeed(larder('change', 'update', 'custom-1', '--manifests', 'cluster/overlay'));
  const diff = endsWith(await larder('change', 'diff', 'custom-1'), 1);
  assert.match(diff.stdout, /^\+ {2}name: my-one$/m);
  await succeed(larder('change', 'apply', 'custom-1', '--yes'));
});

const nodes = defineResource(
  { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false },
  () => ({}),
);

test('an image without a build for a node is told, and one of which nothing is known is not called fine', {
  skip,
}, async (t) => {
  const { larder, write, client, asBen } = await operatorsFor(t, reached);
  await makeSpace(client, 'images');
  await client.create(nodes, {
    apiVersion: apiVersionOf(nodes),
    kind: 'Node',
    metadata: { name: 'pi-1' },
    ...{ status: { nodeInfo: nodeInfo('arm64') } },
  });
  write(
    'cluster/images.yaml',
    'images:\n  - image: web:1\n    platforms: [linux/amd64]\n  - image: web:2\n    platforms: [linux/amd64, linux/arm64]\n',
  );
  const amd = deployment('amd', 'images');
  write('cluster/apps/web.yaml', [
    amd,
    deployment('both', 'images', { image: 'web:2' }),
    deployment('new', 'images', { image: 'web:3' }),
  ]);
  const local = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'local-path' },
    provisioner: 'rancher.io/local-path',
  };
  write('cluster/apps/class.yaml', local);
  await succeed(larder('change', 'new', 'images-1', '--manifests', 'cluster/apps', ...RUNBOOK));
  const { stderr } = endsWith(await asBen('change', 'diff', 'images-1'), 1);
  assert.match(
    stderr,
    /image-platform Deployment images\/amd: web:1 is built for linux\/amd64 and not for linux\/arm64/,
  );
  assert.match(stderr, /image-unknown Deployment images\/new: web:3: not looked at/);
  assert.doesNotMatch(stderr, /image-\w+ Deployment images\/both/);
  assert.match(stderr, /local-path StorageClass local-path: k3s keeps StorageClass local-path itself/);
  assert.match(stderr, /not-committed cluster\/apps\/web\.yaml/);
});

function nodeInfo(architecture: string): object {
  const words = [
    'machineID',
    'systemUUID',
    'bootID',
    'kernelVersion',
    'osImage',
    'containerRuntimeVersion',
    'kubeletVersion',
    'kubeProxyVersion',
  ];
  return { ...Object.fromEntries(words.map((name) => [name, 'x'])), operatingSystem: 'linux', architecture };
}
