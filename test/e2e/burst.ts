/** Many claims at once, one directory for many, and kill -9 in the middle of it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import {
  type Client,
  isKubeError,
  kinds,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../../src/kube/index.ts';
import { applyClaim, type ClaimSpec, eventsOf } from './claims.ts';
import { eventually } from './larder.ts';
import type { Journey, Place } from './site.ts';

const REFUSED = 'directory glusterfs_shared already belongs to';

export const burst = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name}, of 200 claims at once, 50 share one directory, another namespace is refused it, and no volume is made twice`,
    run: (t) => crowd(t, place),
  },
  {
    name: `on ${place.name}, of two namespaces that claim one new directory at the same moment, exactly one gets it`,
    run: (t) => race(t, place),
  },
  {
    name: `on ${place.name}, kill -9 again and again during a burst of 500 claims loses, orphans and doubles nothing`,
    run: (t) => kills(t, place),
  },
];

async function crowd(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const { client } = site;
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
  await eventually('199 claims to be Bound', async () => (await boundCount(client)) === 199 || undefined);
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
  assert.equal(readdirSync(site.export).filter((name) => name.startsWith('glusterfs_')).length, 150);
}

async function race(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const { client } = site;
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
    return (await boundCount(client)) === 10 && refused.includes(10) && refused.includes(0) ? true : undefined;
  });
  const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
  const winners = new Set(
    claims.filter((claim) => claim.status?.phase === 'Bound').map((claim) => claim.metadata.namespace),
  );
  assert.equal(winners.size, 1);
}

const KILLS = 5;
/** Claims accepted before each kill, and as many more while it happens. */
const PER_KILL = 40;

async function kills(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const acknowledged: string[] = [];
  const waiting = Array.from({ length: 500 }, (_, index) => `claim-${index}`);
  for (let round = 0; waiting.length > 0; round += 1) {
    const begun = acknowledged.length;
    const last = round >= KILLS;
    // Where only the operator is killed the writers would otherwise be done before it is back.
    const more = (): boolean => last || acknowledged.length < begun + 2 * PER_KILL;
    const writers = Array.from({ length: 16 }, () => writer(site.client, { waiting, acknowledged }, more));
    if (!last) {
      await eventually('some claims to be accepted', async () => acknowledged.length >= begun + PER_KILL || undefined);
      await site.crash();
    }
    await Promise.all(writers);
  }
  assert.ok(acknowledged.length > PER_KILL * KILLS);
  const { client } = site;
  await eventually('all to be Bound', async () => (await boundCount(client)) === 500 || undefined).catch(async () => {
    assert.fail(`never Bound:\n${await describeUnbound(client)}`);
  });
  const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
  const { items: volumes } = await client.list(kinds.PersistentVolume);
  const names = new Set(claims.map((claim) => claim.metadata.name));
  assert.deepEqual(
    acknowledged.filter((name) => !names.has(name)),
    [],
    'every acknowledged claim is there',
  );
  assertOneToOne(claims, volumes);
  const directories = readdirSync(site.export).filter((name) => name.startsWith('glusterfs_'));
  const paths = volumes.map((volume) => volume.spec.nfs?.path.slice('/storage/v/'.length));
  assert.deepEqual(directories.sort(), paths.sort(), 'each directory has its volume, each volume its directory');
}

export function assertOneToOne(claims: readonly PersistentVolumeClaim[], volumes: readonly PersistentVolume[]): void {
  const byClaim = new Map(volumes.map((volume) => [volume.spec.claimRef?.uid, volume.metadata.name]));
  assert.equal(volumes.length, claims.length);
  assert.equal(byClaim.size, claims.length);
  for (const claim of claims) assert.equal(byClaim.get(claim.metadata.uid), claim.spec.volumeName);
}

export async function boundCount(client: Client): Promise<number> {
  const { items } = await client.list(kinds.PersistentVolumeClaim);
  return items.filter(({ status }) => status?.phase === 'Bound').length;
}

/** A line for each of the first claims that have no volume, with its last event. */
async function describeUnbound(client: Client): Promise<string> {
  const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
  const { items: volumes } = await client.list(kinds.PersistentVolume);
  const { items: events } = await client.list(kinds.Event);
  const unbound = claims.filter(({ status }) => status?.phase !== 'Bound');
  const lines = unbound.slice(0, 10).map(({ metadata, spec, status }) => {
    const own = volumes.filter((volume) => volume.spec.claimRef?.uid === metadata.uid);
    const said = events.filter(({ involvedObject }) => involvedObject.uid === metadata.uid).at(-1);
    const volume = own.map((each) => `${each.metadata.name} ${each.status?.phase}`).join() || 'no volume';
    return `${metadata.name} ${status?.phase} ${spec.volumeName ?? ''}: ${volume}; ${said?.reason} ${said?.message}`;
  });
  return [`${unbound.length} of ${claims.length} claims, ${volumes.length} volumes`, ...lines].join('\n');
}

export interface Burst {
  readonly waiting: string[];
  readonly acknowledged: string[];
}

/** Takes names while `more` says so, until none is left or the server is gone; a name whose answer never came goes back, as a user would retry. */
export async function writer(
  client: Client,
  { waiting, acknowledged }: Burst,
  more: () => boolean = () => true,
): Promise<void> {
  while (more()) {
    const name = waiting.pop();
    if (name === undefined) return;
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
