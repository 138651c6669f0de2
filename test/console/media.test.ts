/** The console where it is looked at otherwise: with more contrast, on paper, on a very wide screen, and in its own dialogs. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { eventually, type Larder } from '../e2e/larder.ts';
import { makeVolume, startSite, visit } from './browser.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium();
let larder: Larder;

before(async () => {
  if (!ready) return;
  larder = await startSite(atEnd);
  await makeVolume(larder, 'first', { 'pvc-chonker.io/max-size': '1Gi' });
});

const screens = [
  ['/', '.numbers'],
  ['/volumes', 'tr:has-text("first")'],
  ['/volumes/default/first', '.bar-end'],
  ['/exports?audit=1', '.strip'],
] as const;

test('with more contrast the rules of accessibility are kept, and lines are as strong as text', options, async () => {
  const { page, context, open } = await visit(browser(), larder, { contrast: 'more' });
  for (const [path, sign] of screens) {
    await open(path);
    await page.waitForSelector(sign);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], `${path}, ${colorScheme}`);
    }
  }
  const [line, text]: readonly string[] = await page.evaluate(
    "[...document.querySelectorAll('.list tbody th')].slice(0, 1).flatMap((each) => [getComputedStyle(each).borderBottomColor, getComputedStyle(document.body).color])",
  );
  assert.equal(line, text);
  await context.close();
});

test('on paper there is what is shown, dark on white, and nothing to press', options, async () => {
  const { page, context, open } = await visit(browser(), larder, { colorScheme: 'dark' });
  for (const [path, sign] of screens) {
    await open(path);
    await page.waitForSelector(sign);
    await page.emulateMedia({ media: 'print' });
    for (const place of ['.rail', '.top button', '.actions', '.copy', '.menu', '.chips']) {
      const seen = await page.locator(`${place}:visible`).count();
      assert.equal(seen, 0, `${place} of ${path}`);
    }
    assert.equal(await page.locator(sign).first().isVisible(), true);
    assert.equal(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(26, 29, 27)');
    await page.emulateMedia({ media: 'screen' });
  }
  await context.close();
});

test('on a very wide screen the tables fill it, and nothing is beyond its edge', options, async () => {
  const { page, context, open } = await visit(browser(), larder, { viewport: { width: 3840, height: 2160 } });
  for (const [path, sign] of screens) {
    await open(path);
    await page.waitForSelector(sign);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 3840, path);
  }
  await open('/volumes');
  const box = await page.locator('.scroll.table').boundingBox();
  assert.ok(box && box.width > 3_500 && box.height > 1_900, JSON.stringify(box));
  await context.close();
});

test('the dialogs of exports and trash, the YAML and the menu keep the rules of accessibility', options, async () => {
  const client = await makeVolume(larder, 'gone');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'gone' });
  await eventually('the directory to be in the trash', async () =>
    readdirSync(larder.export).some((name) => name.includes('gone')) ? undefined : true,
  );
  mkdirSync(join(larder.export, 'glusterfs_left_data'));
  const { page, context, complaints, open } = await visit(browser(), larder);
  const look = async (what: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], `${what}, ${colorScheme}`);
    }
  };
  await open('/trash');
  await page.click('text=Restore as');
  await page.waitForSelector('.dry-run >> text=would be');
  await look('restore');
  await page.click('dialog >> text=Cancel');
  await page.click('text=Make room');
  await page.selectOption('dialog select', 'trash');
  await page.waitForSelector('.plan tr');
  await look('make room');
  await open('/exports');
  await page.click('text=Adopt directories');
  await page.waitForSelector('.plan tr');
  await look('adopt');
  await open('/volumes');
  await page.click('summary:has-text("View")');
  await look('the menu');
  await open('/volumes/default/first');
  await page.click('summary:has-text("PersistentVolumeClaim")');
  await page.click('summary:has-text("managedFields")');
  await look('YAML');
  assert.deepEqual(complaints, []);
  await context.close();
});
