import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createEmbedded } from '../../embedded/cluster.ts';
import { createClient } from '../../kube/client.ts';
import { kinds } from '../../kube/kinds.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { changed, written } from './check.fixture.ts';
import { dryRun } from './dry-run.ts';
import type { Finding } from './finding.ts';
import { readTree } from './tree.ts';

async function tried(t: TestContext, files: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
  t.after(() => embedded.close());
  const client = createClient({ transport: embedded.transport, clock: systemClock, random: systemRandom });
  const findings = await dryRun(client, readTree(new Map(Object.entries(files))), new AbortController().signal);
  const { items } = await client.list(kinds.PersistentVolumeClaim);
  assert.deepEqual(items, [], 'nothing is stored');
  return findings;
}

test('kinds that the cluster does not know are told, the rest is taken', async (t) => {
  const findings = await tried(t, written);
  assert.deepEqual(
    findings.map(({ object, severity }) => `${object} ${severity}`),
    ['ExternalSecret/web-secrets error', 'IngressRoute/web error'],
  );
  assert.match(findings[0]?.todo ?? '', /larder nomad core/);
});

test('an unknown field is refused with the words of the server, at its manifest', async (t) => {
  const findings = await tried(t, changed('pvc.yaml', 'storageClassName', 'storageClasName'));
  const found = findings.find(({ object }) => object === 'PersistentVolumeClaim/web-data');
  assert.equal(found?.file, 'modules-k8s/web/manifests/pvc.yaml');
  assert.match(found?.message ?? '', /refuses it: .*storageClasName/);
});

test('a namespace that is not there is told, and not taken for a good answer', async (t) => {
  const findings = await tried(t, changed('pvc.yaml', 'name: web-data', 'name: web-data, namespace: elsewhere'));
  const found = findings.find(({ object }) => object === 'PersistentVolumeClaim/web-data');
  assert.equal(found?.severity, 'skipped');
  assert.match(found?.todo ?? '', /kubectl create namespace elsewhere/);
});

test('what is wrong with a manifest is found also where its namespace is not there', async (t) => {
  const broken = changed('pvc.yaml', 'name: web-data', 'name: web-data, namespace: elsewhere');
  const path = 'modules-k8s/web/manifests/pvc.yaml';
  const findings = await tried(t, {
    ...broken,
    [path]: (broken[path] ?? '').replace('storageClassName', 'storageClasName'),
  });
  const found = findings.filter(({ object }) => object === 'PersistentVolumeClaim/web-data');
  assert.deepEqual(
    found.map(({ severity }) => severity),
    ['skipped', 'error'],
  );
  assert.match(found[1]?.message ?? '', /refuses it: .*storageClasName/);
});
