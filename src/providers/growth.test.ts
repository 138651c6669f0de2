import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { explain } from '../expand/explain.ts';
import type { Providers } from '../expand/provider.ts';
import { KEY, makeClaim, setStatus, startWorld, type World } from '../expand/world.fixture.ts';
import { kinds } from '../kube/kinds.ts';
import { createProviders } from './index.ts';

const HOUR = 3_600_000;

function worldOf(
  t: TestContext,
  provisioner: string,
  parameters: Readonly<Record<string, string>>,
  attributes?: Readonly<Record<string, string>>,
): Promise<World> {
  const read = attributes && { attributes: (name: string) => (name === 'silver' ? attributes : undefined) };
  return startWorld(t, { providers: createProviders(), storage: { provisioner, parameters }, ...read });
}
const requestOf = async (world: World) => (await world.claim()).spec.resources.requests['storage'];

test('a volume of EBS grows once in six hours, and explain says whose limit that is', async (t) => {
  const world = await worldOf(t, 'ebs.csi.aws.com', { type: 'gp2' });
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  assert.equal(await requestOf(world), '11Gi');
  await world.grant();
  await world.pass(2);
  assert.equal(await requestOf(world), '11Gi', 'still full, and cooling down');
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'CoolingDown');
  const explanation = await world.expander.explain(KEY);
  assert.ok(explanation);
  const text = explain(explanation);
  assert.match(text, /^Provider: {2}aws gp2 \(class provisioner ebs\.csi\.aws\.com; class parameter type\)$/m);
  assert.match(text, /^ {2}cooldown {10}6h {6}provider aws$/m);
  assert.match(text, /x cooldown .*the cooldown of the last expansion is not over/);
  const verdict = world.expander.decision(KEY)?.verdict;
  const last = Date.parse((await world.claim()).metadata.annotations?.['pvc-chonker.io/last-expansion'] ?? '');
  assert.deepEqual(verdict, { kind: 'CoolingDown', until: last + 6 * HOUR });
});

test('a cooldown that somebody wrote is stronger than the provider suggests, and never weaker than it allows', async (t) => {
  const world = await worldOf(t, 'ebs.csi.aws.com', {});
  await makeClaim(world, { annotations: { cooldown: '1m' } });
  world.used.set(KEY, 0.9);
  await world.pass(2);
  await world.grant();
  await world.pass(3);
  assert.equal(await requestOf(world), '11Gi');
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'CoolingDown');
});

test('the words of the driver are told with what they mean', async (t) => {
  const world = await worldOf(t, 'ebs.csi.aws.com', {});
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  const message =
    'failed to expand pvc with rpc error: code = Internal desc = api error VolumeModificationRateExceeded: wait';
  await setStatus(world.client, 'data', {
    conditions: [{ type: 'ControllerResizeError', status: 'True', message }],
  });
  await world.pass(2);
  const failed = (await world.events()).filter((event) => event.startsWith('ExpansionFailed'));
  assert.deepEqual(failed, [
    `ExpansionFailed ControllerResizeError: ${message} [modification-rate: it goes on by itself when the volume may be modified again; a larger increase needs fewer modifications]`,
  ]);
  const metrics = await world.metrics();
  assert.match(
    metrics,
    /pvc_chonker_expansion_failures_total\{pvc="data",namespace="default",reason="modification-rate"\} 1\n/,
  );
});

test('what does not grow is not asked to, and its event says why', async (t) => {
  const world = await worldOf(t, 'efs.csi.aws.com', {});
  await makeClaim(world);
  world.used.set(KEY, 0.99);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
  assert.match((await world.events())[0] ?? '', /^NotExpandable efs\.csi\.aws\.com does not grow it: EFS is elastic/);
});

test('a disk of Azure grows to the end of its tier', async (t) => {
  const world = await worldOf(t, 'disk.csi.azure.com', { skuName: 'Premium_LRS' });
  await makeClaim(world, { size: '33Gi' });
  world.used.set(KEY, 0.9);
  await world.pass(2);
  assert.equal(await requestOf(world), '64Gi');
});

test('the type of a claim that was modified is that of its VolumeAttributesClass', async (t) => {
  const world = await worldOf(t, 'ebs.csi.aws.com', { type: 'gp2' }, { type: 'io2' });
  await makeClaim(world);
  const value = { spec: { volumeAttributesClassName: 'silver' } };
  await world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name: 'data' },
    { kind: 'merge', value },
  );
  world.used.set(KEY, 0.5);
  await world.pass();
  const { volume } = (await world.expander.explain(KEY))?.constraints ?? assert.fail();
  assert.deepEqual([volume.volumeType, volume.typeFrom], ['io2', 'VolumeAttributesClass silver type']);
});

test('a size that the provider does not take is not written', async (t) => {
  const real = createProviders();
  const providers: Providers = {
    detect(volume, named) {
      const { provider, how } = real.detect(volume, named);
      return { provider: { ...provider, validateExpansion: async () => ({ kind: 'no', reason: 'not today' }) }, how };
    },
  };
  const world = await startWorld(t, { providers, storage: { provisioner: 'ebs.csi.aws.com' } });
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(3);
  assert.equal(await requestOf(world), '10Gi');
  assert.deepEqual(await world.events(), ['ExpansionFailed the storage takes no 11Gi: not today']);
});
