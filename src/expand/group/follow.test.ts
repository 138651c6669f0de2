/** Who is woken when groups change. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createEmbedded } from '../../embedded/cluster.ts';
import { createCache } from '../../kube/cache.ts';
import { type Client, createClient } from '../../kube/client.ts';
import { kinds } from '../../kube/kinds.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { pvcGroups } from '../api/pvc-group.ts';
import { defineKinds } from '../policy/policies.fixture.ts';
import { followGroups } from './follow.ts';
import { putGroup } from './group.fixture.ts';
import { createRoster } from './roster.ts';

const TIMEOUT = { timeout: 15_000 };

interface Following {
  readonly client: Client;
  /** Keys that were woken by what `work` wrote, as soon as there are that many; sorted. */
  wokenBy(count: number, work: () => Promise<unknown>): Promise<readonly string[]>;
}

async function startFollowing(t: TestContext, claims: Readonly<Record<string, object>>): Promise<Following> {
  const tools = { clock: systemClock, random: systemRandom, log: silentLog };
  const api = await createEmbedded(tools);
  const client = createClient({ ...tools, transport: api.transport });
  await defineKinds(client);
  for (const name of ['shop', 'blog', 'far'])
    await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const [key, metadata] of Object.entries(claims)) await makeClaim(client, key, metadata);
  const caches = {
    claims: createCache({ ...tools, client, resource: kinds.PersistentVolumeClaim }),
    classes: createCache({ ...tools, client, resource: kinds.StorageClass }),
    namespaces: createCache({ ...tools, client, resource: kinds.Namespace }),
    groups: createCache({ ...tools, client, resource: pvcGroups }),
  };
  const stop = new AbortController();
  const running = Object.values(caches).map((cache) => cache.run(stop.signal));
  await Promise.all(Object.values(caches).map((cache) => cache.synced(stop.signal)));
  let woken = new Set<string>();
  let enough = (): void => undefined;
  const end = followGroups(caches, createRoster(caches), (key) => {
    woken.add(key);
    enough();
  });
  t.after(async () => {
    end();
    stop.abort();
    await Promise.all(running);
    api.close();
  });
  return {
    client,
    async wokenBy(count, work) {
      woken = new Set();
      const all = new Promise<void>((resolve) => {
        enough = () => woken.size >= count && resolve();
      });
      await work();
      await all;
      await Promise.all(Object.values(caches).map((cache) => cache.refresh(stop.signal))); // and nobody else
      return [...woken].sort();
    },
  };
}

async function makeClaim(client: Client, key: string, metadata: object): Promise<void> {
  const [namespace = '', name = ''] = key.split('/');
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name, ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
}

test(
  'a group that is made, changed or removed wakes the claims that it may concern, and no others',
  TIMEOUT,
  async (t) => {
    const app = (name: string): object => ({ labels: { app: name } });
    const { client, wokenBy } = await startFollowing(t, {
      'shop/a': app('a'),
      'shop/b': app('b'),
      'blog/listed': {},
      'blog/other': {},
      'far/named': { annotations: { 'pvc-chonker.io/group': 'team' } },
      'far/other': {},
    });
    const members = [{ namespace: 'blog', name: 'listed' }];
    const made = await wokenBy(4, () => putGroup(client, 'shop/es', { groupName: 'team', members }));
    assert.deepEqual(made, ['blog/listed', 'far/named', 'shop/a', 'shop/b']);
    const changed = await wokenBy(4, () => putGroup(client, 'shop/es', { groupName: 'else', members: [] }));
    assert.deepEqual(changed, ['blog/listed', 'far/named', 'shop/a', 'shop/b'], 'those of before too');
    const removed = await wokenBy(2, () => client.delete(pvcGroups, { namespace: 'shop', name: 'es' }));
    assert.deepEqual(removed, ['shop/a', 'shop/b']);
  },
);

test('a group that takes a claim from another wakes those that stay in that one', TIMEOUT, async (t) => {
  const { client, wokenBy } = await startFollowing(t, { 'far/one': {}, 'far/two': {}, 'shop/mine': {} });
  const both = [
    { namespace: 'far', name: 'one' },
    { namespace: 'far', name: 'two' },
  ];
  const value = { metadata: { annotations: { 'larder.dev/allow-group-from': 'blog,shop' } } };
  await client.patch(kinds.Namespace, { name: 'far' }, { kind: 'merge', value });
  await wokenBy(2, () => putGroup(client, 'shop/team', { members: both }));
  const taken = await wokenBy(2, () => putGroup(client, 'blog/first', { members: both.slice(0, 1) }));
  assert.deepEqual(taken, ['far/one', 'far/two']);
});
