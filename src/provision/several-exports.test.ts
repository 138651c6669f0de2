/** Two exports, one of which does not answer: what the other has is told, and can be used. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds } from '../kube/kinds.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { silentLog } from '../telemetry/log.ts';
import { problem } from './directory/problem.ts';
import { createExport } from './export/export.ts';
import type { ExportDescription, Storage } from './storage.ts';
import { addressOf } from './volume.ts';
import { claimDraft, classDraft, startWorld, volumeOf, type World } from './world.fixture.ts';

const TIMEOUT = { timeout: 60_000 };
const signal = new AbortController().signal;
const NEAR = 'near:/v';
const FAR = 'far:/w';
const GONE = {
  export: FAR,
  code: 'LARDER_EXPORT_UNAVAILABLE',
  message: 'export far:/w did not answer within 5s: check the server and the mount',
};

/** Which exports give no answer, and what a question waits for before it is answered. */
interface Weather {
  readonly away: Set<string>;
  before: (address: string) => Promise<void>;
}

const under =
  (weather: Weather) =>
  (description: ExportDescription): Storage => {
    const world = { clock: systemClock, random: systemRandom, log: silentLog };
    const storage = createExport({ ...world, description, allowLocal: true });
    const address = addressOf(description);
    const asked = async <T>(ask: () => Promise<T>) => {
      await weather.before(address);
      return weather.away.has(address) ? problem('unavailable', 'did not answer within 5s') : ask();
    };
    return {
      ...storage,
      entries: (gone) => asked(() => storage.entries(gone)),
      list: (path, gone) => asked(() => storage.list(path, gone)),
      inspect: (path, gone) => asked(() => storage.inspect(path, gone)),
      space: (gone) => asked(() => storage.space(gone)),
    };
  };

interface Scene {
  readonly world: World;
  readonly weather: Weather;
  readonly folders: { readonly near: string; readonly far: string };
  /** A claim of the class, with a file, deleted again: its directory is in the trash. */
  remove(name: string, className: 'near' | 'far'): Promise<void>;
}

async function scene(t: TestContext, end: 'delete' | 'archive' = 'delete'): Promise<Scene> {
  const weather: Weather = { away: new Set(), before: () => Promise.resolve() };
  const world = await startWorld(t, {
    exports: (folder) => {
      for (const name of ['near', 'far']) mkdirSync(join(folder, name));
      return [
        { backend: 'nfs', server: 'near', path: '/v', root: join(folder, 'near') },
        { backend: 'nfs', server: 'far', path: '/w', root: join(folder, 'far') },
      ];
    },
    storages: under(weather),
  });
  const deleted = { reclaimPolicy: 'Delete' } as const;
  for (const [name, address] of [
    ['near', NEAR],
    ['far', FAR],
  ] as const) {
    const ended: Record<string, string> =
      end === 'delete'
        ? { onDelete: 'delete', pathPattern: `${name}-\${.PVC.name}` }
        : { archiveOnDelete: 'true', pathPattern: '${.PVC.name}' };
    const parameters = { ...ended, export: address };
    await world.client.create(kinds.StorageClass, classDraft(name, parameters, deleted));
  }
  const folders = { near: join(world.folder, 'near'), far: join(world.folder, 'far') };
  return {
    world,
    weather,
    folders,
    async remove(name, className) {
      await world.client.create(kinds.PersistentVolumeClaim, claimDraft(name, className));
      const volume = await world.until(() => volumeOf(world, `default/${name}`));
      const directory = join(folders[className], end === 'delete' ? `${className}-${name}` : name);
      writeFileSync(join(directory, 'file'), className);
      await world.client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
      await world.until(() => !world.provision.caches.volumes.get(volume.metadata.name) && !existsSync(directory));
      await world.until(() => !world.provision.caches.claims.get(`default/${name}`));
    },
  };
}

const claimsIn = async ({ provision }: World): Promise<readonly string[]> =>
  (await provision.volumes.trash()).entries.map(({ claim, export: address }) => `${claim} ${address}`).sort();

test('the trash names what lies on the exports that answer, and those that do not', TIMEOUT, async (t) => {
  const { world, weather, remove } = await scene(t);
  await remove('films', 'near');
  await remove('books', 'far');
  assert.deepEqual(await claimsIn(world), [`default/books ${FAR}`, `default/films ${NEAR}`]);
  weather.away.add(FAR);
  assert.deepEqual(await claimsIn(world), [`default/films ${NEAR}`]);
  assert.deepEqual((await world.provision.volumes.trash()).problems, [GONE]);
  weather.away.clear();
  assert.deepEqual((await world.provision.volumes.trash()).problems, []);
});

test(
  'what is named comes back from the export that answers; the newest only when all were asked',
  TIMEOUT,
  async (t) => {
    const { world, weather, folders, remove } = await scene(t);
    await remove('films', 'near');
    await remove('films', 'far'); // moved there by its owner: this is the newest
    await remove('books', 'far');
    const films = { namespace: 'default', name: 'films', dryRun: false };
    weather.away.add(FAR);
    const [old] = (await world.provision.volumes.trash()).entries;
    const entry = old?.entry ?? '';
    await assert.rejects(world.provision.volumes.undelete(films), {
      code: 'LARDER_EXPORT_UNAVAILABLE',
      message: new RegExp(`^${GONE.message}; it may have a newer .* default/films --entry ${entry}\` brings back$`),
    });
    const lost = { ...films, name: 'books' };
    await assert.rejects(world.provision.volumes.undelete(lost), {
      code: 'LARDER_EXPORT_UNAVAILABLE',
      message: GONE.message,
    });
    assert.deepEqual(readdirSync(folders.near), ['.larder'], 'nothing has moved');
    assert.equal((await world.provision.volumes.undelete({ ...films, entry })).restored, true);
    assert.equal(existsSync(join(folders.near, 'near-films', 'file')), true);
  },
);

test(
  'a named entry is restored from the export that answers, and one that is not found may be on the other',
  TIMEOUT,
  async (t) => {
    const { world, weather, folders, remove } = await scene(t);
    await remove('films', 'near');
    mkdirSync(join(folders.near, 'archived-old'));
    weather.away.add(FAR);
    const [entry] = (await world.provision.volumes.trash()).entries;
    const { restore } = world.provision.volumes;
    assert.equal((await restore({ entry: entry?.entry ?? '', to: 'elsewhere', dryRun: false })).restored, true);
    assert.equal(existsSync(join(folders.near, 'elsewhere', 'file')), true);
    assert.equal((await restore({ entry: 'archived-old', export: NEAR, dryRun: false })).path, '/v/old');
    const other = restore({ entry: 'archived-other', dryRun: false });
    await assert.rejects(other, { code: 'LARDER_EXPORT_UNAVAILABLE', message: GONE.message });
    const trashed = restore({ entry: `${'0'.repeat(8)}-20260101T000000.000Z`, dryRun: false });
    await assert.rejects(trashed, { code: 'LARDER_EXPORT_UNAVAILABLE', message: GONE.message });
  },
);

test(
  'an archive that an export which is away may have too is restored only where its export is named',
  TIMEOUT,
  async (t) => {
    const { world, weather, folders } = await scene(t);
    for (const folder of [folders.near, folders.far]) mkdirSync(join(folder, 'archived-old'));
    writeFileSync(join(folders.near, 'archived-old', 'near'), '');
    const { restore } = world.provision.volumes;
    weather.away.add(FAR);
    for (const dryRun of [true, false]) {
      await assert.rejects(restore({ entry: 'archived-old', dryRun }), {
        code: 'LARDER_EXPORT_UNAVAILABLE',
        message: `${GONE.message}; it may have archived-old too, and \`larder volumes restore archived-old --export ${NEAR}\` brings back what ${NEAR} has`,
      });
    }
    await assert.rejects(restore({ entry: 'archived-old', export: FAR, dryRun: false }), { message: GONE.message });
    weather.away.clear();
    await assert.rejects(restore({ entry: 'archived-old', dryRun: false }), {
      code: 'LARDER_RESTORE_REFUSED',
      message: `archived-old is on ${NEAR} and on ${FAR}: say which with --export, as \`larder volumes restore archived-old --export ${NEAR}\``,
    });
    assert.deepEqual(
      [folders.near, folders.far].map((folder) => existsSync(join(folder, 'archived-old'))),
      [true, true],
      'nothing has moved',
    );
    await assert.rejects(restore({ entry: 'archived-old', export: 'nowhere:/x', dryRun: false }), {
      code: 'LARDER_RESTORE_REFUSED',
      message: `there is no export "nowhere:/x": there is ${NEAR}, ${FAR}`,
    });
    weather.away.add(FAR);
    assert.equal((await restore({ entry: 'archived-old', export: NEAR, dryRun: false })).restored, true);
    assert.equal(existsSync(join(folders.near, 'old', 'near')), true);
    weather.away.clear();
    assert.equal((await restore({ entry: 'archived-old', dryRun: false })).export, FAR, 'the only one that is left');
  },
);

test(
  'what is an archive on one export and odd on another is restored where its export is named',
  TIMEOUT,
  async (t) => {
    const { world, folders } = await scene(t);
    mkdirSync(join(folders.near, 'archived-old'));
    writeFileSync(join(folders.far, 'archived-old'), 'no directory');
    const { restore } = world.provision.volumes;
    await assert.rejects(restore({ entry: 'archived-old', dryRun: false }), {
      code: 'LARDER_RESTORE_REFUSED',
      message: new RegExp(`^archived-old .*not a directory.*; .*--export ${NEAR}\` means the other one$`),
    });
    assert.equal((await restore({ entry: 'archived-old', export: NEAR, dryRun: false })).restored, true);
  },
);

test(
  'an archive of a claim is brought back by name only where its export is named or the only one',
  TIMEOUT,
  async (t) => {
    const { world, weather, folders, remove } = await scene(t, 'archive');
    await remove('films', 'near');
    await remove('films', 'far');
    const { volumes } = world.provision;
    const [one, other] = (await volumes.trash()).entries;
    const entry = one?.entry ?? '';
    assert.deepEqual([entry, other?.entry], ['archived-films', 'archived-films']);
    const films = { namespace: 'default', name: 'films', dryRun: false };
    const command = 'larder volumes undelete default/films --entry archived-films --export';
    await assert.rejects(volumes.undelete({ ...films, entry }), {
      code: 'LARDER_RESTORE_REFUSED',
      message: `archived-films is on ${NEAR} and on ${FAR}: say which with --export, as \`${command} ${NEAR}\``,
    });
    weather.away.add(FAR);
    const unsure = { code: 'LARDER_EXPORT_UNAVAILABLE', message: new RegExp(`\`${command} ${NEAR}\` brings back`) };
    await assert.rejects(volumes.undelete({ ...films, entry }), unsure);
    await assert.rejects(volumes.undelete(films), unsure);
    assert.equal(existsSync(join(folders.near, 'films')), false, 'nothing has moved');
    const back = await volumes.undelete({ ...films, export: NEAR });
    assert.deepEqual([back.restored, back.export], [true, NEAR]);
    assert.equal(existsSync(join(folders.near, 'films', 'file')), true);
    await assert.rejects(volumes.undelete({ ...films, export: FAR }), { message: GONE.message });
  },
);

test('an audit and a search for directories say where they could not look', TIMEOUT, async (t) => {
  const { world, weather, folders } = await scene(t);
  mkdirSync(join(folders.near, 'stray'));
  await world.client.create(kinds.PersistentVolumeClaim, claimDraft('books', 'far'));
  await world.until(() => volumeOf(world, 'default/books'));
  weather.away.add(FAR);
  const findings = await world.provision.volumes.audit();
  assert.deepEqual(
    findings.map(({ kind, export: address, path }) => `${kind} ${address} ${path}`),
    ['not-looked-at far:/w /w', 'orphaned-directory near:/v stray'],
  );
  assert.equal(findings[0]?.message, `${GONE.message}, then look again (${GONE.code})`);
  const rows = await world.provision.volumes.adopt({ match: '*', namespace: 'default', className: 'near' });
  assert.deepEqual(
    rows.map(({ export: address, directory, objection }) => [address, directory, objection]),
    [
      [FAR, '.', `was not looked at: ${GONE.message} (${GONE.code})`],
      [NEAR, 'stray', ''],
    ],
  );
});

test('room is made on the export that answers, and only where a plan has looked', TIMEOUT, async (t) => {
  const { world, weather, remove } = await scene(t);
  await remove('films', 'near');
  await remove('books', 'far');
  const [books, films] = [...(await world.provision.volumes.trash()).entries].sort((a, b) =>
    a.claim < b.claim ? -1 : 1,
  );
  const entries = [films?.entry ?? '', books?.entry ?? ''];
  const { cleaner } = world.provision;
  const request = { early: 'trash', room: undefined } as const;
  weather.away.add(FAR);
  const { plans, problems } = await cleaner.plan(request, signal);
  assert.deepEqual([plans.map((plan) => plan.export), problems], [[NEAR], [GONE]]);
  weather.away.clear();
  const step = (exports?: readonly string[]) => cleaner.step({ ...request, entries, exports }, signal);
  assert.equal((await step([NEAR])).kind, 'removed');
  assert.deepEqual(await step([NEAR]), { kind: 'nothing' }, 'no plan has shown the other');
  assert.deepEqual(await claimsIn(world), [`default/books ${FAR}`]);
  weather.away.add(FAR);
  await assert.rejects(step(), { code: 'LARDER_EXPORT_UNAVAILABLE', message: GONE.message });
});

test('no export is asked after another: one that hangs keeps nobody waiting to be asked', TIMEOUT, async (t) => {
  const { world, weather, folders } = await scene(t);
  mkdirSync(join(folders.near, 'archived-old'));
  const { volumes, cleaner } = world.provision;
  const questions: Readonly<Record<string, () => Promise<unknown>>> = {
    trash: () => volumes.trash(),
    audit: () => volumes.audit(),
    adopt: () => volumes.adopt({ match: '*', namespace: 'default', className: 'near' }),
    plan: () => cleaner.plan({ early: 'none', room: undefined }, signal),
    restore: () => volumes.restore({ entry: 'archived-old', dryRun: true }),
  };
  for (const [name, ask] of Object.entries(questions)) {
    const met = new Set<string>();
    const both = Promise.withResolvers<void>();
    // Neither answers before both were asked: questions one after the other would never end.
    weather.before = (address) => {
      met.add(address);
      if (met.size === 2) both.resolve();
      return both.promise;
    };
    await ask();
    assert.deepEqual([...met].sort(), [FAR, NEAR], name);
  }
});
