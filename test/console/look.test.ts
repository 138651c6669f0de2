/** Every screen, light and dark, on a desk and on a phone: rules of accessibility, nothing beyond the edge, and what the first screen weighs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { freshConsole } from '../../console/build.ts';
import type { Larder } from '../e2e/larder.ts';
import { makeVolume, startChromium, startSite, visit } from './browser.ts';

const chromium = await startChromium();
const options = { skip: chromium.kind === 'missing' && chromium.reason, timeout: 120_000 };
const browser = () => {
  if (chromium.kind === 'missing') throw new Error(chromium.reason);
  return chromium.browser;
};
const endings: (() => Promise<void>)[] = [];
let larder: Larder;

before(async () => {
  if (chromium.kind === 'missing') return;
  larder = await startSite((end) => void endings.push(end));
  await makeVolume(larder, 'first');
});
after(async () => {
  for (const end of endings) await end();
  if (chromium.kind === 'ready') await chromium.browser.close();
});

/** Path, and what is there when the screen is. */
const screens = [
  ['/', '.numbers'],
  ['/volumes', 'tr:has-text("first")'],
  ['/volumes/default/first', '.gates'],
  ['/exports', 'tr:has-text("local")'],
  ['/trash', '.empty'],
  ['/setup', '.findings li'],
  ['/volumes/default/nobody', '.empty'],
] as const;

/** What breaks a rule, with the first place where it does. */
async function violations(page: Page): Promise<readonly string[]> {
  // Given by the driver, as a user's extension would: no policy of the page counts for it.
  await page.evaluate(axe.source);
  const found: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[] =
    await page.evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations)",
    );
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

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
  await page.keyboard.press('Control+k');
  await page.waitForSelector('.palette');
  await look('palette');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('on a phone nothing goes beyond the edge, and what is touched is large enough', options, async () => {
  const { page, context, open } = await visit(browser(), larder, {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
  });
  for (const [path, sign] of screens) {
    await open(path);
    await page.waitForSelector(sign);
    const width: number = await page.evaluate('document.documentElement.scrollWidth');
    assert.ok(width <= 360, `${path} is ${width} wide`);
    const low: readonly string[] = await page.evaluate(
      "[...document.querySelectorAll('.rail a, .top button, .actions button')].filter((each) => each.getBoundingClientRect().height < 40).map((each) => each.outerHTML)",
    );
    assert.deepEqual(low, [], path);
  }
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
