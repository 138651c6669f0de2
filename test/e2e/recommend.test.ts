/** `larder recommend`, typed by a person, over ten days that the operator remembers. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { openHistory } from '../../src/expand/usage/history-store.ts';
import { type Client, kinds } from '../../src/kube/index.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { runLarder, startLarder, temporaryFolder } from './larder.ts';

const DAY_MS = 86_400_000;
const GIB = 1024n ** 3n;
const GUIDE = readFileSync(resolve(import.meta.dirname, '../../docs/guides/recommend.md'), 'utf8');

function blockIn(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(GUIDE)?.[1] ?? '';
}

test('sizes and types are advised from what was measured, with a plan that the API server accepts', async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove));
  const data = join(folder, 'data');
  const first = await startLarder(data);
  t.after(() => first.kill('SIGKILL'));
  await (await clientOf(first)).create(kinds.Namespace, {
    ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  });
  await makeClass(await clientOf(first), 'ebs.csi.aws.com', { name: 'gp2', key: 'type' });
  const uid = await cloudClaim(await clientOf(first), { name: 'uploads', type: 'gp2', size: '100Gi' });
  await makeClass(await clientOf(first), 'disk.csi.azure.com', { name: 'Premium_LRS', key: 'skuName' });
  await cloudClaim(await clientOf(first), { name: 'ledger', type: 'Premium_LRS', size: '33Gi' });
  await quickClass(await clientOf(first));
  for (const name of ['quick', 'lost']) {
    await cloudClaim(await clientOf(first), { name, type: 'gp2', size: '10Gi', attributesClass: name });
  }
  await applyClaim(await clientOf(first), { name: 'directory', size: '1Gi', storageClass: 'larder' });
  await bound(await clientOf(first), 'default', 'directory');
  first.kill('SIGTERM');
  await first.exited;
  remember(join(data, 'history.db'), uid);

  const larder = await startLarder(data, ['--provider-config', 'azure.roundToTiers=false']);
  t.after(() => larder.kill('SIGKILL'));
  const run = (line: string) => runLarder(['recommend', ...line.split(' ')], { KUBECONFIG: larder.kubeconfig });
  const table = await run('--since 30d');
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /shop\/uploads +100Gi +gp2 +gp3 with 3000 IOPS/);
  assert.match(table.stdout, /default\/directory +1Gi +- +none: its size reserves nothing/);
  assert.doesNotMatch(table.stdout, /SAVES/);
  const claims = [...table.stdout.matchAll(/^\S+\/\S+/gm)].map(([claim]) => claim);
  assert.ok(claims.length >= 5, table.stdout);
  assert.deepEqual(claims, claims.toSorted());
  assert.doesNotMatch(table.stdout, /growing to/, 'of tiers nothing is said where providerConfig turns them off');
  assert.match(table.stdout, /shop\/ledger +33Gi +Premium_LRS +too little history/i);
  assert.match(
    table.stdout,
    /shop\/quick +10Gi +gp3 +its VolumeAttributesClass quick sets type gp3, iops 6000; of gp3 more than 3000 IOPS and 125 MiB\/s is paid for besides/,
  );
  assert.match(
    table.stdout,
    /shop\/lost +10Gi +- +its VolumeAttributesClass lost does not exist: make it, or name another/,
  );
  assert.match(table.stderr, /How to: larder recommend pvc\/NAME/);

  const prices = join(folder, 'prices.yaml');
  writeFileSync(prices, blockIn('yaml'));
  const planned = await run(`pvc/uploads -n shop --prices ${prices}`);
  assert.equal(planned.stdout.slice(0, blockIn('text').length), blockIn('text'));
  assert.match(planned.stdout, /# 1\. Describe gp3[\s\S]*kubectl patch pvc uploads -n shop -p/);
  assert.match(planned.stdout, /# 6\. Only then, and after a backup/);
  const rows = JSON.parse((await run('shop/uploads -o json')).stdout);
  const client = await clientOf(larder);
  const manifests = rows.flatMap((row: { plan: { manifest?: Manifest }[] }) =>
    row.plan.flatMap(({ manifest }) => manifest ?? []),
  );
  assert.equal(manifests.length, 3);
  for (const manifest of manifests) await accepted(client, manifest);

  await twoClusters(folder, larder.kubeconfig);
  const nothing = await run('-n nowhere');
  assert.deepEqual([nothing.code, nothing.stdout], [0, '']);
  assert.equal(nothing.stderr, 'There is no bound claim in the namespace nowhere to advise on.\n');
  assert.match((await run('pvc/nobody')).stderr, /there is no bound claim default\/nobody/);
  writeFileSync(prices, 'prices: {gp2: cheap}\n');
  assert.match(
    (await run(`-n default --prices ${prices}`)).stderr,
    /^larder: .*prices\.yaml: prices\.gp2 must be a number\n$/,
  );
  assert.match((await run('--since never')).stderr, /--since "never" must be a duration/);
});

/** Two names of one cluster do for two clusters. */
async function twoClusters(folder: string, kubeconfig: string): Promise<void> {
  const both = join(folder, 'both.yaml');
  const written = parse(readFileSync(kubeconfig, 'utf8'));
  const [first] = written.contexts;
  writeFileSync(both, stringify({ ...written, contexts: ['home', 'office'].map((name) => ({ ...first, name })) }));
  const run = (line: string) => runLarder(['recommend', ...line.split(' ')], { KUBECONFIG: both });
  const table = await run('--contexts office,home');
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^CONTEXT +CLAIM +SIZE +TYPE +ADVICE\n/);
  const named = [...table.stdout.matchAll(/^(home|office) +(\S+)/gm)].map(
    ([, context, claim]) => `${context} ${claim}`,
  );
  for (const context of ['home', 'office']) assert.ok(named.includes(`${context} shop/ledger`), table.stdout);
  assert.equal(named.findLastIndex((each) => each.startsWith('office')) + 1, named.length / 2, 'cluster after cluster');
  const rows = JSON.parse((await run('--contexts home -o json')).stdout);
  assert.deepEqual([rows[0].context, rows[0].currency], ['home', '']);
  const one = await run('pvc/uploads -n shop --contexts home');
  assert.deepEqual([one.code, one.stdout], [2, '']);
  assert.match(one.stderr, /the plan for one claim is for one cluster: name it with --context, not --contexts/);
}

interface CloudClaim {
  readonly name: string;
  /** The name of its class as well. */
  readonly type: string;
  readonly size: string;
  readonly attributesClass?: string;
}

async function makeClass(client: Client, provisioner: string, type: { readonly name: string; readonly key: string }) {
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: type.name.toLowerCase().replace('_', '-') },
    provisioner,
    parameters: { [type.key]: type.name },
    allowVolumeExpansion: true,
  });
}

async function quickClass(client: Client): Promise<void> {
  await client.create(kinds.VolumeAttributesClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttributesClass',
    metadata: { name: 'quick' },
    driverName: 'ebs.csi.aws.com',
    parameters: { type: 'gp3', iops: '6000' },
  });
}

/** A claim on a disk of a cloud, as one that was made long ago. */
async function cloudClaim(client: Client, { name, type, size, attributesClass }: CloudClaim): Promise<string> {
  const capacity = { storage: size };
  const storageClassName = type.toLowerCase().replace('_', '-');
  const accessModes = ['ReadWriteOnce'] as const;
  await client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `disk-${name}` },
    spec: {
      capacity,
      accessModes,
      storageClassName,
      persistentVolumeReclaimPolicy: 'Retain',
      csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-0a1b2c3d4e5f' },
      claimRef: { namespace: 'shop', name },
    },
  });
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'shop', name },
    spec: {
      ...{ accessModes, storageClassName, volumeName: `disk-${name}`, resources: { requests: capacity } },
      ...(attributesClass === undefined ? {} : { volumeAttributesClassName: attributesClass }),
    },
  });
  return (await bound(client, 'shop', name)).claim.metadata.uid;
}

/** What ten days of measuring leave behind. */
function remember(path: string, uid: string): void {
  const store = openHistory({ path, retentionMs: 30 * DAY_MS, clock: systemClock, log: silentLog });
  const now = systemClock.now();
  const points = Array.from({ length: 240 }, (_, hour) => ({
    uid,
    at: now - 10 * DAY_MS + hour * 3_600_000,
    usedBytes: 12n * GIB,
    capacityBytes: 98n * GIB,
  }));
  store.add(points);
  store.close();
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: string };
}

const plurals: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: 'api/v1/namespaces/shop/persistentvolumeclaims',
  Job: 'apis/batch/v1/namespaces/shop/jobs',
  VolumeAttributesClass: 'apis/storage.k8s.io/v1/volumeattributesclasses',
};

async function accepted(client: Client, manifest: Manifest): Promise<void> {
  const answer = await client.request({
    method: 'POST',
    path: `/${plurals[manifest.kind]}?fieldValidation=Strict`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(manifest),
  });
  assert.equal(answer.status, 201, await answer.text());
}
