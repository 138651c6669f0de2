/** The repository that `larder cluster init` writes, with the tools that it is for. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse as hcl2json } from '@cdktn/hcl2json';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { type ChildResult, runChild } from '../tools/child.ts';
import { controlPlaneFor, missingControlPlane } from '../tools/control-plane.ts';
import { published } from '../tools/published.ts';
import { installPython } from '../tools/python.ts';
import { lacking, pathOf } from '../tools/run-tool.ts';
import { runLarder, temporaryFolder } from './larder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 4 * 60_000;
const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
const withoutPython = python.kind === 'unavailable' ? python.reason : false;
const withoutTools = await lacking('kubectl', 'promtool', 'amtool');

interface Repository {
  readonly place: string;
  /** A command in it, with the real tools on PATH. */
  run(command: string, env?: NodeJS.ProcessEnv): Promise<ChildResult>;
}

async function repositoryFor(t: TestContext, ...words: readonly string[]): Promise<Repository> {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-repository-');
  const place = join(home, 'home-cluster');
  const made = await runLarder(['cluster', 'init', place, ...words]);
  assert.equal(made.code, 0, made.stderr);
  const bin = join(home, 'bin');
  mkdirSync(bin);
  for (const name of ['kubectl', 'promtool', 'amtool'] as const) symlinkSync(await pathOf(name), join(bin, name));
  const start = [process.execPath, '--disable-warning=ExperimentalWarning', join(ROOT, 'bin/start.js')];
  writeFileSync(join(bin, 'larder'), `#!/bin/sh\nexec '${start.join("' '")}' "$@"\n`);
  chmodSync(join(bin, 'larder'), 0o755);
  const tools = python.kind === 'ready' ? [join(python.path, '..')] : [];
  const path = [bin, ...tools, process.env['PATH']].join(delimiter);
  return {
    place,
    run: (command, env = {}) => {
      const all = { PATH: path, HOME: home, LANG: 'C.UTF-8', NO_COLOR: '1', ...env };
      return runChild({ command: 'sh', args: ['-c', command], cwd: place, env: all, limitMs: LIMIT_MS });
    },
  };
}

async function passes({ run }: Repository, command: string, env?: NodeJS.ProcessEnv): Promise<string> {
  const { code, output } = await run(command, env);
  assert.equal(code, 0, `${command}\n${output}`);
  return output;
}

test('alerts speak when they must and are silent at the start, and the routes are those of cluster.yaml', {
  skip: withoutTools,
}, async (t) => {
  for (const words of [[], ['--nodes', 'a.lan=192.0.2.1']]) {
    const repository = await repositoryFor(t, ...words);
    await passes(repository, 'tests/alerts/run.sh');
    const route = (alert: string, severity = 'critical') =>
      passes(
        repository,
        `amtool config routes test --config.file=cluster/base/monitoring/generated/alertmanager.yaml alertname=${alert} severity=${severity}`,
      );
    assert.equal((await route('NodeOffline')).trim(), 'node-offline');
    assert.equal((await route('SomethingElse')).trim(), 'node-offline', 'a critical alert without a route is told');
    assert.equal((await route('SomethingElse', 'warning')).trim(), '(nobody)');
  }
});

test('a test of alerts fails where an alert does not speak', { skip: withoutTools }, async (t) => {
  const repository = await repositoryFor(t);
  const rules = join(repository.place, 'cluster/base/monitoring/generated/rules.yaml');
  writeFileSync(
    rules,
    readFileSync(rules, 'utf8').replace('up{job="larder-nodes"} == 0', 'up{job="larder-nodes"} == 2'),
  );
  const { code, output } = await repository.run('tests/alerts/run.sh');
  assert.notEqual(code, 0);
  assert.match(output, /NodeOffline/);
});

test('snapshots are what kubectl renders, and a changed manifest is noticed', { skip: withoutTools }, async (t) => {
  const repository = await repositoryFor(t);
  assert.match(await passes(repository, 'tests/k8s-diff/run.sh'), /3 kustomizations looked at/);
  const file = join(repository.place, 'cluster/apps/example/whoami.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('replicas: 2', 'replicas: 3'));
  const changed = await repository.run('tests/k8s-diff/run.sh');
  assert.equal(changed.code, 1);
  assert.match(changed.output, /-\s+replicas: 2\n\+\s+replicas: 3/);
  await passes(repository, 'tests/k8s-diff/run.sh --update && tests/k8s-diff/run.sh');
  writeFileSync(join(repository.place, 'tests/k8s-diff/snapshots/cluster_gone.yaml'), '');
  assert.match(
    (await repository.run('tests/k8s-diff/run.sh')).output,
    /cluster_gone\.yaml belongs to no kustomization/,
  );
});

test('a real cluster takes every manifest, and says before what would change', {
  skip: withoutTools || ((await missingControlPlane()) ?? false),
}, async (t) => {
  const repository = await repositoryFor(t);
  const env = { KUBECONFIG: (await controlPlaneFor(t)).kubeconfig };
  const live = await repository.run('tests/k8s-diff/live.sh', env);
  assert.equal(live.code, 2, 'a namespace that is missing is unknown, not clean');
  await passes(repository, 'kubectl apply --server-side --field-manager=larder-change -k cluster/base', env);
  for (const folder of ['cluster/policies', 'cluster/apps/example'])
    await passes(
      repository,
      `kubectl apply --server-side --field-manager=larder-change --dry-run=server -k ${folder}`,
      env,
    );
  assert.equal((await repository.run('tests/k8s-diff/live.sh', env)).code, 1);
  for (const folder of ['cluster/policies', 'cluster/apps/example'])
    await passes(repository, `kubectl apply --server-side --field-manager=larder-change -k ${folder}`, env);
  assert.equal((await repository.run('tests/k8s-diff/live.sh', env)).code, 0);
  const may = (group: string, words: string) =>
    repository.run(`kubectl auth can-i ${words} --as somebody --as-group ${group}`, env);
  assert.equal((await may('larder:admins', 'get secrets -A')).code, 0);
  assert.equal((await may('larder:operators', 'get secrets -n monitoring')).code, 1);
  assert.equal((await may('larder:operators', 'list pods -A')).code, 0);
  assert.equal((await may('larder:operators', 'patch deployments -n apps')).code, 0);
  assert.equal((await may('larder:operators', 'patch deployments -n monitoring')).code, 1);
  const pod = (name: string, host: boolean) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'apps' },
      spec: { hostNetwork: host, containers: [{ name: 'a', image: 'a' }] },
    });
  const refused = await repository.run(`echo '${pod('rude', true)}' | kubectl apply -f -`, env);
  assert.match(refused.output, /violates PodSecurity "restricted/);
});

test('the smoke test says what is not well, and nothing when all is', {
  skip: withoutTools || ((await missingControlPlane()) ?? false),
}, async (t) => {
  const repository = await repositoryFor(t);
  const env = { KUBECONFIG: (await controlPlaneFor(t)).kubeconfig };
  const lost = await repository.run('tests/automation/smoke.sh', { KUBECONFIG: '/dev/null' });
  assert.notEqual(lost.code, 0);
  const empty = await repository.run('tests/automation/smoke.sh', env);
  assert.equal(empty.code, 1);
  assert.match(empty.output, /FAIL {2}4 nodes are there \(0\)/);
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ready' }];
  const nodes = [1, 2, 3, 4].map((number) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `pi-cluster-${number}`, labels: number < 4 ? { 'node-role.kubernetes.io/etcd': 'true' } : {} },
    status: { conditions, nodeInfo: { kubeletVersion: 'v1.34.2+k3s1' } },
  }));
  for (const node of nodes) {
    writeFileSync(join(repository.place, '.node.json'), JSON.stringify(node));
    await passes(repository, 'kubectl create -f .node.json', env);
    const status = JSON.stringify({ status: node.status });
    await passes(
      repository,
      `kubectl patch node ${node.metadata.name} --subresource=status --type=merge -p '${status}'`,
      env,
    );
  }
  await passes(repository, 'tests/automation/smoke.sh', env);
  const away = JSON.stringify({ status: { conditions: [{ ...conditions[0], status: 'Unknown' }] } });
  await passes(repository, `kubectl patch node pi-cluster-2 --subresource=status --type=merge -p '${away}'`, env);
  const degraded = await repository.run('tests/automation/smoke.sh', env);
  assert.equal(degraded.code, 1);
  assert.match(degraded.output, /FAIL {2}all of them are ready \(3\)/);
});

test('the chart of Loki takes the values, asks for no image that is not listed, and a real cluster takes what it makes', {
  skip: withoutTools || (await lacking('helm')) || ((await missingControlPlane()) ?? false),
}, async (t) => {
  const chart = await published('loki');
  if (chart.kind === 'unavailable') return t.skip(chart.reason);
  const repository = await repositoryFor(t);
  const env = { KUBECONFIG: (await controlPlaneFor(t)).kubeconfig };
  const copy = join(repository.place, '.larder/loki');
  cpSync(join(chart.folder, 'production/helm/loki'), copy, { recursive: true });
  await passes(repository, `chmod -R u+w ${copy}`);
  const meta = parse(readFileSync(join(copy, 'Chart.yaml'), 'utf8'));
  // They are off, and helm wants them to be there all the same.
  writeFileSync(join(copy, 'Chart.yaml'), stringify({ ...meta, dependencies: [] }));
  const values = readFileSync(join(repository.place, 'cluster/base/monitoring/loki-values.yaml'), 'utf8');
  assert.ok(values.includes(`chart loki ${meta.version} `), 'another version of the chart is tried than is named');
  const helm = await pathOf('helm');
  await passes(
    repository,
    `rm -f ${copy}/Chart.lock; ${helm} template loki ${copy} -n monitoring --values cluster/base/monitoring/loki-values.yaml > loki.out`,
  );
  const listed = parse(readFileSync(join(repository.place, 'cluster/images.yaml'), 'utf8'));
  const known: readonly string[] = listed.images.map(({ image }: { readonly image: string }) => image);
  const asked = readFileSync(join(repository.place, 'loki.out'), 'utf8').matchAll(/^\s+image: "?([^"\s]+)"?$/gm);
  const images = [...asked].map(([, image = '']) => image);
  assert.ok(images.length > 0);
  assert.deepEqual(
    images.filter((image) => !known.includes(image)),
    [],
  );
  await passes(repository, 'kubectl apply --server-side -k cluster/base', env);
  await passes(repository, 'kubectl apply --server-side --dry-run=server -n monitoring -f loki.out', env);
});

test('all checks that need no machine pass in one go: roles in the production profile, YAML, scripts, snapshots, alerts', {
  skip: withoutPython || withoutTools,
}, async (t) => {
  const repository = await repositoryFor(t);
  const said = await passes(repository, 'automation/scripts/check.sh', { CI: 'true' });
  const done = [...said.matchAll(/^ok {4}(.*)$/gm)].map(([, what]) => what);
  const all = [
    'cluster.yaml',
    'what is made from cluster.yaml',
    'YAML',
    'playbooks and roles',
    'scripts',
    'snapshots',
    'alerts',
  ];
  assert.deepEqual(done, all, said);
  assert.match(said, /Passed: 0 failure\(s\).*'production'/);
});

test('the workflow is one that GitHub takes, and a step that is none is found', {
  skip: await lacking('actionlint'),
}, async (t) => {
  const repository = await repositoryFor(t);
  const actionlint = await pathOf('actionlint');
  await passes(repository, `git init -q . && ${actionlint} -shellcheck= -pyflakes=`);
  const file = join(repository.place, '.github/workflows/check.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('ubuntu-24.04', 'ubuntu-of-nowhere'));
  const { code, output } = await repository.run(`${actionlint} -shellcheck= -pyflakes=`);
  assert.equal(code, 1);
  assert.match(output, /check\.yaml:\d+:\d+: label "ubuntu-of-nowhere" is unknown/);
});

test('the definition for Packer is HCL, and each variable that it uses is declared', async (t) => {
  const repository = await repositoryFor(t);
  const text = readFileSync(join(repository.place, 'automation/images/node.pkr.hcl'), 'utf8');
  const blocks = z.object({
    variable: z.record(z.string(), z.unknown()),
    source: z.record(z.string(), z.record(z.string(), z.unknown())),
    build: z.array(z.object({ sources: z.array(z.string()) })),
  });
  const { variable, source, build } = blocks.parse(await hcl2json('node.pkr.hcl', text));
  const used = [...text.matchAll(/\bvar\.([a-z0-9_]+)/g)].map(([, name = '']) => name);
  assert.deepEqual(Object.keys(variable).toSorted(), [...new Set(used)].toSorted());
  const sources = Object.entries(source).flatMap(([kind, named]) =>
    Object.keys(named).map((name) => `source.${kind}.${name}`),
  );
  assert.deepEqual(
    build.flatMap((each) => each.sources),
    sources,
  );
});

test('CI does not pass over a check that cannot run', async (t) => {
  const repository = await repositoryFor(t);
  const bare = await repository.run('PATH=/usr/bin:/bin automation/scripts/check.sh', { CI: 'true' });
  assert.notEqual(bare.code, 0);
  assert.match(bare.output, /^skip {2}cluster\.yaml: larder is not there$/m);
});
