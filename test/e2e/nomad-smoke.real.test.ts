/**
 * The smoke checks of `larder nomad core`, run as an operator runs them, on a real control plane with the operator and
 * the published definitions. Pods do not run there: a Deployment of nobody stands where a chart would have one, and what
 * needs running pods (the mesh) ends with a FAIL that says so.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runChild } from '../tools/child.ts';
import { findKubectl } from '../tools/kubectl.ts';
import { temporaryFolder } from './larder.ts';
import { type Applied, installDefinitions, kubectlFor, lackingDefinitions } from './nomad.ts';
import { onReal } from './real.ts';
import type { Journey, Place, Site } from './site.ts';

const journeys = (place: Place): readonly Journey[] => [
  { name: 'the smoke checks of core say PASS and FAIL for what is there and what is not', run: (t) => run(t, place) },
];

const lacking = await lackingDefinitions();

for (const { name, run: journey, skip } of await onReal(journeys)) {
  test(name, { skip: skip || lacking }, journey);
}

const LIMIT_MS = 300_000;

/** A Deployment that is Available without pods. */
function nobody(namespace: string, name: string, labels: Readonly<Record<string, string>> = {}): string {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: 'example/nobody:1' }] } };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, labels },
    spec: { replicas: 0, selector: { matchLabels: { app: name } }, template },
  });
}

interface Smoke {
  readonly code: number | string;
  /** Those that are not empty. */
  readonly lines: readonly string[];
}

type Run = (part: string) => Promise<Smoke>;

async function run(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const applied = await kubectlFor(t, site);
  await installDefinitions(applied);
  const { core, smoke } = await written(t, site);
  await t.test('storage: a claim gets a directory of its name from the operator', () =>
    storage(applied, { core, smoke, site }),
  );
  await t.test('a namespace that is somebody’s is told, and the check ends', () => taken(applied, smoke));
  await t.test('the autoscaler: definition, recommender, metrics', () => autoscaler(applied, smoke));
  await t.test('External Secrets: a store that is ready', () => secrets(applied, { core, smoke }));
  await t.test('Traefik: its definitions are there, it itself is not', () => ingress(smoke));
  await t.test('the mesh: without agents nothing is taken for encrypted or refused', () => mesh(smoke));
}

interface Core {
  /** The folder k8s. */
  readonly core: string;
  readonly smoke: Run;
}

/** What core writes, with the kubectl of the tests where its scripts look for one. */
async function written(t: TestContext, site: Site): Promise<Core> {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-smoke-');
  const words = ['--nfs', 'nas:/storage/v', '--vault', 'https://vault.example.com:8200', '--node', 'one=10.0.0.1'];
  const made = await site.run(['nomad', 'core', '--out', home, ...words]);
  assert.equal(made.code, 0, made.stderr);
  const found = await findKubectl();
  if (found.kind === 'unavailable') throw new Error(found.reason);
  mkdirSync(join(home, 'bin'));
  symlinkSync(found.path, join(home, 'bin/kubectl'));
  const env = {
    HOME: home,
    KUBECONFIG: site.kubeconfig,
    PATH: [join(home, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
    LANG: 'C.UTF-8',
    SMOKE_WAIT: '3s', // no pod will ever run
  };
  const smoke: Run = async (part) => {
    const command = join(home, 'k8s', part, 'smoke.sh');
    const { code, output } = await runChild({ command, args: [], cwd: home, env, limitMs: LIMIT_MS });
    const lines = output.split('\n').filter((line) => line !== '');
    t.diagnostic(`${part} ended with ${code}\n${lines.join('\n')}`);
    return { code, lines };
  };
  return { core: join(home, 'k8s'), smoke };
}

function says({ lines }: Smoke, ...patterns: readonly RegExp[]): void {
  for (const pattern of patterns)
    assert.ok(
      lines.some((line) => pattern.test(line)),
      `${pattern} is not among\n${lines.join('\n')}`,
    );
}

/** Every line is one of the check's own: nothing broke off in the middle. */
function isReport({ lines }: Smoke): void {
  assert.deepEqual(
    lines.filter((line) => !/^(?:PASS|FAIL|NOTE) /.test(line)),
    [],
  );
}

async function storage({ said }: Applied, { core, smoke, site }: Core & { readonly site: Site }): Promise<void> {
  // the class of this name is there with other parameters, which nobody may change
  await said(['delete', 'storageclass', 'glusterfs-nfs', '--ignore-not-found']);
  await said(['apply', '--server-side', '-f', join(core, 'storage/storage-class.yaml')]);
  await said(['apply', '-f', '-'], nobody('larder-system', 'larder'));
  const ended = await smoke('storage');
  assert.equal(ended.code, 0, ended.lines.join('\n'));
  isReport(ended);
  says(
    ended,
    /^PASS the operator runs$/,
    /^PASS a claim is bound$/,
    /^PASS its directory is called glusterfs_larder-smoke$/,
    /^NOTE the empty directory \/storage\/v\/glusterfs_larder-smoke /,
  );
  assert.ok(readdirSync(site.export).includes('glusterfs_larder-smoke'));
}

async function taken({ said }: Applied, smoke: Run): Promise<void> {
  await said(['wait', '--for=delete', 'namespace/larder-smoke-storage', '--timeout=60s']);
  await said(['create', 'namespace', 'larder-smoke-storage']);
  const ended = await smoke('storage');
  assert.equal(ended.code, 1);
  isReport(ended);
  says(ended, /^FAIL the namespace larder-smoke-storage is this check's: one from an earlier run may still be going/);
  // what is not the check's own is not removed
  assert.equal(await said(['get', 'namespace', 'larder-smoke-storage', '-o', 'jsonpath={.status.phase}']), 'Active');
}

async function autoscaler({ said }: Applied, smoke: Run): Promise<void> {
  const before = await smoke('core/vpa');
  says(before, /^PASS the definition of VerticalPodAutoscaler is there$/, /^FAIL the recommender runs: /);
  await said(['apply', '-f', '-'], nobody('kube-system', 'vpa-recommender', { 'app.kubernetes.io/instance': 'vpa' }));
  const after = await smoke('core/vpa');
  isReport(after);
  says(
    after,
    /^PASS the recommender runs$/,
    /^PASS nothing evicts or rewrites pods$/,
    /^FAIL metrics of pods are served: the recommender sees nothing without/,
  );
  await said(['apply', '-f', '-'], nobody('kube-system', 'vpa-updater', { 'app.kubernetes.io/instance': 'vpa' }));
  says(await smoke('core/vpa'), /^FAIL nothing evicts or rewrites pods: an updater or an admission controller/);
}

async function secrets({ said }: Applied, { core, smoke }: Core): Promise<void> {
  await said(['create', 'namespace', 'external-secrets']);
  await said(['apply', '-f', '-'], nobody('external-secrets', 'external-secrets'));
  await said(['apply', '--server-side', '-f', join(core, 'core/vault-integration/cluster-secret-store.yaml')]);
  // as External Secrets says it when Vault has answered
  const ready = { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Valid' }] } };
  const store = ['clustersecretstore', 'vault-backend', '--subresource', 'status', '--type', 'merge'];
  await said(['patch', ...store, '-p', JSON.stringify(ready)]);
  const ended = await smoke('core/vault-integration');
  assert.equal(ended.code, 0, ended.lines.join('\n'));
  isReport(ended);
  says(ended, /^PASS External Secrets runs$/, /^PASS Vault answers the store vault-backend$/, /^NOTE SMOKE_SECRET/);
}

async function ingress(smoke: Run): Promise<void> {
  const ended = await smoke('core/ingress');
  assert.equal(ended.code, 1);
  isReport(ended);
  says(
    ended,
    /^FAIL Traefik runs: k3s was started with --disable=traefik/,
    /^PASS the definition of ingressroutes is there$/,
    /^PASS the definition of serverstransports is there$/,
    /^FAIL Traefik has an address: no load balancer serves it/,
  );
}

async function mesh(smoke: Run): Promise<void> {
  const ended = await smoke('core/service-mesh');
  assert.equal(ended.code, 1);
  isReport(ended);
  says(
    ended,
    /^FAIL the agents run on every node: /,
    /^FAIL traffic between nodes goes through WireGuard: /,
    /^FAIL the pods of this check run: /,
  );
  assert.deepEqual(
    ended.lines.filter((line) => /^PASS .*refused/.test(line)),
    [],
  );
}
