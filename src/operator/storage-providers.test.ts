import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmbedded } from '../embedded/cluster.ts';
import { resolveConfiguration } from '../expand/settings/configuration.ts';
import { createClient } from '../kube/client.ts';
import { kinds } from '../kube/kinds.ts';
import { systemRandom } from '../telemetry/clock.ts';
import { silentLog } from '../telemetry/log.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { createAttributesReader } from './attributes.ts';
import { storageProviders } from './storage-providers.ts';

const configured = (providerConfig: string) => {
  const configuration = resolveConfiguration({ flags: { providerConfig }, env: {}, file: undefined });
  return configuration.kind === 'resolved' ? configuration : assert.fail();
};

test('the parameters of a VolumeAttributesClass are known after they were asked for, and followed', async (t) => {
  const clock = createManualClock();
  const embedded = await createEmbedded({ clock, random: systemRandom });
  t.after(() => embedded.close());
  const tools = { clock, random: systemRandom, log: silentLog };
  const client = createClient({ ...tools, transport: embedded.transport });
  await client.create(kinds.VolumeAttributesClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttributesClass',
    metadata: { name: 'silver' },
    driverName: 'ebs.csi.aws.com',
    parameters: { type: 'io2' },
  });
  const reader = createAttributesReader({ client, clock, log: silentLog });
  assert.equal(reader.parameters('silver'), undefined);
  assert.equal(reader.parameters('gold'), undefined);
  await clock.advance(0);
  assert.deepEqual(reader.parameters('silver'), { type: 'io2' });
  assert.equal(reader.parameters('gold'), undefined);
  await client.delete(kinds.VolumeAttributesClass, { name: 'silver' });
  await clock.advance(5 * 60_000);
  reader.parameters('silver');
  await clock.advance(0);
  assert.equal(reader.parameters('silver'), undefined);
});

test('providerConfig reaches the providers, and one that cannot be read stops the start', async (t) => {
  const clock = createManualClock();
  const embedded = await createEmbedded({ clock, random: systemRandom });
  t.after(() => embedded.close());
  const client = createClient({ clock, random: systemRandom, log: silentLog, transport: embedded.transport });
  const make = (text: string) =>
    storageProviders({
      client,
      configuration: configured(text),
      provisionerNames: ['larder.dev/directory'],
      metrics: new MetricsRegistry(),
      clock,
      log: silentLog,
    });
  assert.throws(() => make('aws.regoin=x'), { code: 'LARDER_CONFIGURATION', message: /did you mean "aws\.region"/ });
  const { providers, run } = make('aws.modificationInterval=2h');
  assert.deepEqual(providers.names, ['nfs', 'local', 'aws', 'gcp', 'azure', 'generic']);
  await run(new AbortController().signal);
});
