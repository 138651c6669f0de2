import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from '../../kube/kinds.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createExport } from '../export/export.ts';
import { spawnChild } from '../export/spawn.ts';
import type { ExportDescription, Storage } from '../storage.ts';
import { claimDraft, classDraft, refusal, startWorld, volumeOf, type World } from '../world.fixture.ts';

const PATTERN = { pathPattern: '${.PVC.name}' };
const source = { dataSource: { kind: 'PersistentVolumeClaim', name: 'original' } };

/** An API with a bound claim whose directory holds a file of that many bytes, and two more entries. */
async function withOriginal(world: World, bytes = 10, parameters: Record<string, string> = {}): Promise<void> {
  await world.client.create(kinds.StorageClass, classDraft('c', { ...PATTERN, ...parameters }));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('original', 'c'));
  await world.until(() => volumeOf(world, 'default/original'));
  fs.mkdirSync(at(world, 'original', 'sub'));
  fs.writeFileSync(at(world, 'original', 'sub', 'data'), Buffer.alloc(bytes, 'd'));
  fs.symlinkSync('sub/data', at(world, 'original', 'link'));
}

const at = (world: World, ...path: readonly string[]): string => join(world.folder, ...path);
const exists = (world: World, ...path: readonly string[]): boolean => fs.existsSync(at(world, ...path));

/** Everything under `.larder/clone`. */
const staged = (world: World): readonly string[] =>
  exists(world, '.larder', 'clone') ? fs.readdirSync(at(world, '.larder', 'clone')) : [];

const clone = (world: World, more: Parameters<typeof claimDraft>[2] = {}) =>
  world.client.create(
    kinds.PersistentVolumeClaim,
    claimDraft('copy', 'c', { ...more, spec: { ...source, ...more.spec } }),
  );

test('a claim with a claim as its data source gets a copy of its directory, says so, and leaves nothing else', async (t) => {
  const world = await startWorld(t);
  await withOriginal(world);
  fs.chmodSync(at(world, 'original'), 0o750);
  await clone(world);
  const volume = await world.until(() => volumeOf(world, 'default/copy'));
  assert.equal(fs.readFileSync(at(world, 'copy', 'sub', 'data'), 'utf8'), 'd'.repeat(10));
  assert.equal(fs.readlinkSync(at(world, 'copy', 'link')), 'sub/data');
  assert.equal(fs.statSync(at(world, 'copy')).mode & 0o7777, 0o750);
  assert.equal(volume.metadata.annotations?.['larder.dev/cloned-from'], 'default/original');
  assert.equal(volume.metadata.annotations?.['larder.dev/adopted'], undefined);
  assert.equal(volume.metadata.annotations?.['larder.dev/identity'], fs.statSync(at(world, 'copy')).ino.toString());
  const events = (await world.events('copy')).toSorted();
  assert.equal(events.length, 3);
  assert.match(
    events[0] ?? '',
    /^CloneCompleted: directory copy is a copy of claim default\/original: 2 files and 2 directories, /,
  );
  assert.match(events[1] ?? '', /^CloneInProgress: copying claim default\/original into directory copy: /);
  assert.match(events[2] ?? '', /^ProvisioningSucceeded: /);
  await world.until(() => staged(world).length === 0);
  assert.equal(fs.readFileSync(at(world, 'original', 'sub', 'data'), 'utf8'), 'd'.repeat(10));
});

test('a source that goes while its copy begins is not copied: its directory may be of another claim now', async (t) => {
  const world = await startWorld(t);
  await withOriginal(world);
  let asked = 0;
  world.intercept = ({ method, path }) => {
    if (method !== 'GET' || !path.endsWith('/persistentvolumeclaims/original')) return undefined;
    asked += 1;
    return asked === 1 ? refusal(503, 'ServiceUnavailable') : refusal(404, 'NotFound');
  };
  await clone(world);
  await world.until(() => asked >= 2);
  const events = await world.events('copy');
  assert.match(
    events.join('\n'),
    /cannot copy claim default\/original into directory copy: it was deleted when the copy began/,
  );
  assert.deepEqual([exists(world, 'copy'), volumeOf(world, 'default/copy')], [false, undefined]);
  world.intercept = undefined;
  await world.clock.advance(300_000);
  await world.until(() => volumeOf(world, 'default/copy'));
  assert.equal(exists(world, 'copy', 'sub', 'data'), true);
});

test('a clone waits for its source, says so, and goes on by itself', async (t) => {
  const world = await startWorld(t);
  await world.client.create(kinds.StorageClass, classDraft('c', PATTERN));
  await clone(world);
  await world.settle();
  assert.deepEqual(await world.events('copy'), []);
  await world.clock.advance(10_000);
  const [event = ''] = await world.events('copy');
  assert.match(event, /^ProvisioningFailed: claim default\/original, the data source, does not exist: create it, or /);
  assert.equal(exists(world, 'copy'), false);
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('original', 'c'));
  await world.until(() => volumeOf(world, 'default/copy'));
});

test('a clone is refused with the reason, and never becomes an empty volume', async (t) => {
  const world = await startWorld(t);
  await withOriginal(world);
  await clone(world, { spec: { ...source, resources: { requests: { storage: '1Mi' } } } });
  const [event = ''] = await world.events('copy');
  assert.match(event, /new PVC request must be greater than or equal in size to the specified PVC data source/);
  assert.equal(exists(world, 'copy'), false);
});

test('data in the way of a clone is left alone; once it is gone the clone is made', async (t) => {
  const world = await startWorld(t);
  await withOriginal(world, 10, { adopt: 'any' });
  fs.mkdirSync(at(world, 'copy'));
  fs.writeFileSync(at(world, 'copy', 'mine'), 'mine');
  await clone(world);
  await world.until(() => world.provision.caches.claims.get('default/copy'));
  const events = await world.events('copy');
  assert.ok(
    events.includes(
      'ProvisioningFailed: cannot copy claim default/original into directory copy: exists and is not empty, and nothing is ever copied over data: correct that, it is tried again every 5 minutes',
    ),
    events.join('\n'),
  );
  assert.deepEqual(fs.readdirSync(at(world, 'copy')), ['mine']);
  fs.rmSync(at(world, 'copy', 'mine'));
  await world.clock.advance(300_000);
  await world.until(() => volumeOf(world, 'default/copy'));
  assert.equal(exists(world, 'copy', 'sub', 'data'), true);
});

/** Three mebibytes at one a second. */
const SIZE = 3 * 1024 * 1024;

/** Starts a clone whose pace stops it after the first of its mebibytes, and waits for that. */
async function withHalfACopy(world: World, parameters: Record<string, string> = {}): Promise<void> {
  await withOriginal(world, SIZE, { cloneRate: '1Mi', ...parameters });
  await clone(world);
  await world.until(() => staged(world).length > 0);
}

const runningOf = async (world: World): Promise<string | undefined> =>
  /^larder_clones_running\{.*\} (\d+)$/m.exec(await world.metrics.expose())?.[1];

/** Lets the seconds pass that the pace of a class takes. */
async function paced(world: World, claimKey: string): Promise<void> {
  for (let second = 0; second < 60 && !volumeOf(world, claimKey); second += 1) {
    await world.settle();
    await world.clock.advance(1_000);
  }
  await world.until(() => volumeOf(world, claimKey));
}

test('a clone keeps to the pace of its class, and tells how far it is', async (t) => {
  const world = await startWorld(t);
  await withHalfACopy(world);
  assert.equal(exists(world, 'copy'), false);
  assert.equal(await runningOf(world), '1');
  await paced(world, 'default/copy');
  const told = (await world.events('copy')).filter((event) => event.startsWith('CloneInProgress'));
  assert.ok(told.length >= 3, told.join('\n'));
  assert.match(
    told.toSorted()[0] ?? '',
    /^CloneInProgress: \d+ % of claim default\/original is copied: \d+Mi of 3Mi after /,
  );
  assert.equal(fs.statSync(at(world, 'copy', 'sub', 'data')).size, SIZE);
  assert.equal(await runningOf(world), '0');
});

test('a claim deleted midway leaves no directory and nothing of its copy', async (t) => {
  const world = await startWorld(t);
  await withHalfACopy(world);
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'copy' });
  await world.until(() => staged(world).length === 0);
  assert.equal(exists(world, 'copy'), false);
  assert.equal(await runningOf(world), '0');
  assert.deepEqual(fs.readdirSync(world.folder).sort(), ['.larder', 'original']);
});

test('a source deleted midway ends the copy without a trace, and the claim says why', async (t) => {
  const world = await startWorld(t);
  await withHalfACopy(world);
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'original' });
  await world.until(() => staged(world).length === 0);
  await world.clock.advance(11_000);
  await world.settle();
  const events = await world.events('copy');
  assert.match(
    events.toSorted().at(-1) ?? '',
    /^ProvisioningFailed: claim default\/original, the data source, does not exist/,
  );
  assert.equal(exists(world, 'copy'), false);
  assert.equal(fs.statSync(at(world, 'original', 'sub', 'data')).size, SIZE);
});

test('a restart midway begins the copy again, and it ends like any other', async (t) => {
  const world = await startWorld(t);
  await withHalfACopy(world);
  const later = await world.restart();
  await paced(later, 'default/copy');
  assert.equal(fs.statSync(at(later, 'copy', 'sub', 'data')).size, SIZE);
  await later.until(() => staged(later).length === 0);
});

test('a copy that is complete is saved after a restart without being made again', async (t) => {
  const world = await startWorld(t);
  await withOriginal(world);
  world.intercept = (request) =>
    request.method === 'POST' && request.path.includes('persistentvolumes') ? refusal(503, 'Unavailable') : undefined;
  await clone(world);
  await world.until(() => exists(world, 'copy'));
  const { ino } = fs.statSync(at(world, 'copy'));
  fs.writeFileSync(at(world, 'original', 'later'), '');
  const later = await world.restart();
  const volume = await later.until(() => volumeOf(later, 'default/copy'));
  assert.equal(volume.metadata.annotations?.['larder.dev/identity'], `${ino}`);
  assert.equal(fs.statSync(at(later, 'copy')).ino, ino);
  assert.equal(exists(later, 'copy', 'later'), false);
  await later.until(() => staged(later).length === 0);
});

test('a complete copy outlives its source, and leaves by the trash when its claim goes before it is saved', async (t) => {
  const world = await startWorld(t);
  await withOriginal(world);
  world.intercept = (request) =>
    request.method === 'POST' && request.path.includes('persistentvolumes') ? refusal(503, 'Unavailable') : undefined;
  await clone(world);
  await world.until(() => exists(world, 'copy'));
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'original' });
  await world.until(() => !world.provision.caches.claims.get('default/original'));
  await world.settle();
  assert.equal(exists(world, 'copy', 'sub', 'data'), true);
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'copy' });
  await world.until(() => !exists(world, 'copy'));
  const [storage] = world.storages;
  const listed = await storage?.entries();
  assert.ok(listed?.kind === 'entries');
  assert.deepEqual(
    listed.entries.map(({ claim, path }) => [claim, path]),
    [['default/copy', ['copy']]],
  );
  await world.until(() => staged(world).length === 0);
});

test('who would share the directory of a copy waits until it is complete', async (t) => {
  const world = await startWorld(t);
  await world.client.create(kinds.StorageClass, classDraft('shared', { pathPattern: 'copy' }));
  await withHalfACopy(world);
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('guest', 'shared'));
  await world.settle();
  assert.equal(volumeOf(world, 'default/guest'), undefined);
  assert.equal(exists(world, 'copy'), false);
  await paced(world, 'default/copy');
  await paced(world, 'default/guest');
  const owner = volumeOf(world, 'default/copy');
  assert.equal(owner?.spec.nfs?.path, volumeOf(world, 'default/guest')?.spec.nfs?.path);
  assert.equal(fs.statSync(at(world, 'copy', 'sub', 'data')).size, SIZE);
});

test('six clones at once are all made, four at a time', async (t) => {
  const world = await startWorld(t);
  await withOriginal(world, SIZE, { cloneRate: '1Mi' });
  const names = ['copy-1', 'copy-2', 'copy-3', 'copy-4', 'copy-5', 'copy-6'];
  for (const name of names)
    await world.client.create(kinds.PersistentVolumeClaim, claimDraft(name, 'c', { spec: source }));
  await world.settle();
  assert.equal(await runningOf(world), '4');
  const told = (await Promise.all(names.map((name) => world.events(name)))).flat();
  const waiting = told.filter((event) => / waits for its turn: 4 copies are under way /.test(event));
  assert.equal(waiting.length, 2, told.join('\n'));
  for (const name of names) {
    await paced(world, `default/${name}`);
    assert.equal(fs.statSync(at(world, name, 'sub', 'data')).size, SIZE, name);
  }
  await world.until(() => staged(world).length === 0);
});

test('the copy of a claim that only another cluster knows is left alone until nobody has touched it for an hour', async (t) => {
  const world = await startWorld(t);
  await withOriginal(world);
  const foreign = at(world, '.larder', 'clone', 'ffff-1.t1');
  fs.mkdirSync(join(foreign, 'tree', 'deep'), { recursive: true });
  const now = world.clock.now() / 1_000;
  fs.utimesSync(foreign, now, now);
  await clone(world);
  await world.until(() => volumeOf(world, 'default/copy') && staged(world).length === 1);
  assert.equal(fs.existsSync(join(foreign, 'tree', 'deep')), true);
  await world.clock.advance(3_600_000);
  await world.clock.advance(3_600_000);
  await world.until(() => staged(world).length === 0);
});

/** As the fixture makes them, with the ids of their processes. */
const observed =
  (pids: number[]) =>
  (description: ExportDescription): Storage =>
    createExport({
      description,
      allowLocal: true,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      childFactory: (events) => {
        const child = spawnChild(silentLog)(events);
        pids.push(child.pid);
        return child;
      },
    });

test('of two exports on one folder the one that made a copy lets go of it', async (t) => {
  const pids: number[] = [];
  const world = await startWorld(t, {
    exports: (root) => [
      { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root },
      { backend: 'local', server: '', path: root, root },
    ],
    storages: observed(pids),
  });
  const held = (): readonly string[] =>
    pids
      .flatMap((pid) => fs.readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`))
      .map((link) =>
        fs.existsSync(link) || fs.lstatSync(link, { throwIfNoEntry: false }) ? fs.readlinkSync(link) : '',
      )
      .filter((path) => path.includes('.larder/clone/'));
  await withHalfACopy(world, { export: 'local' });
  await world.until(() => held().length > 0);
  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'copy' });
  await world.until(() => staged(world).length === 0 && held().length === 0);
});

test('a process of the export that is killed midway costs nothing but time', async (t) => {
  const children: number[] = [];
  const world = await startWorld(t, { storages: observed(children) });
  await withHalfACopy(world);
  const [first = 0] = children;
  process.kill(first, 'SIGKILL');
  await world.until(() => children.length > 1);
  await paced(world, 'default/copy');
  assert.equal(fs.statSync(at(world, 'copy', 'sub', 'data')).size, SIZE);
  await world.until(() => staged(world).length === 0);
});
