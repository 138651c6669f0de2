/** What the console shows of the trash while one of two exports is not there. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshConsole } from '../../console/build.ts';
import { twoExports } from '../e2e/two-exports.ts';
import { visit } from './browser.ts';
import { withChromium } from './with-chromium.ts';

const { options, browser } = await withChromium();

test('the trash names the export that was not read, and what lies on the other comes back', options, async (t) => {
  await freshConsole();
  const { roots, start, remove } = await twoExports(t);
  rmSync(roots.far, { recursive: true });
  const operator = await start();
  await remove('films', 'near');
  const { page, context, open } = await visit(browser(), operator);
  t.after(() => context.close());
  await open('/trash');
  await page.waitForSelector('.failure >> text=What lies on nas2:/w was not read');
  assert.match((await page.locator('.failure').textContent()) ?? '', /LARDER_EXPORT_UNAVAILABLE/);
  await page.click('tr:has-text("default/films") >> text=Bring back');
  await page.waitForSelector('.dry-run >> text=would be at /v/films again');
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  assert.equal(existsSync(join(roots.near, 'films', 'letter.txt')), true);
  await page.click('dialog >> text=Close');
  await page.waitForSelector('tr:has-text("default/films")', { state: 'detached' });
  assert.equal(await page.locator('text=Nothing is in the trash').count(), 0, 'what lies on the other is not known');
  await open('/exports');
  await page.waitForSelector('text=What lies on nas2:/w is not known');
});
