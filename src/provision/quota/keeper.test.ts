import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createExport } from '../export/export.ts';
import type { ExportDescription, Storage } from '../storage.ts';
import { claimDraft, classDraft, startWorld, volumeOf } from '../world.fixture.ts';

const GIB = 1n << 30n;

test('a limit that is too small is set again at once, one that is too large when it still is after a while', {
  timeout: 30_000,
}, async (t) => {
  let project = 0;
  let limitBytes = 0n;
  const set: bigint[] = [];
  const limiting = (description: ExportDescription): Storage => ({
    ...createExport({ clock: systemClock, random: systemRandom, log: silentLog, description, allowLocal: true }),
    quota: {
      support: async () => ({ kind: 'supported', backend: 'xfs' }),
      limit: async ({ id, bytes }) => {
        project = id;
        limitBytes = bytes;
        set.push(bytes);
        return { kind: 'limited', id, remaining: false };
      },
      lift: async () => ({ kind: 'lifted' }),
      report: async () => {
        const entry = { id: project, path: '', usedBytes: 0n, limitBytes, inodes: 1n };
        return { kind: 'quotas', backend: 'xfs', entries: [entry] };
      },
    },
  });
  const world = await startWorld(t, { storages: limiting });
  await world.client.create(kinds.StorageClass, classDraft('limited', { quota: 'enforce' }));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('data', 'limited'));
  await world.until(() => volumeOf(world, 'default/data'));
  await world.settle();
  assert.deepEqual(set.splice(0), [GIB], 'before the volume was saved');
  limitBytes = GIB / 2n; // by hand
  await world.clock.advance(31_000);
  await world.until(() => set.length > 0);
  assert.deepEqual(set.splice(0), [GIB]);
  limitBytes = 2n * GIB; // that of a growth which is under way, as far as anybody knows
  await world.clock.advance(30_500);
  await world.settle();
  assert.deepEqual(set.splice(0), []);
  await world.clock.advance(30_500);
  await world.until(() => set.length > 0);
  assert.deepEqual(set, [GIB]);
});
