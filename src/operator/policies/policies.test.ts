import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createEmbedded } from '../../embedded/cluster.ts';
import { resolveConfiguration } from '../../expand/settings/configuration.ts';
import type { ProviderConfig } from '../../expand/settings/provider-config.ts';
import { viewOf } from '../../expand/view.ts';
import { createClient } from '../../kube/client.ts';
import { kinds, type StorageClass } from '../../kube/kinds.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createCaches } from '../caches.ts';
import { type Policies, policiesOn } from './policies.ts';
import { claim, DAY_MS, filling, GI, partsOf, TO } from './what-if.fixture.ts';

const TIMEOUT = { timeout: 15_000 };

interface Installation {
  readonly providerConfig?: ProviderConfig;
  readonly provisionerNames?: readonly string[];
  /** Of the claim's class. */
  readonly storage: Pick<StorageClass, 'provisioner' | 'parameters'>;
}

/** An operator with one claim, `shop/full`, that filled within the last month. */
async function installed(t: TestContext, { providerConfig = {}, provisionerNames = [], storage }: Installation) {
  const clock = { ...systemClock, now: () => TO };
  const tools = { clock, random: systemRandom, log: silentLog };
  const api = await createEmbedded(tools);
  const client = createClient({ ...tools, transport: api.transport });
  const apiVersion = 'v1';
  await client.create(kinds.Namespace, { apiVersion, kind: 'Namespace', metadata: { name: 'shop' } });
  const spec = {
    accessModes: ['ReadWriteOnce'] as const,
    storageClassName: 'fast',
    resources: { requests: { storage: '10Gi' } },
  };
  const metadata = { namespace: 'shop', name: 'full' };
  await client.create(kinds.PersistentVolumeClaim, { apiVersion, kind: 'PersistentVolumeClaim', metadata, spec });
  const caches = createCaches({ ...tools, client }, []);
  const stop = new AbortController();
  const running = [caches.claims.run(stop.signal)];
  await caches.claims.synced(stop.signal);
  t.after(async () => {
    stop.abort();
    await Promise.all(running);
    api.close();
  });
  const configuration = resolveConfiguration({ flags: {}, env: {}, file: { providerConfig } });
  assert.ok(configuration.kind === 'resolved');
  const { recording, providers } = partsOf({ claims: [claim('full')], pointsOf: () => filling(1), storage });
  return policiesOn({
    ...{ client, caches, recording, clock, provisionerNames },
    expander: { surroundings: { configuration, providers, view: viewOf(caches) } },
    state: () => ({ availability: 'served', policies: [] }),
    editsOff: () => undefined,
  });
}

/** Bytes to which the claim would have grown under a policy. */
async function grownTo(policies: Policies, template: object): Promise<bigint> {
  const [at, spec] = [
    { namespace: 'shop', name: 'mine' },
    { selector: {}, template },
  ];
  const object = { apiVersion: 'pvc-chonker.io/v1alpha1', kind: 'PVCPolicy', metadata: at, spec };
  const asked = { ...at, object, sinceMs: 30 * DAY_MS, prices: {} };
  const { claims } = await policies.whatIfPolicy(asked, new AbortController().signal);
  return BigInt(claims[0]?.proposed.endBytes ?? 0);
}

test('a what-if keeps to what somebody configured about clouds', TIMEOUT, async (t) => {
  const storage = { provisioner: 'ebs.csi.aws.com', parameters: { type: 'gp3' } };
  const doubling = { increase: '100%' };
  assert.equal(await grownTo(await installed(t, { storage }), doubling), BigInt(20 * GI));
  const providerConfig = { 'aws.maxSize.gp3': '12Gi' };
  assert.equal(await grownTo(await installed(t, { storage, providerConfig }), doubling), BigInt(12 * GI));
});

test('a what-if knows the names of the provisioner of its installation', TIMEOUT, async (t) => {
  const storage = { provisioner: 'example.com/directories' };
  const provisionerNames = [storage.provisioner];
  const little = { increase: '1Mi', minScaleUp: '1Mi' };
  const ours = await grownTo(await installed(t, { storage, provisionerNames }), little);
  // A driver that nobody knows grows by whole GiB; a directory by MiB.
  assert.notEqual(ours % BigInt(GI), 0n);
  assert.equal((await grownTo(await installed(t, { storage }), little)) % BigInt(GI), 0n);
});

test('a configuration of clouds that cannot be read is refused by its key', TIMEOUT, async (t) => {
  const policies = await installed(t, { storage: { provisioner: 'x' }, providerConfig: { 'aws.nonsense': '1h' } });
  await assert.rejects(grownTo(policies, {}), /unknown key "aws\.nonsense".*accepted of aws are aws\.lookups, /);
});
