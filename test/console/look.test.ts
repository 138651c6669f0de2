/** Every screen, light and dark, on a desk and on a phone: rules of accessibility, nothing beyond the edge, and what the first screen weighs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { freshConsole } from '../../console/build.ts';
import { putPolicy } from '../../src/expand/policy/policies.fixture.ts';
import type { Larder } from '../e2e/larder.ts';
import { makeVolume, startSite, visit } from './browser.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium(300_000);
let larder: Larder;

before(async () => {
  if (!ready) return;
  larder = await startSite(atEnd);
  await putPolicy(await makeVolume(larder, 'first'), 'keepers', { selector: {}, template: { maxSize: '9Gi' } });
});

/** Path, and what is there when the screen is. */
const screens = [
  ['/', '.numbers'],
  ['/volumes', 'tr:has-text("first")'],
  ['/volumes/default/first', '.gates'],
  ['/policies', 'tr:has-text("keepers")'],
  ['/policies/default/keepers', '.reached tr:has-text("first")'],
  ['/policies/new', '.policy-form'],
  ['/policies/default/nobody', '.empty'],
  ['/exports', 'tr:has-text("local")'],
  ['/trash', '.empty'],
  ['/nomad', '.drop'],
  ['/changes', '.empty'],
  ['/ledger', '.empty'],
  ['/ledger/report', '.empty'],
  ['/cluster', '.matrix tbody tr'],
  ['/setup', '.findings li'],
  ['/volumes/default/nobody', '.empty'],
] as const;

test('every screen and dialog keeps the rules of accessibility, light and dark', options, async () => {
  const { page, context, complaints, open } = await visit(browser(), larder);
  const look = async (what: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], `${what}, ${colorScheme}`);
    }
  };
  for (const [path, sign] of screens) {
    await open(path);
    await page.waitForSelector(sign);
    await look(path);
  }
  await open('/volumes/default/first');
  for (const button of ['Grow', 'Edit settings']) {
    await page.click(`.actions >> text=${button}`);
    await page.waitForSelector('.dry-run p');
    await look(button);
    await page.click('dialog >> text=Cancel');
  }
  await open('/policies/default/keepers');
  await page.click('.what-if >> text=Play');
  await page.waitForSelector('.what-if .sentence');
  await page.fill('label:has-text("Not again for") input', 'soon');
  await page.waitForSelector('.problems li');
  await look('a policy with a problem');
  await page.fill('label:has-text("Not again for") input', '6h');
  await page.locator('.actions button:enabled', { hasText: 'Save' }).click();
  await page.waitForSelector('.dry-run p >> text=Dry run');
  await look('Save policy');
  await page.click('dialog >> text=Cancel');
  await page.click('text=Discard changes');
  await page.keyboard.press('Control+k');
  await page.waitForSelector('.palette');
  await look('palette');
  // A policy that is not there is asked for, and the browser tells that it is not.
  assert.deepEqual(
    complaints.filter((text) => !text.includes('404')),
    [],
  );
  await context.close();
});

/** Lists that a narrow screen shows in full. */
const readWhole: Readonly<Record<string, true>> = { '/': true, '/exports': true };

test('on a phone nothing goes beyond the edge, and what is touched is large enough', options, async () => {
  const { page, context, open } = await visit(browser(), larder, {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
  });
  for (const [path, sign] of screens) {
    await open(path);
    await page.waitForSelector(sign);
    // Folders of a test have random names: each is as wide here as one of its length can be.
    await page.evaluate(
      "for (const part of document.querySelectorAll('.path .wide-part')) part.textContent = 'W'.repeat(part.textContent.length)",
    );
    const width: number = await page.evaluate('document.documentElement.scrollWidth');
    assert.ok(width <= 360, `${path} is ${width} wide`);
    const low: readonly string[] = await page.evaluate(
      "[...document.querySelectorAll('.rail a, .top button, .actions button')].filter((each) => each.getBoundingClientRect().height < 40).map((each) => each.outerHTML)",
    );
    assert.deepEqual(low, [], path);
    const sideways: readonly string[] = await page.evaluate(
      "[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)",
    );
    if (path in readWhole) assert.deepEqual(sideways, [], `${path} is read without moving it sideways`);
  }
  await context.close();
});

test('days and sizes are written in the language of the reader', options, async () => {
  const { page, context, open } = await visit(browser(), larder, { locale: 'de-DE' });
  await open('/cluster');
  await page.waitForSelector('text=/until \\d\\d\\.\\d\\d\\.\\d{4}|\\d\\d\\.\\d\\d\\.\\d{4}/');
  await open('/exports');
  await page.waitForSelector('td.wide >> text=/\\d+,\\d+ [GT]i/');
  await context.close();
});

const FIRST_SCREEN_BYTES = 250_000;

test('the first screen weighs less than 250 kB as it travels', async (t) => {
  await freshConsole();
  const folder = resolve(import.meta.dirname, '../../console/dist');
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const assets = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  assert.ok(assets.length >= 2, html);
  const bytes = assets.reduce((sum, path) => sum + gzipSync(readFileSync(join(folder, path))).length, 0);
  t.diagnostic(`first screen of the console: ${Math.round(bytes / 1000)} kB in ${assets.length} files`);
  assert.ok(bytes < FIRST_SCREEN_BYTES, `${bytes} bytes`);
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/, 'no script stands in the page');
});
