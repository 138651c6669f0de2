/** Many claims at once, one directory for many, and kill -9 in the middle of it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import {
  type Client,
  isKubeError,
  kinds,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../../src/kube/index.ts';
import { applyClaim, type ClaimSpec, clientOf, eventsOf } from './claims.ts';
import { eventually, type Larder, startLarder, temporaryFolder } from './larder.ts';

const REFUSED = 'directory glusterfs_shared already belongs to';

test('of 200 claims at once, 50 share one directory, another namespace is refused it, and no volume is made twice', async (t) => {
  const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
  const own = (name: string): ClaimSpec => ({
    name,
    size: '1Mi',
    storageClass: 'glusterfs-nfs',
    annotations: { 'volume-name': name },
  });
  const specs = [
    ...Array.from({ length: 149 }, (_, index) => own(`own-${index}`)),
    ...Array.from({ length: 50 }, (_, index) => ({
      ...own(`shared-${index}`),
      annotations: { 'volume-name': 'shared' },
    })),
  ];
  await Promise.all(specs.map((spec) => applyClaim(client, spec)));
  await eventually('199 claims to be Bound', async () => (await phases(client)).get('Bound') === 199 || undefined);
  await applyClaim(client, { ...own('thief'), namespace: 'other', annotations: { 'volume-name': 'shared' } });
  const refusal = await eventually('the refusal', async () =>
    (await eventsOf(client, 'other', 'thief')).find((event) => event.message?.includes(REFUSED)),
  );
  assert.equal(refusal.reason, 'ProvisioningFailed');
  assert.equal(refusal.type, 'Warning');

  const { items: volumes } = await client.list(kinds.PersistentVolume);
  assert.equal(volumes.length, 199);
  assert.equal(new Set(volumes.map((volume) => volume.spec.claimRef?.uid)).size, 199);
  const shared = volumes.filter((volume) => volume.spec.nfs?.path === '/storage/v/glusterfs_shared');
  assert.equal(shared.length, 50);
  assert.equal(readdirSync(larder.export).filter((name) => name.startsWith('glusterfs_')).length, 150);
});

test('of two namespaces that claim one new directory at the same moment, exactly one gets it', async (t) => {
  const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
  const spec = { size: '1Mi', storageClass: 'glusterfs-nfs', annotations: { 'volume-name': 'prize' } };
  await Promise.all(
    ['default', 'other'].flatMap((namespace) =>
      Array.from({ length: 10 }, (_, index) => applyClaim(client, { ...spec, namespace, name: `racer-${index}` })),
    ),
  );
  await eventually('ten to be Bound and ten to be refused', async () => {
    const refused = await Promise.all(
      ['default', 'other'].map(async (namespace) => {
        const { items } = await client.list(kinds.Event, { namespace });
        return items.filter((event) => event.message?.includes('glusterfs_prize already belongs to')).length;
      }),
    );
    return (await phases(client)).get('Bound') === 10 && refused.includes(10) && refused.includes(0) ? true : undefined;
  });
  const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
  const winners = new Set(
    claims.filter((claim) => claim.status?.phase === 'Bound').map((claim) => claim.metadata.namespace),
  );
  assert.equal(winners.size, 1);
});

test('kill -9 again and again during a burst of 500 claims loses, orphans and doubles nothing', async (t) => {
  const data = temporaryFolder((remove) => t.after(remove));
  let larder: Larder = await startLarder(data);
  t.after(() => larder.kill('SIGKILL'));
  const acknowledged: string[] = [];
  const waiting = Array.from({ length: 500 }, (_, index) => `claim-${index}`);
  for (let round = 0; waiting.length > 0; round += 1) {
    const client = await clientOf(larder);
    const stop = new AbortController();
    const writers = Array.from({ length: 16 }, () => writer(client, { waiting, acknowledged }, stop.signal));
    if (round < 5) {
      const goal = acknowledged.length + 40;
      await eventually('some claims to be accepted', async () => (acknowledged.length >= goal ? true : undefined));
      larder.kill('SIGKILL');
      await larder.exited;
      stop.abort();
      await Promise.all(writers);
      larder = await startLarder(data);
    } else {
      await Promise.all(writers);
    }
  }
  const client = await clientOf(larder);
  await eventually('all to be Bound', async () => (await phases(client)).get('Bound') === 500 || undefined);
  const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
  const { items: volumes } = await client.list(kinds.PersistentVolume);
  const names = new Set(claims.map((claim) => claim.metadata.name));
  assert.deepEqual(
    acknowledged.filter((name) => !names.has(name)),
    [],
    'every acknowledged claim is there',
  );
  assertOneToOne(claims, volumes);
  const directories = readdirSync(larder.export).filter((name) => name.startsWith('glusterfs_'));
  const paths = volumes.map((volume) => volume.spec.nfs?.path.slice('/storage/v/'.length));
  assert.deepEqual(directories.sort(), paths.sort(), 'each directory has its volume, each volume its directory');
});

function assertOneToOne(claims: readonly PersistentVolumeClaim[], volumes: readonly PersistentVolume[]): void {
  const byClaim = new Map(volumes.map((volume) => [volume.spec.claimRef?.uid, volume.metadata.name]));
  assert.equal(volumes.length, claims.length);
  assert.equal(byClaim.size, claims.length);
  for (const claim of claims) assert.equal(byClaim.get(claim.metadata.uid), claim.spec.volumeName);
}

async function phases(client: Client): Promise<Map<string, number>> {
  const { items } = await client.list(kinds.PersistentVolumeClaim);
  const count = new Map<string, number>();
  for (const { status } of items) count.set(status?.phase ?? '', (count.get(status?.phase ?? '') ?? 0) + 1);
  return count;
}

interface Burst {
  readonly waiting: string[];
  readonly acknowledged: string[];
}

/** Takes names until none is left or the server is gone; a name whose answer never came goes back, as a user would retry. */
async function writer(client: Client, { waiting, acknowledged }: Burst, signal: AbortSignal): Promise<void> {
  for (let name = waiting.pop(); name !== undefined && !signal.aborted; name = waiting.pop()) {
    try {
      await applyClaim(client, {
        name,
        size: '1Mi',
        storageClass: 'glusterfs-nfs',
        annotations: { 'volume-name': name },
      });
      acknowledged.push(name);
    } catch (failure) {
      if (isKubeError(failure, 'KUBE_ALREADY_EXISTS')) {
        acknowledged.push(name);
        continue;
      }
      waiting.push(name);
      return;
    }
  }
}
