import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createExport } from '../export/export.ts';
import type { ExportDescription, Storage } from '../storage.ts';
import { claimDraft, classDraft, startWorld, volumeOf, type World } from '../world.fixture.ts';
import type { CleanRequest } from './clean.ts';

const TIMEOUT = { timeout: 60_000 };
const EVERYTHING = { kind: 'quantity', bytes: 2n ** 62n } as const;
const signal = new AbortController().signal;
const everywhere = (entries: readonly string[]) => ({ entries, exports: undefined });

/** An export whose free space a test sets; each removal frees 1,000 bytes. */
interface Pressure {
  freeBytes: bigint;
}

const pressed =
  (pressure: Pressure) =>
  (description: ExportDescription): Storage => {
    const real = createExport({
      description,
      allowLocal: true,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
    return {
      ...real,
      async space(gone) {
        const space = await real.space(gone);
        return space.kind === 'space' ? { ...space, freeBytes: pressure.freeBytes, totalBytes: 1_000_000n } : space;
      },
      async purge(request, gone) {
        const result = await real.purge(request, gone);
        if (result.kind === 'purged' && !result.remaining) pressure.freeBytes += 1_000n;
        return result;
      },
    };
  };

interface Ends {
  readonly trash: string;
  readonly archive: string;
}

const classesOf = ({ trash, archive }: Ends): Readonly<Record<string, Record<string, string>>> => ({
  trashed: { onDelete: 'delete', trashRetention: trash },
  archived: { archiveRetention: archive },
  kept: {},
});

/** Four deleted claims, a day apart: two in the trash, an archive with an end and one without; and a living one. */
interface Setting {
  readonly pressure?: Pressure;
  readonly cleaning?: CleanRequest;
  readonly ends?: Ends;
}

async function worldOf(t: TestContext, options: Setting = {}): Promise<World> {
  const world = await startWorld(t, {
    ...(options.cleaning ? { cleaning: options.cleaning } : {}),
    ...(options.pressure ? { storages: pressed(options.pressure) } : {}),
  });
  for (const [name, parameters] of Object.entries(classesOf(options.ends ?? { trash: '7d', archive: '30d' }))) {
    const draft = classDraft(name, { pathPattern: '${.PVC.name}', ...parameters }, { reclaimPolicy: 'Delete' });
    await world.client.create(kinds.StorageClass, draft);
  }
  for (const [name, className] of [
    ['kept', 'kept'],
    ['filed', 'archived'],
    ['first', 'trashed'],
    ['second', 'trashed'],
  ] as const) {
    await bound(world, name, className);
    writeFileSync(join(world.folder, name, 'file'), 'x'.repeat(20_000));
    await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
    await world.until(() => !existsSync(join(world.folder, name)));
    await world.settle();
    await world.clock.advance(60_000);
  }
  await bound(world, 'living', 'trashed');
  return world;
}

async function bound(world: World, name: string, className: string): Promise<void> {
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft(name, className));
  await world.until(() => volumeOf(world, `default/${name}`));
}

const claimsLeft = async ({ provision }: World): Promise<readonly string[]> =>
  (await provision.volumes.trash()).entries.map(({ claim }) => claim).sort();

const trashed = ({ folder }: World): readonly string[] => readdirSync(join(folder, '.larder', 'trash'));

async function planned(world: World, request: CleanRequest): Promise<readonly string[]> {
  const [plan] = (await world.provision.cleaner.plan(request, signal)).plans;
  return (
    plan?.judged.map(({ candidate, verdict }) => `${verdict.kind} ${candidate.entry.claim}: ${verdict.reason}`) ?? []
  );
}

const ALL = ['default/filed', 'default/first', 'default/kept', 'default/second'];

test('a plan says what may go and what stays, weighs what goes, and changes nothing', TIMEOUT, async (t) => {
  const world = await worldOf(t);
  assert.deepEqual(await planned(world, { early: 'none', room: undefined }), [
    'keep default/kept: no-end',
    'keep default/filed: not-ended',
    'keep default/first: not-ended',
    'keep default/second: not-ended',
  ]);
  assert.deepEqual(await planned(world, { early: 'all', room: EVERYTHING }), [
    'remove default/first: early',
    'remove default/second: early',
    'remove default/filed: early',
    'keep default/kept: no-end',
  ]);
  const one = { early: 'all', room: { kind: 'quantity', bytes: 1n } } as const;
  const [plan] = (await world.provision.cleaner.plan(one, signal)).plans;
  assert.equal(plan?.neededBytes, 0n);
  assert.ok(plan?.judged.every(({ verdict }) => verdict.kind === 'keep'));
  const [whole] = (await world.provision.cleaner.plan({ early: 'trash', room: undefined }, signal)).plans;
  const weights = whole?.judged.map(({ candidate }) => candidate.bytes) ?? [];
  assert.ok(weights.slice(0, 2).every((bytes) => bytes !== undefined && bytes >= 20_000n));
  assert.deepEqual(weights.slice(2), [undefined, undefined]);
  assert.deepEqual(await claimsLeft(world), ALL);
});

test(
  'steps remove what was named and may still go, one after the other, and say so on the claim',
  TIMEOUT,
  async (t) => {
    const world = await worldOf(t);
    const { cleaner } = world.provision;
    const entries = (await world.provision.volumes.trash()).entries.map(({ entry }) => entry);
    const request = { early: 'trash', room: EVERYTHING } as const;
    assert.deepEqual(await cleaner.step({ ...request, ...everywhere(['archived-living', 'nonsense']) }, signal), {
      kind: 'nothing',
    });
    for (const claim of ['default/first', 'default/second']) {
      const step = await cleaner.step({ ...request, ...everywhere(entries) }, signal);
      assert.ok(step.kind === 'removed');
      assert.deepEqual([step.entry.claim, step.remaining], [claim, false]);
    }
    assert.deepEqual(await cleaner.step({ ...request, ...everywhere(entries) }, signal), { kind: 'nothing' });
    assert.deepEqual(await claimsLeft(world), ['default/filed', 'default/kept']);
    assert.ok(existsSync(join(world.folder, 'living')));
    const [event = ''] = (await world.events('first')).filter((text) => text.startsWith('VolumeCleaned'));
    assert.match(
      event,
      /^VolumeCleaned: \S+ on 127\.0\.0\.1:\/storage\/v was removed to make room, before its retention ended/,
    );
    assert.match(await world.metrics.expose(), /larder_trash_removed_total\{[^}]*kind="trash",reason="early"\} 2/);
  },
);

test('who does not lead removes nothing', TIMEOUT, async (t) => {
  const world = await worldOf(t);
  world.fence = false;
  const entries = (await world.provision.volumes.trash()).entries.map(({ entry }) => entry);
  await assert.rejects(
    world.provision.cleaner.step({ early: 'all', room: undefined, ...everywhere(entries) }, signal),
    {
      code: 'LARDER_CLEAN_REFUSED',
    },
  );
  assert.deepEqual(await claimsLeft(world), ALL);
});

test(
  'an export with too little room gets some by itself: no more than it needs, the oldest first',
  TIMEOUT,
  async (t) => {
    const pressure = { freeBytes: 200_000n };
    const cleaning = { early: 'all', room: { kind: 'percentage', ratio: 0.1 } } as const;
    const world = await worldOf(t, { pressure, cleaning });
    await world.clock.advance(120_000);
    await world.settle();
    assert.deepEqual(await claimsLeft(world), ALL, 'there is room');
    pressure.freeBytes = 98_900n;
    await world.clock.advance(61_000);
    await world.until(() => pressure.freeBytes > 100_000n);
    await world.settle();
    assert.deepEqual(await claimsLeft(world), ['default/filed', 'default/kept']);
    pressure.freeBytes = 0n;
    await world.clock.advance(61_000);
    await world.until(() => pressure.freeBytes > 0n);
    await world.clock.advance(300_000);
    await world.settle();
    assert.deepEqual(await claimsLeft(world), ['default/kept'], 'what has no end stays, however full it is');
    assert.ok(existsSync(join(world.folder, 'living')));
  },
);

test('without being asked nothing goes before its time, however full the export is', TIMEOUT, async (t) => {
  for (const cleaning of [undefined, { early: 'none', room: EVERYTHING } as const]) {
    const world = await worldOf(t, { pressure: { freeBytes: 0n }, ...(cleaning ? { cleaning } : {}) });
    await world.clock.advance(3_600_000);
    await world.settle();
    assert.deepEqual(await claimsLeft(world), ALL);
    await world.stop();
  }
});

test('an archive goes when its retention has ended, and one without a retention never', TIMEOUT, async (t) => {
  const world = await worldOf(t, { ends: { trash: '30m', archive: '90m' } });
  mkdirSync(join(world.folder, 'archived-by-hand'));
  await world.clock.advance(31 * 60_000);
  await world.until(() => trashed(world).length === 0);
  assert.deepEqual(await claimsLeft(world), ['default/filed', 'default/kept']);
  await world.clock.advance(60 * 60_000);
  await world.until(() => !existsSync(join(world.folder, 'archived-filed')));
  await world.clock.advance(3 * 60 * 60_000);
  await world.settle();
  assert.deepEqual(await claimsLeft(world), ['default/kept']);
  assert.deepEqual(
    readdirSync(world.folder)
      .filter((name) => name.startsWith('archived-'))
      .sort(),
    ['archived-by-hand', 'archived-kept'],
  );
  assert.match(await world.metrics.expose(), /larder_trash_removed_total\{[^}]*kind="archive",reason="ended"\} 1/);
});
