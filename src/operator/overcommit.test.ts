import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Space, Storage } from '../provision/storage.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { overcommitOf, publishSpace } from './overcommit.ts';
import { metrics as declared } from './registry.ts';

const GIB = 1024n ** 3n;

test('the ratio is what is requested by what there is', () => {
  assert.equal(overcommitOf(0n, GIB), 0);
  assert.equal(overcommitOf(GIB, GIB), 1);
  assert.equal(overcommitOf(5n * GIB, 2n * GIB), 2.5);
  assert.equal(overcommitOf(1n << 70n, 1n << 60n), 1024);
  assert.equal(overcommitOf(GIB, 0n), undefined);
});

test('figures of an export that is down leave, what is requested of it stays', async () => {
  const registry = new MetricsRegistry();
  const metrics = registry.register(declared);
  const description = { backend: 'nfs', server: 'nas', path: '/v', root: '/mnt' } as const;
  const storage: Pick<Storage, 'description'> = { description };
  const space: Space = { kind: 'space', totalBytes: GIB, freeBytes: 3n, totalInodes: 0n, freeInodes: 0n };
  const tally = { requested: () => 2n * GIB };
  publishSpace(metrics, tally, storage, space);
  const lines = async (): Promise<readonly string[]> =>
    (await registry.expose()).split('\n').filter((line) => line.startsWith('larder_export_'));
  assert.deepEqual(await lines(), [
    'larder_export_capacity_bytes{export="nas:/v"} 1073741824',
    'larder_export_free_bytes{export="nas:/v"} 3',
    'larder_export_requested_bytes{export="nas:/v"} 2147483648',
    'larder_export_overcommit_ratio{export="nas:/v"} 2',
  ]);
  publishSpace(metrics, tally, storage, undefined);
  assert.deepEqual(await lines(), ['larder_export_requested_bytes{export="nas:/v"} 2147483648']);
});
