/** What other expanders are known to do wrong, each as the fault that a user met. None of it happens here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../kube/kinds.ts';
import { claimOf } from './claim.ts';
import { configured, constraintsOf, GIB, MINUTE, NOW, sampleAt, situationInput } from './decide.fixture.ts';
import { decide } from './decide.ts';
import { claimObject, putGroup } from './group/group.fixture.ts';
import { defineKinds, putPolicy } from './policy/policies.fixture.ts';
import { layersOf, resolvePolicy } from './policy/policy.ts';
import { metrics } from './registry.ts';
import { configurationLayers } from './settings/configuration.ts';
import { fieldsOfAnnotations } from './settings/settings.ts';
import { subjectOf } from './situation.ts';
import { parseSummary } from './usage/summary.ts';
import { KEY, makeClaim, setStatus, startWorld, type World } from './world.fixture.ts';

const requestOf = async (world: World, name = 'data'): Promise<string | undefined> =>
  (await world.claim(name)).spec.resources.requests['storage'];
const OBSERVER = { origin: 'kubelet', place: 'node worker-1', everyMs: MINUTE } as const;
const patchesOf = (world: World): number => world.writes.filter((write) => write.startsWith('PATCH persistent')).length;
const fieldsOf = (annotations: Readonly<Record<string, string>>) => fieldsOfAnnotations(annotations);

test('enabled: "false" on the claim is overruled: by a policy, a group, or the configuration', () => {
  const on = fieldsOf({ 'pvc-chonker.io/enabled': 'true' });
  const off = fieldsOf({ 'pvc-chonker.io/enabled': 'false' });
  const layers = layersOf({
    claim: { source: { level: 'claim', label: 'annotation' }, fields: off },
    group: { source: { level: 'group', label: 'group' }, fields: on },
    policyByName: { source: { level: 'policy-by-name', label: 'policy' }, fields: on },
    namespace: { source: { level: 'namespace', label: 'namespace' }, fields: on },
    class: { source: { level: 'class', label: 'class' }, fields: on },
    configuration: configurationLayers(configured()),
  });
  const { verdict } = decide({ ...situationInput({ usedRatio: 0.99 }), resolution: resolvePolicy(layers) });
  assert.equal(verdict.kind, 'Unmanaged');
});

test('the cooldown counts only for annotations, not for a claim that a policy manages', async (t) => {
  const world = await startWorld(t);
  await defineKinds(world.client);
  await putPolicy(world.client, 'all', { selector: {}, template: { cooldown: '30m' } });
  await world.clock.advance(MINUTE);
  await makeClaim(world, { annotations: {} });
  const annotations = { 'pvc-chonker.io/enabled': null };
  const where = { namespace: 'default', name: 'data' };
  await world.client.patch(kinds.PersistentVolumeClaim, where, { kind: 'merge', value: { metadata: { annotations } } });
  world.used.set(KEY, 0.98);
  await world.pass(2);
  assert.equal(await requestOf(world), '11Gi');
  await world.grant();
  await world.pass(20);
  assert.equal(await requestOf(world), '11Gi', 'twenty minutes later it still cools down');
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'CoolingDown');
});

test('the last stretch to max-size is refused for ever, because a whole increase does not fit', () => {
  const input = situationInput({
    request: '95Gi',
    usedRatio: 0.9,
    annotations: { 'pvc-chonker.io/max-size': '100Gi' },
  });
  assert.equal(decide(input).targetBytes, 100n * GIB);
  const almost = situationInput({
    request: '99Gi',
    usedRatio: 0.9,
    annotations: { 'pvc-chonker.io/max-size': '100Gi' },
  });
  assert.equal(decide(almost).targetBytes, 100n * GIB);
});

test('a dry run counts as a success', async (t) => {
  const world = await startWorld(t, { configuration: { flags: { dryRun: 'true' } } });
  await makeClaim(world);
  world.used.set(KEY, 0.98);
  await world.pass(3);
  assert.match(await world.metrics(), /pvc_chonker_threshold_reached_total\{.*\} 1\n/);
  assert.doesNotMatch(await world.metrics(), /pvc_chonker_expansions(_requested)?_total\{/);
  assert.equal(patchesOf(world), 0);
});

test('a larger size that a person asked for, still pending, is lowered', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  const value = { spec: { resources: { requests: { storage: '50Gi' } } } };
  await world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name: 'data' },
    { kind: 'merge', value },
  );
  world.used.set(KEY, 0.99);
  await world.pass(3);
  assert.equal(await requestOf(world), '50Gi');
  // Nor when the driver refuses it: that is between the person and the driver.
  await setStatus(world.client, 'data', {
    allocatedResources: { storage: '50Gi' },
    allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
  });
  await world.pass(3);
  assert.equal(await requestOf(world), '50Gi');
  assert.equal(patchesOf(world), 0);
});

test('a filesystem without inodes is never grown, because 0 of 0 is no percentage', () => {
  const samples = [1, 0].map((back) => sampleAt(NOW - 1_000 - back * MINUTE, 0.9, { inodes: { total: 0n, used: 0n } }));
  assert.equal(decide(situationInput({ over: { samples } })).verdict.kind, 'Expand');
});

test('a series that is missing is taken for zero, so that a volume without its available bytes is 100 % used', () => {
  const summary = (fields: object): string =>
    JSON.stringify({
      pods: [
        {
          volume: [
            { name: 'v', pvcRef: { name: 'data', namespace: 'default' }, time: '2026-01-31T11:59:50Z', ...fields },
          ],
        },
      ],
    });
  const reading = (fields: object) => parseSummary(summary(fields), OBSERVER, NOW)?.get(KEY);
  assert.equal(reading({ capacityBytes: 1_000, usedBytes: 10 })?.kind, 'none');
  assert.equal(reading({ availableBytes: 10, usedBytes: 10 })?.kind, 'none');
  assert.equal(reading({ capacityBytes: 1_000, availableBytes: 990, usedBytes: 10 })?.kind, 'sample');
});

test('a directory on a shared export is judged by how full the whole export is', () => {
  const volume = kinds.PersistentVolume.project({
    metadata: { name: 'pv-0', uid: 'v', resourceVersion: '1' },
    spec: { capacity: { storage: '10Gi' }, nfs: { server: 'nas', path: '/export/data' } },
  });
  const object = { ...claimObject(KEY), spec: { ...claimObject(KEY).spec, volumeName: 'pv-0' } };
  const subject = subjectOf(claimOf(object), { volume: () => volume, podsOf: () => [] });
  assert.equal(subject.sharesFilesystem, true, 'a kubelet is not asked about it');
});

test('growth with a group passes max-size and the cooldown of the member', async (t) => {
  const world = await startWorld(t);
  await defineKinds(world.client);
  await putGroup(world.client, 'default/es', { groupName: 'es', coordinationPolicy: 'largest' });
  await world.clock.advance(MINUTE);
  await makeClaim(world, { name: 'large', size: '20Gi', annotations: { group: 'es' } });
  await makeClaim(world, { name: 'small', size: '10Gi', annotations: { group: 'es', 'max-size': '12Gi' } });
  const recently = { 'last-expansion': new Date(world.clock.now()).toISOString().replace(/\.\d+/, '') };
  await makeClaim(world, { name: 'fresh', size: '10Gi', annotations: { group: 'es', ...recently } });
  for (const name of ['large', 'small', 'fresh']) world.used.set(`default/${name}`, 0.3);
  await world.pass(4);
  assert.equal(await requestOf(world, 'small'), '12Gi');
  assert.equal(await requestOf(world, 'fresh'), '10Gi');
});

test('a status is written again and again, although nothing changed', async (t) => {
  const world = await startWorld(t);
  await defineKinds(world.client);
  await putPolicy(world.client, 'all', { selector: {} });
  await putGroup(world.client, 'default/es', { groupName: 'es' });
  await world.clock.advance(MINUTE);
  await makeClaim(world, { annotations: { group: 'es' } });
  world.used.set(KEY, 0.3);
  await world.pass(3);
  const { length } = world.writes;
  await world.pass(10);
  assert.deepEqual(world.writes.slice(length), []);
});

test('labels of metrics grow with what drivers and users write', () => {
  const bounded = new Set([
    'pvc',
    'namespace',
    'provider',
    'reason',
    'type',
    'stage',
    'verb',
    'node',
    'driver',
    'result',
    'outcome',
    'source',
  ]);
  for (const [name, { labels }] of Object.entries(metrics)) {
    for (const label of labels) assert.ok(bounded.has(label), `${name} has label ${label}`);
  }
  // What a driver says becomes a reason of the closed list, never a label of its own.
  const words = 'rpc error 4711 at 12:00:01';
  const { claim } = situationInput({ usedRatio: 0.9 });
  const conditions = [{ type: 'ControllerResizeError', status: 'True', message: words }] as const;
  const input = situationInput({
    over: { claim: { ...claim, requestBytes: 12n * GIB, conditions }, constraints: constraintsOf() },
  });
  assert.equal(decide(input).failure, 'driver-error');
});
