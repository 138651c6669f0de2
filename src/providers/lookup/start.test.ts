import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** In a process of its own: the operator with look-ups off, then with those of AWS; which modules were read by then. */
const script = `
  import { registerHooks } from 'node:module';
  const seen = [];
  registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } });
  const { storageProviders } = await import('./src/operator/storage-providers.ts');
  await import('./src/operator/main.ts');
  const { resolveConfiguration } = await import('./src/expand/settings/configuration.ts');
  const { MetricsRegistry } = await import('./src/telemetry/metrics.ts');
  const { systemClock } = await import('./src/telemetry/clock.ts');
  const { pino } = await import('pino');
  const metadata = { name: 'x', uid: 'x', resourceVersion: '1' };
  const volume = {
    claim: { metadata: { ...metadata, namespace: 'd' }, spec: { resources: { requests: { storage: '1Gi' } } } },
    volume: { metadata, spec: { capacity: {}, csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-0a' } } },
    storageClass: undefined,
  };
  async function lookAt(providerConfig, until) {
    const configuration = resolveConfiguration({ flags: { providerConfig }, env: {}, file: undefined });
    const { providers, run } = storageProviders({
      client: undefined, configuration, provisionerNames: [], metrics: new MetricsRegistry(), clock: systemClock,
      log: pino({ enabled: false }),
    });
    const stop = new AbortController();
    const running = run(stop.signal);
    const { provider } = providers.detect(volume, undefined);
    const notes = async () => (await provider.getVolumeConstraints(volume)).notes ?? [];
    while (!until(await notes())) await new Promise(setImmediate);
    stop.abort();
    await running;
    return [...seen];
  }
  const keepAlive = setInterval(() => undefined, 1000);
  const off = await lookAt('', () => true);
  const on = await lookAt('aws.lookups=true', (notes) => notes.length > 0);
  clearInterval(keepAlive);
  console.log(JSON.stringify({ off, on }));
`;

const CLOUDS = /aws4fetch|fast-xml-parser|google-auth-library|gaxios|lookup\/(?:aws|gcp|azure)/;

test('nothing of a cloud is loaded while its look-ups are off, and only that cloud when they are on', () => {
  const env = { PATH: process.env['PATH'] ?? '', AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' };
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
  const answer = execFileSync(process.execPath, flags, { cwd: root, env, encoding: 'utf8' });
  const { off, on }: { readonly off: readonly string[]; readonly on: readonly string[] } = JSON.parse(answer);
  assert.ok(off.length > 100, `${off.length} modules seen`);
  assert.deepEqual(
    off.filter((url) => CLOUDS.test(url)),
    [],
  );
  const loaded = on.filter((url) => CLOUDS.test(url));
  assert.ok(loaded.some((url) => url.includes('aws4fetch')));
  assert.deepEqual(
    loaded.filter((url) => /google|gaxios|azure/.test(url)),
    [],
  );
});
