/** What holds growth back, where the API server itself judges: recovery from a refused size, LimitRanges, snapshots. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createExpander } from '../../src/expand/controller.ts';
import { guardKinds } from '../../src/expand/guard/guard-kinds.ts';
import { createGuardCaches } from '../../src/expand/guard/reads.ts';
import { resolveConfiguration } from '../../src/expand/settings/configuration.ts';
import type { UsageSource } from '../../src/expand/usage/source.ts';
import { podIndexes, quotaIndexes } from '../../src/expand/view.ts';
import { bytesOf, type Client, createCache, createEventRecorder, kinds } from '../../src/kube/index.ts';
import { createProviders } from '../../src/providers/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics.ts';
import { bound, clientOf, eventsOf } from './claims.ts';
import { eventually } from './larder.ts';
import { onReal } from './real.ts';
import { type Journey, planeFor } from './site.ts';

const DRIVER = 'held.example';
const journeys = (): readonly Journey[] => [
  {
    name: 'on a real control plane, refused sizes are halved but a person’s stays, and LimitRange and snapshot are heeded',
    run: heldBack,
  },
];

for (const { name, run: journey, skip } of await onReal(journeys)) {
  test(name, { skip }, journey);
}

async function heldBack(t: TestContext): Promise<void> {
  const client = await clientOf(await planeFor(t));
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: DRIVER,
    allowVolumeExpansion: true,
  });
  await defineSnapshots(client);
  await client.create(guardKinds.LimitRange, {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { namespace: 'default', name: 'small' },
    spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '25Gi' } }] },
  });
  for (const name of ['refused', 'shared', 'limited', 'snapshotted']) await makeClaim(client, name);
  await snapshot(client);
  await makeClaim(client, 'odd', { 'pvc-chonker.io/increase': 'lots' });
  run(t, client);

  await blockedBy(client, 'odd', 'InvalidConfiguration');
  const mended = { metadata: { annotations: { 'pvc-chonker.io/increase': '10Gi' } } };
  const odd = { namespace: 'default', name: 'odd' };
  await client.patch(kinds.PersistentVolumeClaim, odd, { kind: 'merge', value: mended });

  await requested(client, 'refused', '20Gi');
  await infeasible(client, 'refused', '20Gi');
  await requested(client, 'refused', '15Gi');
  await infeasible(client, 'refused', '15Gi');
  await requested(client, 'refused', '12Gi');

  await requested(client, 'shared', '20Gi');
  const value = { ...claimObject('shared'), spec: { resources: { requests: { storage: '20Gi' } } } };
  const where = { namespace: 'default', name: 'shared' };
  await client.patch(
    kinds.PersistentVolumeClaim,
    where,
    { kind: 'apply', value },
    { fieldManager: 'ada', force: true },
  );
  await infeasible(client, 'shared', '20Gi');
  await told(client, 'shared', /^ForeignWriter ada asked for 20Gi too/);

  await requested(client, 'limited', '20Gi');
  await status(client, 'limited', { capacity: { storage: '20Gi' } });
  await requested(client, 'limited', '25Gi');
  await status(client, 'limited', { capacity: { storage: '25Gi' } });
  await told(client, 'limited', /^MaxSizeReached LimitRange small, max/);

  await told(client, 'snapshotted', /^WaitsForBackup VolumeSnapshot nightly reads the claim/);
  const nightly = { namespace: 'default', name: 'nightly' };
  const ready = { status: { readyToUse: true, creationTime: new Date(systemClock.now()).toISOString() } };
  await client.patch(guardKinds.VolumeSnapshot, nightly, { kind: 'merge', value: ready });
  await requested(client, 'snapshotted', '20Gi');

  await requested(client, 'odd', '20Gi');
  await blockedBy(client, 'odd', undefined);
  assert.equal(await requestOf(client, 'refused'), '12Gi');
  assert.equal(await requestOf(client, 'shared'), '20Gi', 'what a person asked for is not lowered');
  const { items } = await client.list(kinds.Event, { namespace: 'default' });
  const refusals = items.filter(({ reason }) => reason === 'ExpansionFailed');
  assert.deepEqual(refusals, [], 'nothing was asked of the API server that it refused');
}

/** The room of growth on this API server, with every volume 98 % full. */
function run(t: TestContext, client: Client): void {
  const tools = { client, clock: systemClock, random: systemRandom, log: silentLog };
  const configuration = resolveConfiguration({
    flags: { watchInterval: '1s', defaultIncrease: '10Gi', defaultCooldown: '0' },
    env: {},
    file: undefined,
  });
  assert.ok(configuration.kind === 'resolved');
  const caches = {
    claims: createCache({ ...tools, resource: kinds.PersistentVolumeClaim }),
    volumes: createCache({ ...tools, resource: kinds.PersistentVolume }),
    classes: createCache({ ...tools, resource: kinds.StorageClass }),
    namespaces: createCache({ ...tools, resource: kinds.Namespace }),
    quotas: createCache({ ...tools, resource: kinds.ResourceQuota, indexes: quotaIndexes }),
    pods: createCache({ ...tools, resource: kinds.Pod, indexes: podIndexes }),
  };
  const full: UsageSource = {
    name: 'test',
    async collect({ subjects, deliver }) {
      for (const { key } of subjects) {
        const capacityBytes = bytesOf(caches.claims.get(key)?.status?.capacity?.['storage']) ?? 0n;
        const availableBytes = capacityBytes / 50n;
        const usedBytes = capacityBytes - availableBytes;
        const figures = { at: systemClock.now(), capacityBytes, availableBytes, usedBytes, inodes: undefined };
        const origin = { origin: 'test', place: '', everyMs: 1_000, abnormal: false };
        deliver({ kind: 'sample', key, sample: { ...figures, ...origin } });
      }
    },
  };
  const recorder = createEventRecorder({ ...tools, component: 'larder' });
  const guards = createGuardCaches(tools);
  const expander = createExpander({
    ...tools,
    recorder,
    metrics: new MetricsRegistry(),
    caches,
    guards,
    usage: full,
    providers: createProviders({ provisioners: [] }),
    configuration,
  });
  const stop = new AbortController();
  const parts = [...Object.values(caches), ...Object.values(guards), expander];
  const running = parts.map((part) => part.run(stop.signal));
  t.after(async () => {
    stop.abort();
    await Promise.all(running);
  });
}

const claimObject = (name: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { namespace: 'default', name },
});

/** A claim with a volume of a driver that nobody runs: what it would do is written here. */
async function makeClaim(client: Client, name: string, annotations: Record<string, string> = {}): Promise<void> {
  await client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pv-${name}` },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'fast',
      claimRef: { namespace: 'default', name },
      csi: { driver: DRIVER, volumeHandle: name },
    },
  });
  await client.create(kinds.PersistentVolumeClaim, {
    ...claimObject(name),
    metadata: { namespace: 'default', name, annotations: { ...annotations, 'pvc-chonker.io/enabled': 'true' } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      volumeName: `pv-${name}`,
      resources: { requests: { storage: '10Gi' } },
    },
  });
  await bound(client, 'default', name);
}

const requestOf = async (client: Client, name: string): Promise<string | undefined> =>
  (await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name })).spec.resources.requests['storage'];
const requested = (client: Client, name: string, size: string) =>
  eventually(`${name} to ask for ${size}`, async () => ((await requestOf(client, name)) === size ? true : undefined));
const told = (client: Client, name: string, words: RegExp) =>
  eventually(`${name} to say ${words}`, async () => {
    const said = (await eventsOf(client, 'default', name)).map(({ reason, message }) => `${reason} ${message}`);
    return said.find((each) => words.test(each));
  });

const blockedBy = (client: Client, name: string, reason: string | undefined) =>
  eventually(`${name} to be blocked by ${reason ?? 'nothing'}`, async () => {
    const claim = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name });
    const found = claim.status?.conditions?.find(({ type }) => type === 'larder.dev/GrowthBlocked');
    return found?.reason === reason ? true : undefined;
  });

async function status(client: Client, name: string, value: object): Promise<void> {
  const where = { namespace: 'default', name };
  const patch = { kind: 'merge', value: { status: value } } as const;
  await client.patch(kinds.PersistentVolumeClaim, where, patch, { subresource: 'status', fieldManager: 'csi-resizer' });
}

const infeasible = (client: Client, name: string, size: string): Promise<void> =>
  status(client, name, {
    allocatedResources: { storage: size },
    allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
    conditions: [{ type: 'ControllerResizeError', status: 'True', message: 'the pool is smaller' }],
  });

async function snapshot(client: Client): Promise<void> {
  await eventually(
    'the kind of snapshots to be served',
    () =>
      client
        .create(guardKinds.VolumeSnapshot, {
          apiVersion: 'snapshot.storage.k8s.io/v1',
          kind: 'VolumeSnapshot',
          metadata: { namespace: 'default', name: 'nightly' },
          spec: { source: { persistentVolumeClaimName: 'snapshotted' } },
        })
        .catch(() => undefined), // the API server takes a moment to serve a new kind
  );
}

async function defineSnapshots(client: Client): Promise<void> {
  const names = { plural: 'volumesnapshots', singular: 'volumesnapshot', kind: 'VolumeSnapshot' };
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: 'volumesnapshots.snapshot.storage.k8s.io',
      annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in of a test' },
    },
    spec: {
      group: 'snapshot.storage.k8s.io',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const headers = { 'content-type': 'application/json' };
  const response = await client.request({ method: 'POST', path, headers, body: JSON.stringify(definition) });
  assert.equal(response.status, 201, await response.text());
}
