/** `npm run test:cluster` as a user starts it, on a real control plane that is somebody else's for the occasion. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { type Client, type KubeObject, kinds, type Resource } from '../../src/kube/index.ts';
import { post } from '../e2e/account.ts';
import { bound, clientOf } from '../e2e/claims.ts';
import { temporaryFolder } from '../e2e/larder.ts';
import { planeFor } from '../e2e/site.ts';
import { type ChildResult, runChild } from '../tools/child.ts';
import { type ControlPlane, missingControlPlane } from '../tools/control-plane.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The others take long, and are made on a control plane by their own tests. */
const ONLY = 'named directory|policy makes a claim grow';
const LIMIT_MS = 5 * 60_000;
const skip = (await missingControlPlane()) ?? false;

const start = (...args: readonly string[]): Promise<ChildResult> =>
  runChild({
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', join(ROOT, 'test/cluster/cluster.ts'), ...args],
    cwd: ROOT,
    env: process.env,
    limitMs: LIMIT_MS,
  });

test('the journeys run on a cluster that is in use, leave a report, and nothing else', { skip }, async (t) => {
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  await neighbours(client);
  const before = await pictureOf(client);
  const asked = await start('--kubeconfig', plane.kubeconfig);
  assert.equal(asked.code, 2, asked.output);
  assert.match(asked.output, /may be a cluster that somebody needs[\s\S]*Say --yes if that is all right/);
  assert.deepEqual(await pictureOf(client), before);

  const folder = temporaryFolder((remove) => t.after(remove));
  const run = await start('--kubeconfig', plane.kubeconfig, '--yes', '--report', folder, '--only', ONLY);
  assert.equal(run.code, 0, run.output);
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
  const outcomes: readonly { readonly outcome: string; readonly detail: string }[] = report.outcomes;
  assert.equal(outcomes.filter(({ outcome }) => outcome === 'passed').length, 2);
  assert.ok(outcomes.every(({ outcome, detail }) => outcome !== 'skipped' || detail !== ''));
  assert.equal(report.kubernetes, plane.version);
  // The operator wanted to tell the owner of that claim what is wrong with it: so it did see it.
  const kept: readonly string[] = report.heldBack;
  assert.ok(
    kept.some((line) => line.startsWith('POST /api/v1/namespaces/precious/events')),
    kept.join('\n'),
  );
  assert.ok(readFileSync(join(folder, 'report.txt'), 'utf8').includes('2 passed, 0 failed'));
  assert.deepEqual(await pictureOf(client), before);
});

test('a cluster with an expander, and one that does not answer, are left alone, with the reason', {
  skip,
}, async (t) => {
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  await expander(client);
  const { code, output } = await start('--kubeconfig', plane.kubeconfig, '--yes');
  assert.equal(code, 2, output);
  assert.match(output, /deployment default\/larder would act on the claims of the test: scale it to 0/);
  assert.deepEqual(await namesOf(client, kinds.StorageClass), []);
  await silent(plane);
});

async function silent(plane: ControlPlane): Promise<void> {
  await plane.stop('kube-apiserver');
  const { code, output } = await start('--kubeconfig', plane.kubeconfig, '--yes');
  assert.equal(code, 2, output);
  assert.ok(output.startsWith(`test:cluster: larder (${plane.url}`), output);
  assert.ok(!output.includes(plane.token));
}

/** A claim that growth would have something to say about. */
async function neighbours(client: Client): Promise<void> {
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'precious' } });
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: 'letters',
      namespace: 'precious',
      annotations: { 'pvc-chonker.io/enabled': 'true', 'pvc-chonker.io/threshold': 'lots' },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'theirs',
      volumeName: 'letters',
      resources: { requests: { storage: '1Gi' } },
    },
  });
  await client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'letters' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'theirs',
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { kind: 'PersistentVolumeClaim', namespace: 'precious', name: 'letters' },
      csi: { driver: 'csi.example.com', volumeHandle: 'letters' },
    },
  });
  await bound(client, 'precious', 'letters');
}

/** All that the run could have changed or left, but for events and times of housekeeping. */
async function pictureOf(client: Client): Promise<unknown> {
  const claims = await client.list(kinds.PersistentVolumeClaim);
  return {
    claims: claims.items,
    namespaces: await namesOf(client, kinds.Namespace),
    volumes: await namesOf(client, kinds.PersistentVolume),
    classes: await namesOf(client, kinds.StorageClass),
    definitions: await definitionsOn(client),
  };
}

async function namesOf<T extends KubeObject>(client: Client, resource: Resource<T>): Promise<readonly string[]> {
  const { items } = await client.list(resource);
  return items.map(({ metadata }) => metadata.name).sort();
}

async function definitionsOn(client: Client): Promise<readonly string[]> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const answer = await client.request({ method: 'GET', path });
  const { items } = JSON.parse(await answer.text());
  const isStaying = (each: { metadata: { deletionTimestamp?: string } }): boolean => !each.metadata.deletionTimestamp;
  return items.filter(isStaying).map((each: { metadata: { name: string } }) => each.metadata.name);
}

async function expander(client: Client): Promise<void> {
  const labels = { 'app.kubernetes.io/name': 'larder' };
  await post(client, '/apis/apps/v1/namespaces/default/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'larder', labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'example.com/main' }] } },
    },
  });
}
