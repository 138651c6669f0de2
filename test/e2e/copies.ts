/** Claims that are copies of claims: the same steps on the embedded API and on a real control plane. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Client, kinds, type StorageClass } from '../../src/kube/index.ts';
import type { Draft } from '../../src/kube/object.ts';
import { applyClaim, bound, eventsOf } from './claims.ts';
import { eventually } from './larder.ts';
import type { Journey, Place, Site } from './site.ts';

const MIB = 1024 * 1024;

export const copies = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name} a claim with a claim as its data source becomes a copy of its directory, and says so`,
    run: (t) => copied(t, place),
  },
  {
    name: `on ${place.name} a copy that a kill -9 interrupts is never seen in part, and is made all the same`,
    run: (t) => interrupted(t, place),
  },
  {
    name: `on ${place.name} a copy that cannot be is refused with the reason, and no empty volume takes its place`,
    run: (t) => refused(t, place),
  },
];

const slow: Draft<StorageClass> = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'slow-copies' },
  provisioner: 'larder.dev/directory',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
  parameters: { export: 'local', pathPattern: 'copies/${.PVC.name}', cloneRate: '1Mi', onDelete: 'delete' },
};

async function original(site: Site, bytes: number, storageClass?: string): Promise<string> {
  await applyClaim(site.client, { name: 'original', size: '20Mi', ...(storageClass ? { storageClass } : {}) });
  const directory = directoryOf(await bound(site.client, 'default', 'original'));
  fs.mkdirSync(join(directory, 'sub'), { mode: 0o750 });
  fs.writeFileSync(join(directory, 'sub', 'data'), randomBytes(bytes), { mode: 0o640 });
  fs.linkSync(join(directory, 'sub', 'data'), join(directory, 'same'));
  fs.symlinkSync('/etc/hostname', join(directory, 'link'));
  fs.utimesSync(join(directory, 'sub', 'data'), 1_000_000, 1_000_000);
  return directory;
}

const directoryOf = ({ volume }: Awaited<ReturnType<typeof bound>>): string => volume.spec.local?.path ?? '';

async function applyCopy(client: Client, size: string, storageClass?: string): Promise<void> {
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'copy', namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteMany'],
      ...(storageClass ? { storageClassName: storageClass } : {}),
      resources: { requests: { storage: size } },
      dataSource: { kind: 'PersistentVolumeClaim', name: 'original' },
    },
  });
}

function assertCopy(directory: string, of: string): void {
  const [there, here] = [join(of, 'sub', 'data'), join(directory, 'sub', 'data')];
  assert.ok(fs.readFileSync(here).equals(fs.readFileSync(there)));
  assert.deepEqual([fs.statSync(here).mode & 0o777, fs.statSync(here).mtimeMs], [0o640, 1_000_000_000]);
  assert.equal(fs.statSync(join(directory, 'sub')).mode & 0o777, 0o750);
  assert.equal(fs.statSync(join(directory, 'same')).ino, fs.statSync(here).ino);
  assert.notEqual(fs.statSync(here).ino, fs.statSync(there).ino);
  assert.equal(fs.readlinkSync(join(directory, 'link')), '/etc/hostname');
}

const leftovers = (site: Site): readonly string[] => fs.readdirSync(join(site.export, '.larder', 'clone'));

async function copied(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  const source = await original(site, 2 * MIB);
  await applyCopy(site.client, '20Mi');
  const copy = await bound(site.client, 'default', 'copy');
  assertCopy(directoryOf(copy), source);
  assert.equal(copy.volume.metadata.annotations?.['larder.dev/cloned-from'], 'default/original');
  const completed = await eventually('the event CloneCompleted', async () =>
    (await eventsOf(site.client, 'default', 'copy')).find(({ reason }) => reason === 'CloneCompleted'),
  );
  assert.match(completed.message ?? '', /is a copy of claim default\/original: 3 files and 2 directories, /);
  await eventually('nothing to be left of the work', async () => (leftovers(site).length === 0 ? true : undefined));
  fs.writeFileSync(join(directoryOf(copy), 'sub', 'data'), 'its own');
  assert.equal(fs.statSync(join(source, 'sub', 'data')).size, 2 * MIB);
}

async function interrupted(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  await site.client.create(kinds.StorageClass, slow);
  const source = await original(site, 4 * MIB, 'slow-copies');
  await applyCopy(site.client, '20Mi', 'slow-copies');
  const growing = async (): Promise<true | undefined> =>
    (fs.existsSync(join(site.export, '.larder', 'clone')) && leftovers(site).length > 0) || undefined;
  await eventually('the copy to begin', growing);
  const target = join(site.export, 'copies', 'copy');
  assert.equal(fs.existsSync(target), false);
  await site.crash();
  const copy = await eventually('the copy to be bound', async () => {
    if (fs.existsSync(target)) assertCopy(target, source); // whenever it is there, it is whole
    const claim = await site.client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'copy' });
    return claim.status?.phase === 'Bound' ? claim : undefined;
  });
  assert.equal(copy.status?.capacity?.['storage'], '20Mi');
  assertCopy(target, source);
  await eventually('nothing to be left of the work', async () => (leftovers(site).length === 0 ? true : undefined));
}

async function refused(t: TestContext, place: Place): Promise<void> {
  const site = await place.site(t);
  await original(site, 10);
  const before = fs.readdirSync(site.export).sort();
  await applyCopy(site.client, '10Mi');
  const event = await eventually('the refusal', async () =>
    (await eventsOf(site.client, 'default', 'copy')).find(({ reason }) => reason === 'ProvisioningFailed'),
  );
  assert.equal(
    event.message,
    'error, new PVC request must be greater than or equal in size to the specified PVC data source, requested 10485760 but source is 20971520: raise the request of this claim',
  );
  assert.deepEqual(fs.readdirSync(site.export).sort(), before);
}
