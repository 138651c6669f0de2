/**
 * Claims are created, archived and deleted in a part of an export in which hostile processes swap directories and links
 * as fast as they can: the room with its controllers, against an API in memory, and the real process of the export.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { kinds } from '../../src/kube/kinds.ts';
import {
  claimDraft,
  classDraft,
  namespaceDraft,
  startWorld,
  volumeOf,
  type World,
} from '../../src/provision/world.fixture.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { photograph } from './photograph.ts';
import { type Scene, sceneOf } from './scene.ts';

const AT_ONCE = 16;
const INNOCENTS = 20;
/** The room's time runs so much faster, so that what is tried again later is tried again soon. */
const HASTE = 20;
/** Of the room's time: then a round goes on whatever has become of its claim, or of its volume. */
const PATIENCE_MS = 20_000;
/** What is left over is soon removed for good, also while it is attacked. */
const retention = { archiveRetention: '1m', trashRetention: '1m' };
const attacked = { allowSlashInValues: 'true', adopt: 'any', deleteAdopted: 'true', minFree: '0,0', ...retention };
/** By name of the class. */
const classes: Readonly<Record<string, Record<string, string>>> = {
  archiving: { pathPattern: 'arena/${.PVC.annotations.place}', onDelete: 'archive', ...attacked },
  deleting: { pathPattern: 'arena/${.PVC.annotations.place}', onDelete: 'delete', ...attacked },
  innocent: { pathPattern: 'innocent/${.PVC.name}', onDelete: 'delete', minFree: '0,0' },
};
const PLACES = ['', 'middle/', 'inner/deep/'];

/** How often directories and links are swapped at least while claims come and go. */
export const SWAPS = 10_000;

/** So many claims, and as many more as it takes: nothing outside of the export changes, and nothing of another claim. */
export async function outlast(t: TestContext, claims: number): Promise<void> {
  const scene = sceneOf(t);
  const { root } = scene;
  const world = await startWorld(t, {
    exports: () => [{ backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root }],
  });
  try {
    await attack(t, world, scene, claims);
  } finally {
    await world.stop(); // before its folder goes
  }
}

async function attack(t: TestContext, world: World, scene: Scene, claims: number): Promise<void> {
  const { arena, outside, innocent, attackers } = scene;
  await claimForInnocents(world, scene);
  const before = { outside: photograph(outside), innocent: photograph(innocent) };
  const targets = [outside, innocent, join(outside, 'inner'), join(innocent, 'claim-0'), join(outside, 'deep')];
  for (const mode of ['swap', 'stay'] as const) await attackers.start(mode, arena, targets);
  const enough = attackers.swaps() + SWAPS;
  const outcomes = await play(world, (begun) => begun < claims || attackers.swaps() < enough);
  assert.ok(attackers.areAtWork(), 'both attacked until the end');
  await attackers.end();
  const told = [...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(', ');
  t.diagnostic(`${attackers.swaps()} swaps: ${told}`);
  assert.deepEqual(photograph(outside), before.outside);
  assert.deepEqual(photograph(innocent), before.innocent);
  for (const outcome of ['bound', 'refused', 'archiving: gone', 'deleting: gone']) {
    assert.ok((outcomes.get(outcome) ?? 0) > claims / 400, `hardly ever ${outcome}: ${told}`);
  }
  await afterwards(world, scene);
}

/** Claims of another namespace, whose directories lie in the same export and whose data nobody may touch. */
async function claimForInnocents(world: World, { innocent }: Scene): Promise<void> {
  const { client } = world;
  await client.create(kinds.Namespace, namespaceDraft('innocent'));
  for (const [name, parameters] of Object.entries(classes)) {
    await client.create(kinds.StorageClass, classDraft(name, parameters, { reclaimPolicy: 'Delete' }));
  }
  for (let index = 0; index < INNOCENTS; index += 1) {
    const name = `claim-${index}`;
    await client.create(kinds.PersistentVolumeClaim, claimDraft(name, 'innocent', { namespace: 'innocent' }));
    await world.until(() => volumeOf(world, `innocent/${name}`));
    fs.mkdirSync(join(innocent, name, 'deep'));
    fs.writeFileSync(join(innocent, name, 'deep', 'precious'), name);
  }
}

/** How often each thing came of it. */
type Outcomes = Map<string, number>;

/** Each player makes one claim after the other, and goes on when the claim's volume is gone again. */
async function play(world: World, goesOn: (begun: number) => boolean): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  let next = 0;
  let playing = AT_ONCE;
  const player = async (number: number): Promise<void> => {
    while (goesOn(next)) {
      next += 1;
      await round(world, { number, round: next, count });
    }
    playing -= 1;
  };
  const time = hurry(world, () => playing > 0);
  await Promise.all([time, ...Array.from({ length: AT_ONCE }, (_, number) => player(number))]);
  return outcomes;
}

/** The room's time, in the place of `until`. */
async function hurry({ clock }: World, isWanted: () => boolean): Promise<void> {
  for (let beforeMs = systemClock.monotonic(); isWanted(); ) {
    const nowMs = systemClock.monotonic();
    await clock.advance((nowMs - beforeMs) * HASTE);
    beforeMs = nowMs;
  }
}

interface Turn {
  readonly number: number;
  readonly round: number;
  readonly count: (outcome: string) => void;
}

async function round(world: World, { number, round, count }: Turn): Promise<void> {
  const { client, provision } = world;
  const name = `claim-${round}`;
  const key = `default/${name}`;
  const storageClass = round % 2 === 0 ? 'archiving' : 'deleting';
  const place = `${PLACES[round % PLACES.length]}victim-${number}`;
  const annotations = { place };
  await client.create(kinds.PersistentVolumeClaim, claimDraft(name, storageClass, { annotations }));
  await soon(world, () => volumeOf(world, key) !== undefined || provision.problemOf(key) !== undefined);
  const volume = volumeOf(world, key)?.metadata.name;
  count(volume ? 'bound' : provision.problemOf(key) ? 'refused' : 'late');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
  if (volume === undefined) return;
  const gone = await soon(world, () => provision.caches.volumes.get(volume) === undefined);
  count(`${storageClass}: ${gone ? 'gone' : 'kept'}`); // kept: another directory is in its place
}

/** False when it has not come true in the time of a round. */
async function soon({ clock }: World, isTrue: () => boolean): Promise<boolean> {
  const endMs = clock.monotonic() + PATIENCE_MS;
  while (!isTrue()) {
    if (clock.monotonic() >= endMs) return false;
    await new Promise<void>((next) => void setImmediate(next));
  }
  return true;
}

/** The export and its process have come through it: a claim gets its volume, and the innocent ones still have theirs. */
async function afterwards(world: World, { root }: Scene): Promise<void> {
  const [storage] = world.storages;
  assert.equal(storage?.health().kind, 'up');
  for (let index = 0; index < INNOCENTS; index += 1) assert.ok(volumeOf(world, `innocent/claim-${index}`));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('afterwards', 'innocent'));
  await world.until(() => volumeOf(world, 'default/afterwards'));
  assert.ok(fs.lstatSync(join(root, 'innocent', 'afterwards')).isDirectory());
}
