/** What a person does in the console, in a real Chromium, and what comes of it in the API and on the disk. */
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
  if (ready) larder = await startSite(atEnd);
});

test(
  'the token leaves the address at once; without it there is a form, and a wrong one is refused',
  options,
  async () => {
    const { page, context, complaints } = await visit(browser(), larder);
    assert.equal(page.url(), `${larder.console.origin}/`);
    const [cookie] = await context.cookies();
    assert.deepEqual(
      [cookie?.httpOnly, cookie?.sameSite, cookie?.value],
      [true, 'Strict', larder.console.searchParams.get('token')],
    );
    assert.deepEqual(complaints, []);

    const stranger = await (await browser().newContext()).newPage();
    await stranger.goto(`${larder.console.origin}/volumes?q=media`);
    await stranger.fill('[name=token]', 'wrong');
    await stranger.click('text=Sign in >> nth=-1');
    await stranger.waitForSelector('text=This token is not valid here');
    await stranger.goto(`${larder.console.origin}/volumes?q=media`);
    await stranger.fill('[name=token]', larder.console.searchParams.get('token') ?? '');
    await stranger.press('[name=token]', 'Enter');
    await stranger.waitForSelector('h1:has-text("Volumes"), .waiting, .empty');
    assert.equal(stranger.url(), `${larder.console.origin}/volumes?q=media`);
    await stranger.context().close();
    await context.close();
  },
);

test(
  'the names of claim and volume are copied by a button, and the bar says when it was measured',
  options,
  async () => {
    const client = await makeVolume(larder, 'named');
    const { spec } = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'named' });
    const { page, context, open } = await visit(browser(), larder);
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: larder.console.origin });
    await open('/volumes/default/named');
    for (const [what, text] of [
      ['claim', 'default/named'],
      ['volume', spec.volumeName],
    ]) {
      await page.click(`button[aria-label="Copy the name of the ${what}"]`);
      await page.waitForSelector('.copy >> text=copied');
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), text);
    }
    await page.waitForSelector('.usage[title*="measured "][title*="20"]');
    await context.close();
  },
);

test(
  'pause, resume, grow, settings: each says first what it would do, and the API has it afterwards',
  options,
  async () => {
    const client = await makeVolume(larder, 'acted', { 'pvc-chonker.io/max-size': '3Gi' });
    const claim = () => client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'acted' });
    const { page, context, complaints, open } = await visit(browser(), larder);
    await open('/volumes/default/acted');
    const act = async (button: string, verb: string, fill?: () => Promise<void>): Promise<string> => {
      await page.click(`.actions >> text=${button}`);
      await fill?.();
      const primary = page.locator('dialog .primary:enabled', { hasText: verb });
      await primary.waitFor();
      const planned = (await page.locator('.dry-run').textContent()) ?? '';
      await primary.click();
      await page.waitForSelector('.dry-run >> text=Done');
      await page.click('dialog >> text=Close');
      return planned;
    };
    assert.match(await act('Pause growth', 'Pause growth'), /Dry run: would write larder\.dev\/paused: "true"/);
    assert.equal((await claim()).metadata.annotations?.['larder.dev/paused'], 'true');
    await page.waitForSelector('.title-line >> text=paused');
    await act('Resume growth', 'Resume growth');
    assert.equal((await claim()).metadata.annotations?.['larder.dev/paused'], undefined);
    await page.waitForSelector('.title-line >> text=ok');

    const planned = await act('Edit settings', 'Save settings', () =>
      page.fill('dialog label:has-text("Grow at") input >> nth=0', '70%'),
    );
    assert.match(planned, /would write pvc-chonker\.io\/threshold: "70%"\. The claim then holds at 1 Gi \(.*< 70 %\)/);
    assert.equal((await claim()).metadata.annotations?.['pvc-chonker.io/threshold'], '70%');

    await page.waitForSelector('.title-line >> text=ok');
    const grown = await act('Grow', 'Grow to 2 Gi', () => page.fill('dialog input', '2Gi'));
    assert.match(grown, /Dry run: grows from 1 Gi to 2 Gi/);
    await eventually('the claim to have 2Gi', async () =>
      (await claim()).status?.capacity?.['storage'] === '2Gi' ? true : undefined,
    );
    await page.waitForSelector('.facts >> text=2 Gi');
    await page.waitForSelector('.timeline >> text=ExpansionRequested');
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test(
  'a gate that says no is told before anything is done, and what cannot be read is not written',
  options,
  async () => {
    const client = await makeVolume(larder, 'guarded', { 'larder.dev/paused': 'true' });
    const { page, context, open } = await visit(browser(), larder);
    await open('/volumes/default/guarded');
    await page.waitForSelector('.title-line >> text=paused');
    await page.click('.actions >> text=Grow');
    await page.waitForSelector('.dry-run >> text=Nothing would happen: paused by annotation larder.dev/paused');
    assert.equal(await page.locator('dialog .primary').isEnabled(), false);
    await page.keyboard.press('Escape');
    await page.click('.actions >> text=Edit settings');
    await page.fill('dialog label:has-text("Not again for") input', 'soon');
    await page.waitForSelector('dialog [role=alert] >> text=cooldown is "soon": it must be a duration');
    assert.equal(await page.locator('dialog .primary').isEnabled(), false);
    const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'guarded' });
    assert.equal(metadata.annotations?.['pvc-chonker.io/cooldown'], '1s');
    await context.close();
  },
);

test('what was deleted is in the trash, and comes back with all that was in it', options, async () => {
  const client = await makeVolume(larder, 'precious');
  const { page, context, open } = await visit(browser(), larder);
  const folder = readdirSync(larder.export).find((name) => name.includes('precious')) ?? 'missing';
  mkdirSync(join(larder.export, folder, 'photos'));
  writeFileSync(join(larder.export, folder, 'photos', 'one'), 'data');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'precious' });
  await eventually('the directory to be in the trash', async () =>
    existsSync(join(larder.export, folder)) ? undefined : true,
  );
  await open('/trash');
  await page.waitForSelector('tr:has-text("default/precious") >> text=/kept until .*20\\d\\d/');
  await page.click('tr:has-text("default/precious") >> text=Bring back');
  await page.waitForSelector('.dry-run >> text=would be at');
  assert.equal(existsSync(join(larder.export, folder)), false, 'a dry run moves nothing');
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  assert.equal(existsSync(join(larder.export, folder, 'photos', 'one')), true);
  await page.click('dialog >> text=Close');
  await page.waitForSelector('tr:has-text("default/precious")', { state: 'detached' });
  await context.close();
});

test('a filter and an order are in the address: reload, back and forward bring them again', options, async () => {
  await Promise.all([makeVolume(larder, 'alpha-data'), makeVolume(larder, 'beta-data')]);
  const { page, context, open } = await visit(browser(), larder);
  await open('/volumes');
  await page.waitForSelector('tr:has-text("alpha-data")');
  await page.fill('[data-filter]', 'name:beta');
  await page.waitForSelector('tr:has-text("alpha-data")', { state: 'detached' });
  await page.click('th button:has-text("Size")');
  assert.equal(new URL(page.url()).search, '?q=name%3Abeta&sort=-size');
  await page.reload();
  await page.waitForSelector('tr:has-text("beta-data")');
  assert.equal(await page.inputValue('[data-filter]'), 'name:beta');
  assert.equal(await page.locator('tbody tr:has-text("alpha-data")').count(), 0);
  assert.equal(await page.getAttribute('th:has-text("Size")', 'aria-sort'), 'descending');
  await page.click('a:has-text("beta-data")');
  await page.waitForSelector('h1:has-text("beta-data")');
  await page.goBack();
  await page.waitForSelector('[data-filter]');
  assert.equal(await page.inputValue('[data-filter]'), 'name:beta');
  await page.goForward();
  await page.waitForSelector('h1:has-text("beta-data")');
  await context.close();
});

test('everything by keys: go to volumes, filter, choose, open, act, come back', options, async () => {
  await makeVolume(larder, 'by-keys');
  const { page, context } = await visit(browser(), larder);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog >> text=filter the table');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('v');
  await page.waitForSelector('tr:has-text("by-keys")');
  await page.keyboard.press('/');
  await page.keyboard.type('by-keys');
  await page.keyboard.press('Escape');
  await eventually('the filter to count', async () =>
    (await page.locator('.volumes tbody th a').count()) === 1 ? true : undefined,
  );
  await page.keyboard.press('j');
  await page.waitForSelector('tr.chosen:has-text("by-keys")');
  await page.keyboard.press('Enter');
  await page.waitForSelector('h1:has-text("by-keys")');
  await page.locator('.actions button', { hasText: 'Pause growth' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('dialog .primary:enabled').focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.dry-run >> text=Done');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  const focused = await page.locator(':focus').textContent();
  assert.match(focused ?? '', /growth/, 'the focus is back on the button');
  await page.keyboard.press('Escape');
  await page.waitForSelector('h1:has-text("Volumes")');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('setup');
  await page.keyboard.press('Enter');
  await page.waitForSelector('h1:has-text("Setup")');
  await context.close();
});
