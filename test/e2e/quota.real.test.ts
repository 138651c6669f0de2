/** Limits on real XFS and ext4, from the claim to ENOSPC. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { kinds } from '../../src/kube/kinds.ts';
import { createExport } from '../../src/provision/export/export.ts';
import { createOperations } from '../../src/provision/export/operations.ts';
import { formatLine, isMalformed, parseRequest } from '../../src/provision/export/protocol.ts';
import type { ChildFactory } from '../../src/provision/export/spawn.ts';
import { projectOf } from '../../src/provision/quota/project.ts';
import type { QuotaEntry } from '../../src/provision/quota/report.ts';
import type { EnsureRequest, ExportDescription, Storage } from '../../src/provision/storage.ts';
import { addressOf } from '../../src/provision/volume.ts';
import { claimDraft, classDraft, startWorld, volumeOf, type World } from '../../src/provision/world.fixture.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { type FileSystem, isInside, type Mounted, mountNew, runInside } from './quota-kernel.ts';

const MIB = 1024n * 1024n;
const SYSTEMS: readonly FileSystem[] = ['xfs', 'ext4'];
/** How many tests there are inside; one that is skipped there is a failure here. */
const INSIDE = 13;
const FULL = /No space left|quota exceeded/i;

describe('project quotas', () => {
  it('in User-Mode Linux, where this kernel has none', { skip: isInside }, async (t) => {
    if (mountNew(t, 'xfs').kind === 'mounted') return t.diagnostic('this kernel has them: the tests below run here');
    const inside = await runInside(t);
    if (inside.kind === 'skip') return t.skip(inside.reason);
    assert.equal(inside.failed, 0, inside.output);
    assert.equal(inside.passed, INSIDE, inside.output);
  });
  for (const system of SYSTEMS) {
    it(system, (t) => {
      const mounted = mountNew(t, system);
      return mounted.kind === 'skip' ? t.skip(mounted.reason) : testsOf(t, mounted, system);
    });
  }
  it('without the mount option: refused with its name', async (t) => {
    const mounted = mountNew(t, 'xfs', 'noatime');
    if (mounted.kind === 'skip') return t.skip(mounted.reason);
    const support = await exportOn(t, mounted.root).quota.support();
    assert.ok(support.kind === 'problem' && support.problem === 'no-quota');
    assert.match(support.detail, /without the option prjquota: unmount it and mount it with prjquota/);
  });
});

async function testsOf(t: TestContext, { root }: Mounted, system: FileSystem): Promise<void> {
  await t.test('a directory holds as much as its limit says, and another as much as its own', async (t) => {
    const storage = exportOn(t, join(root, 'one'));
    const id = await limited(storage, 'a', 8n * MIB);
    await limited(storage, 'b', 2n * MIB);
    assert.equal(id, projectOf(addressOf(storage.description), 'a'));
    assert.equal(fill(join(storage.description.root, 'a'), 6), '');
    assert.match(fill(join(storage.description.root, 'b'), 6), FULL);
    const used = await entryIn(storage, id);
    assert.equal(used?.limitBytes, 8n * MIB);
    assert.ok(used.usedBytes >= 6n * MIB && used.usedBytes < 7n * MIB, `${used.usedBytes}`);
    assert.equal(used.inodes, 2n);
  });

  await t.test('a raised limit lets more in, a lifted one everything', async (t) => {
    const storage = exportOn(t, join(root, 'two'));
    const id = await limited(storage, 'a', 2n * MIB);
    const folder = join(storage.description.root, 'a');
    assert.match(fill(folder, 6), FULL);
    await limited(storage, 'a', 12n * MIB, { id, mark: false });
    assert.equal(fill(folder, 6), '');
    assert.match(fill(folder, 20), FULL);
    assert.deepEqual(await storage.quota.lift({ path: ['a'], id }), { kind: 'lifted' });
    assert.equal(fill(folder, 14), '');
  });

  await t.test('what a directory held before counts; links, and what they lead to, are left alone', async (t) => {
    const storage = exportOn(t, join(root, 'three'));
    const { root: exported } = storage.description;
    const [folder, outside] = [join(exported, 'a'), join(exported, 'outside')];
    fs.mkdirSync(join(folder, 'deep/er'), { recursive: true });
    fs.writeFileSync(outside, 'kept');
    for (const name of ['one', 'deep/two', 'deep/er/three', 'deep/er/with space']) {
      fs.writeFileSync(join(folder, name), Buffer.alloc(1024 * 1024, 'x'));
    }
    fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/deep/`), Buffer.from([0xff, 0xfe])]), 'bytes');
    fs.symlinkSync(outside, join(folder, 'link'));
    fs.symlinkSync(exported, join(folder, 'up'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const id = await limited(storage, 'a', 6n * MIB);
    const entry = await entryIn(storage, id);
    assert.ok(entry && entry.usedBytes >= 4n * MIB, `${entry?.usedBytes}`);
    assert.equal(entry.inodes, 8n, 'three directories and five files');
    assert.equal(projectIn(outside), 0);
    assert.match(fill(join(folder, 'deep/er'), 4), FULL);
  });

  if (system === 'xfs') await numbersOf(t, root); // they do not depend on the filesystem
  await t.test('from the claim: limited before it is bound, grown with it, lifted with it', (t) => journey(t, root));
}

async function numbersOf(t: TestContext, root: string): Promise<void> {
  await t.test('a number that something carries goes to no other directory, also after a restart', async (t) => {
    const storage = exportOn(t, join(root, 'four'));
    const first = await limited(storage, 'a', 2n * MIB);
    assert.equal(await limited(storage, 'b', 2n * MIB, { id: first }), first + 1);
    const again = exportOn(t, join(root, 'four'));
    assert.equal(await limited(again, 'c', 2n * MIB, { id: first }), first + 2);
    assert.equal(await limited(again, 'b', 3n * MIB, { id: first }), first + 1, 'a directory keeps its own');
  });

  await t.test('a number outside the range of Larder is not touched', async (t) => {
    const storage = exportOn(t, join(root, 'five'));
    await storage.ensure(ensured('a'));
    for (const mark of [true, false]) {
      const result = await storage.quota.limit({ path: ['a'], bytes: MIB, id: 1_048_577, mark, maxOperations: 1 });
      assert.ok(result.kind === 'problem' && result.problem === 'no-quota', JSON.stringify(result));
    }
    assert.equal((await storage.quota.lift({ path: ['a'], id: 1_048_577 })).kind, 'problem');
    assert.equal(projectIn(join(storage.description.root, 'a')), 0);
  });
}

async function journey(t: TestContext, root: string): Promise<void> {
  const description = {
    backend: 'nfs',
    server: '127.0.0.1',
    path: '/storage/journey',
    root: join(root, 'journey'),
  } as const;
  fs.mkdirSync(description.root);
  const world = await startWorld(t, { exports: () => [description], storages: serve });
  const parameters = { pathPattern: '${.PVC.name}', quota: 'enforce', onDelete: 'delete', minFree: '0' };
  await world.client.create(kinds.StorageClass, classDraft('limited', parameters, { reclaimPolicy: 'Delete' }));
  const folder = join(description.root, 'data');
  await world.client.create(kinds.PersistentVolumeClaim, claimOf('data', '4Mi'));
  const volume = await world.until(() => volumeOf(world, 'default/data'));
  const id = Number(volume.metadata.annotations?.['larder.dev/project-id']);
  assert.equal(volume.metadata.annotations?.['larder.dev/quota'], 'enforce');
  assert.equal(projectIn(folder), id);
  assert.match(fill(folder, 6), FULL);

  await request(world, '10Mi');
  await world.until(() => volumeOf(world, 'default/data')?.spec.capacity['storage'] === '10Mi');
  assert.equal(fill(folder, 6), '');

  await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'data' });
  await world.until(() => world.provision.caches.volumes.get(volume.metadata.name) === undefined);
  const [storage] = world.storages;
  assert.ok(storage);
  assert.equal((await entryIn(storage, id))?.limitBytes, 0n);

  await world.provision.volumes.undelete({ namespace: 'default', name: 'data', dryRun: false });
  await world.client.create(kinds.PersistentVolumeClaim, claimOf('data', '4Mi'));
  await world.until(() => volumeOf(world, 'default/data'));
  const directory = { description, path: ['data'], project: id };
  await world.until(() => world.provision.meter.read(directory, 90_000, world.clock.now()).kind === 'metered');
  await world.settle();
  assert.equal((await entryIn(storage, id))?.limitBytes, 10n * MIB, 'it comes back with its limit');
}

const claimOf = (name: string, storage: string) =>
  claimDraft(name, 'limited', { spec: { resources: { requests: { storage } } } });

async function request(world: World, storage: string): Promise<void> {
  const value = { spec: { resources: { requests: { storage } } } };
  await world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name: 'data' },
    { kind: 'merge', value },
  );
}

/** A folder of a filesystem with quotas, as an export that is up for the test. */
function exportOn(t: TestContext, root: string): Storage {
  fs.mkdirSync(root, { recursive: true });
  const storage = serve({ backend: 'nfs', server: '127.0.0.1', path: `/storage/${basename(root)}`, root });
  const end = new AbortController();
  const running = storage.run(end.signal);
  t.after(async () => {
    end.abort();
    await running;
  });
  return storage;
}

const serve = (description: ExportDescription): Storage =>
  createExport({
    description,
    allowLocal: true,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    childFactory,
  });

/** The operations of an export's process in this one: where every new process takes seconds, its deadline would pass. */
const childFactory: ChildFactory = ({ onLine }) => {
  const perform = createOperations(systemClock);
  return {
    pid: 0,
    send(line) {
      const request = parseRequest(line);
      assert.ok(!isMalformed(request), line);
      void perform(request.operation).then((result) => onLine(formatLine({ id: request.id, result })));
    },
    kill: () => undefined,
  };
};

const ensured = (name: string): EnsureRequest => ({
  path: [name],
  mode: 0o777,
  uid: 0,
  gid: 0,
  adoption: 'allowed',
  existing: 'correct',
  minFreeBytes: 1n,
  minFreeInodes: 0n,
});

/** The number that the directory has then. */
async function limited(
  storage: Storage,
  name: string,
  bytes: bigint,
  more: { readonly id?: number; readonly mark?: boolean } = {},
): Promise<number> {
  const made = await storage.ensure(ensured(name));
  assert.ok(made.kind !== 'problem', JSON.stringify(made));
  const id = more.id ?? projectOf(addressOf(storage.description), name);
  const request = { path: [name], bytes, id, mark: more.mark ?? true, maxOperations: 1 };
  for (let rounds = 0; ; rounds += 1) {
    const result = await storage.quota.limit(request);
    assert.ok(result.kind === 'limited', JSON.stringify(result));
    if (!result.remaining) return result.id;
    assert.ok(rounds < 100);
  }
}

async function entryIn(storage: Storage, id: number): Promise<QuotaEntry | undefined> {
  execFileSync('sync', ['-f', storage.description.root]);
  const report = await storage.quota.report();
  assert.ok(report.kind === 'quotas', report.kind);
  return report.entries.find((entry) => entry.id === id);
}

/** Writes a file of so many MiB as an ordinary user, because ext4 does not stop root; empty: it fits. */
function fill(folder: string, mebibytes: number): string {
  fs.chmodSync(folder, 0o777);
  const dd = ['dd', 'if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1M', `count=${mebibytes}`, 'conv=fsync'];
  const { status, stderr } = spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', ...dd], {
    encoding: 'utf8',
  });
  return status === 0 ? '' : stderr;
}

function projectIn(path: string): number {
  const text = execFileSync('lsattr', ['-pd', path], { encoding: 'utf8' });
  return Number(/^\s*(\d+)/.exec(text)?.[1]);
}
