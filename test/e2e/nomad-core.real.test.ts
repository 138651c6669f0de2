/** The charts that `larder nomad core` pins take the values that it writes for them. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { charts } from '../../src/nomad/core/chart.ts';
import { runChild } from '../tools/child.ts';
import { type PublishedName, published } from '../tools/published.ts';
import { lacking, runTool } from '../tools/run-tool.ts';
import { runLarder, temporaryFolder } from './larder.ts';

const skip = await lacking('helm');

const rows: readonly {
  readonly chart: (typeof charts)[keyof typeof charts];
  readonly module: PublishedName;
  readonly path: string;
  readonly values: string;
  /** What must be in the rendered text, and what must not. */
  readonly has: readonly RegExp[];
  readonly hasNot: readonly RegExp[];
}[] = [
  {
    chart: charts.vpa,
    module: 'autoscaler',
    path: 'charts/vertical-pod-autoscaler',
    values: 'k8s/core/vpa/values.yaml',
    has: [/kind: Deployment/, /vpa-recommender|component: recommender/, /app\.kubernetes\.io\/instance: larder-test/],
    hasNot: [/component: updater/, /kind: MutatingWebhookConfiguration/],
  },
  {
    chart: charts.cilium,
    module: 'cilium',
    path: 'install/kubernetes/cilium',
    values: 'k8s/core/service-mesh/values.yaml',
    has: [
      /enable-wireguard: "true"/,
      /enable-encryption-strict-mode-egress: "true"/,
      /name: hubble-relay/,
      /cni-exclusive: "false"/,
    ],
    hasNot: [],
  },
  {
    chart: charts.externalSecrets,
    module: 'externalSecrets',
    path: 'deploy/charts/external-secrets',
    values: 'k8s/core/vault-integration/values.yaml',
    has: [/kind: Deployment/],
    hasNot: [],
  },
];

for (const { chart, module, path, values, has, hasNot } of rows) {
  test(`the chart ${chart.chart} ${chart.version} takes its values`, { skip }, async (t) => {
    const found = await published(module);
    if (found.kind === 'unavailable') return t.skip(found.reason);
    const home = temporaryFolder((remove) => t.after(remove), 'larder-core-');
    const written = await runLarder([
      'nomad',
      'core',
      '--out',
      home,
      '--nfs',
      'nas:/v',
      '--vault',
      'https://vault.example.com:8200',
    ]);
    assert.equal(written.code, 0, written.stderr);
    const folder = join(home, 'chart');
    cpSync(join(found.folder, path), folder, { recursive: true });
    await runChild({ command: 'chmod', args: ['-R', 'u+w', folder], cwd: home, env: process.env, limitMs: 60_000 });
    const about: unknown = parse(readFileSync(join(folder, 'Chart.yaml'), 'utf8'));
    assert.ok(typeof about === 'object' && about !== null && 'version' in about);
    assert.equal(about.version, chart.version, 'the version that install.sh names');
    // parts that the values do not ask for come from other places
    writeFileSync(join(folder, 'Chart.yaml'), stringify({ ...about, dependencies: undefined }));
    const { code, output } = await runTool(
      'helm',
      ['template', 'larder-test', folder, '--values', join(home, values)],
      { home },
    );
    assert.equal(code, 0, output);
    for (const pattern of has) assert.match(output, pattern);
    for (const pattern of hasNot) assert.doesNotMatch(output, pattern);
  });
}

for (const mesh of ['cilium', 'linkerd', 'none']) {
  test(`every script of core with the mesh ${mesh} is one that a shell reads`, async (t) => {
    const home = temporaryFolder((remove) => t.after(remove), 'larder-core-');
    const words = [
      '--nfs',
      'nas:/v',
      '--vault',
      'https://vault.example.com:8200',
      '--mesh',
      mesh,
      '--linkerd-version',
      '2026.1.1',
    ];
    const written = await runLarder(['nomad', 'core', '--out', home, ...words]);
    assert.equal(written.code, 0, written.stderr);
    const scripts = globSync('k8s/**/*.sh', { cwd: home });
    assert.ok(scripts.length >= 10, String(scripts));
    for (const script of scripts) {
      const { code, output } = await runChild({
        command: 'sh',
        args: ['-n', script],
        cwd: home,
        env: process.env,
        limitMs: 60_000,
      });
      assert.equal(code, 0, output);
    }
    assert.equal(existsSync(join(home, 'k8s/core/service-mesh')), mesh !== 'none');
  });
}
