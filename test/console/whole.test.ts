/** What belongs to volumes, exports and the trash beside looking: their objects, their past, what can be done about space. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { eventually, type Larder } from '../e2e/larder.ts';
import { makeVolume, startSite, visit } from './browser.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium();
let larder: Larder;

before(async () => {
  if (ready) larder = await startSite(atEnd, ['--watch-interval', '5s']);
});

test('the YAML is that of the API, with managedFields folded; the maximum is a mark on the bar', options, async () => {
  const client = await makeVolume(larder, 'shown', { 'pvc-chonker.io/max-size': '1Gi', 'example.com/note': 'a: {b}' });
  const { page, context, complaints, open } = await visit(browser(), larder);
  await open('/volumes/default/shown');
  await page.waitForSelector('.bar-end');
  assert.match((await page.getAttribute('.volume-head .bar', 'aria-label')) ?? '', /and not beyond 1 Gi/);
  await page.click('summary:has-text("PersistentVolumeClaim default/shown")');
  const yaml = (await page.locator('.yaml >> nth=0').textContent()) ?? '';
  const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'shown' });
  assert.match(yaml, new RegExp(`uid: ${metadata.uid}`));
  assert.match(yaml, /example\.com\/note: "a: \{b\}"/);
  assert.doesNotMatch(yaml, /managedFields/);
  await page.click('summary:has-text("managedFields")');
  await page.waitForSelector('.yaml:has-text("manager:")');
  await page.click('summary:has-text("PersistentVolume pvc-")');
  await page.waitForSelector('.yaml:has-text("persistentVolumeReclaimPolicy")');
  assert.deepEqual(complaints, []);
  const asked = async (path: string): Promise<number> =>
    (await context.request.get(`${larder.console.origin}${path}`)).status();
  assert.equal(await asked('/api/claims/default/nobody/object'), 404);
  assert.equal(await asked('/api/claims/default/shown%2Ctype%3DWarning/events'), 400, 'a name is no selector');
  assert.equal(await asked('/api/volumes/..%2Fnamespaces/object'), 400);
  await context.close();
});

test('growth that waits for a person is approved, by the size that it waits for', options, async () => {
  const client = await makeVolume(larder, 'asking', {
    ...{ 'pvc-chonker.io/approval-above': '1Gi', 'pvc-chonker.io/threshold': '10%' },
    'pvc-chonker.io/max-size': '10Gi',
  });
  const folder = readdirSync(larder.export).find((name) => name.includes('asking')) ?? 'missing';
  writeFileSync(join(larder.export, folder, 'data'), Buffer.alloc(200 * 2 ** 20, 1));
  const { page, context, open } = await visit(browser(), larder);
  await open('/volumes/default/asking');
  await page.click('.actions >> text=Approve', { timeout: 90_000 });
  const waited = await page.inputValue('dialog input');
  assert.match(waited, /^\d+(Mi|Gi)$/);
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'asking' });
  assert.equal(metadata.annotations?.['larder.dev/approved-up-to'], waited);
  await page.click('dialog >> text=Close');
  await page.waitForSelector('.actions >> text=Approve', { state: 'detached', timeout: 90_000 });
  await context.close();
});

test(
  'a trash entry is restored under another name; room is made only after it was said what goes',
  options,
  async () => {
    const client = await makeVolume(larder, 'keep');
    await makeVolume(larder, 'drop');
    const names = readdirSync(larder.export).filter((name) => /keep|drop/.test(name));
    for (const name of names) {
      mkdirSync(join(larder.export, name, 'photos'));
      writeFileSync(join(larder.export, name, 'photos', 'one'), 'data');
    }
    for (const name of ['keep', 'drop'])
      await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });
    await eventually('both directories to be in the trash', async () =>
      names.some((name) => existsSync(join(larder.export, name))) ? undefined : true,
    );
    const { page, context, complaints, open } = await visit(browser(), larder);
    await open('/trash?q=keep');
    await page.click('tr:has-text("default/keep") >> text=Restore as');
    assert.equal(await page.locator('tr:has-text("default/drop")').count(), 0, 'the filter is in the address');
    await page.fill('dialog label:has-text("Directory") input', 'another-name');
    await page.waitForSelector('.dry-run >> text=another-name');
    await page.click('dialog .primary:enabled');
    await page.waitForSelector('.dry-run >> text=Done');
    assert.equal(existsSync(join(larder.export, 'another-name', 'photos', 'one')), true);
    await page.click('dialog >> text=Close');

    await open('/trash');
    await page.click('text=Make room');
    await page.waitForSelector('.dry-run >> text=nothing may go');
    await page.selectOption('dialog select', 'trash');
    await page.waitForSelector('.plan tr:has-text("default/drop") >> text=goes');
    const said = (await page.locator('.dry-run').textContent()) ?? '';
    assert.match(said, /1 directory goes, for ever/);
    assert.equal(await page.locator('dialog .primary').isEnabled(), false, 'what goes has to be typed');
    await page.fill('dialog label:has-text("To go on") input', 'remove 1');
    await page.click('dialog .primary:enabled');
    await page.waitForSelector('.dry-run >> text=1 of 1 removed');
    await page.click('dialog >> text=Close');
    await page.waitForSelector('text=Nothing is in the trash');
    assert.deepEqual(readdirSync(join(larder.export, '.larder', 'trash')), []);
    assert.equal(existsSync(join(larder.export, 'another-name', 'photos', 'one')), true);
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test(
  'exports tell how they answer and who uses them; directories without a volume are found and proposed',
  options,
  async () => {
    await makeVolume(larder, 'user');
    mkdirSync(join(larder.export, 'glusterfs_left_data'), { recursive: true });
    const { page, context, complaints, open } = await visit(browser(), larder);
    await open('/exports');
    await page.waitForSelector('.export-detail >> text=/answered (each of|the only look)/');
    await page.waitForSelector('.strip rect');
    await page.waitForSelector('.export-detail tr:has-text("default")');
    await page.click('text=Compare with the volumes');
    await page.waitForSelector('.findings >> text=glusterfs_left_data');
    assert.equal(new URL(page.url()).search, '?audit=1');
    await page.click('text=Adopt directories');
    await page.waitForSelector('.plan tr:has-text("glusterfs_left_data") >> text=yes');
    await page.waitForSelector('dialog .command >> text=larder volumes adopt');
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test('a view has a name: its filter, order and columns come again, also in another tab', options, async () => {
  await makeVolume(larder, 'named');
  const { page, context, open } = await visit(browser(), larder);
  await open('/volumes');
  await page.fill('[data-filter]', 'name:named');
  await page.click('summary:has-text("View")');
  await page.click('.choices label:has-text("Size")');
  await page.waitForSelector('th:has-text("Size")', { state: 'detached' });
  await page.fill('.save input', 'mine');
  await page.click('.save button');
  const other = await context.newPage();
  await other.goto(`${larder.console.origin}/volumes`);
  await other.waitForSelector('th:has-text("Size")');
  await other.click('summary:has-text("View")');
  await other.click('.saved a:has-text("mine")');
  await other.waitForSelector('th:has-text("Size")', { state: 'detached' });
  assert.equal(await other.inputValue('[data-filter]'), 'name:named');
  assert.equal(new URL(other.url()).search, '?q=name%3Anamed&hide=size');
  await context.close();
});

test('mount options that differ from those of the class are shown and brought in line', options, async () => {
  const client = await makeVolume(larder, 'mounted');
  const patch = { kind: 'merge', value: { mountOptions: ['noatime'] } } as const;
  await client.patch(kinds.StorageClass, { name: 'larder' }, patch);
  const { page, context, complaints, open } = await visit(browser(), larder);
  await open('/exports');
  await page.waitForSelector('tr:has-text("default/mounted") >> text=noatime', { timeout: 60_000 });
  await page.click('text=Bring in line');
  await page.waitForSelector('.dry-run >> text=would write');
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  await page.click('dialog >> text=Close');
  await page.waitForSelector('text=Mount options that differ', { state: 'detached' });
  const { spec } = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'mounted' });
  const volume = await client.get(kinds.PersistentVolume, { name: spec.volumeName ?? '' });
  assert.deepEqual(volume.spec.mountOptions, ['noatime']);
  assert.deepEqual(complaints, []);
  await context.close();
});
