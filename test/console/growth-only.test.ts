/** The console of a Larder that makes no volumes: those of others are in it, and what it has not says why. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshConsole } from '../../console/build.ts';
import { exportless } from '../e2e/growth-only.ts';
import { visit } from './browser.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, browser } = await withChromium();

test(
  'without a provisioner volumes of others are listed, and exports and trash say why they are empty',
  options,
  async (t) => {
    await freshConsole();
    const { asking, start } = await exportless(t);
    const operator = await start(...asking);
    const { page, context, complaints, open } = await visit(browser(), operator);
    t.after(() => context.close());
    await page.waitForSelector('a:has-text("data")');
    await open('/volumes/default/data');
    await page.waitForSelector('text=kept by its driver');
    await open('/exports');
    await page.waitForSelector('text=There are no exports, because this Larder makes no volumes');
    assert.equal(await page.locator('text=larder operator --export').count(), 0);
    assert.deepEqual(await violations(page), []);
    await open('/trash');
    await page.waitForSelector('text=There is no trash, because this Larder makes no volumes');
    assert.equal(await page.locator('text=Nothing is in the trash').count(), 0);
    assert.deepEqual(complaints, []);
  },
);
