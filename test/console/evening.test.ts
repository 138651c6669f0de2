/** What goes wrong on a first evening: names as long as they may be, a claim that gets no volume, a typing error, a wish for too much. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { applyClaim, clientOf } from '../e2e/claims.ts';
import { eventually, type Larder } from '../e2e/larder.ts';
import { makeVolume, startChromium, startSite, visit } from './browser.ts';

const chromium = await startChromium();
const options = { skip: chromium.kind === 'missing' && chromium.reason, timeout: 120_000 };
const browser = () => {
  if (chromium.kind === 'missing') throw new Error(chromium.reason);
  return chromium.browser;
};
const LONG = 'a'.repeat(63);
const phone = { viewport: { width: 390, height: 800 } };
const endings: (() => Promise<void>)[] = [];
let larder: Larder;

before(async () => {
  if (chromium.kind === 'missing') return;
  larder = await startSite((end) => void endings.push(end), ['--watch-interval', '1s']);
  await makeVolume(larder, LONG);
  await makeVolume(larder, 'small', { 'pvc-chonker.io/max-size': '3Gi' });
  await makeVolume(larder, 'typo', { 'pvc-chonker.io/threshold': '80%%' });
  const client = await clientOf(larder);
  await applyClaim(client, { name: 'nameless', size: '1Gi', storageClass: 'glusterfs-nfs', annotations: {} });
});
after(async () => {
  for (const end of endings) await end();
  if (chromium.kind === 'ready') await chromium.browser.close();
});

const beyond = async (page: Page): Promise<number> =>
  Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));

test('a name of 63 characters pushes no figure out of sight, on a desk and on a phone', options, async () => {
  for (const look of [{}, phone]) {
    const { page, context } = await visit(browser(), larder, look);
    const line = page.locator(`tr:has-text("${LONG}")`);
    await line.locator('.percent').waitFor();
    const [figure, table] = await Promise.all([
      line.locator('.percent').boundingBox(),
      page.locator('section:has(> #first)').boundingBox(),
    ]);
    assert.ok(figure && table && figure.x + figure.width <= table.x + table.width, JSON.stringify({ figure, table }));
    assert.equal(await beyond(page), 0);
    await context.close();
  }
});

test('a claim that gets no volume needs somebody, says why, and offers no growth', options, async () => {
  const { page, context, open } = await visit(browser(), larder, phone);
  await page.waitForSelector('.numbers li:has-text("need you") .figure >> text="2"');
  await open('/volumes/default/nameless');
  await page.waitForSelector('.sentence >> text=has no volume: pathPattern needs annotation "volume-name"');
  await page.waitForSelector('.title-line .state >> text=needs you');
  await page.waitForSelector('.actions >> text=Edit settings');
  assert.equal(await page.locator('.actions >> text="Grow"').count(), 0);
  assert.equal(await beyond(page), 0);
  await open('/volumes');
  await page.waitForSelector('tr:has-text("nameless") .narrow-only .tone-danger');
  await context.close();
});

test('a setting that cannot be read stands where it is put right', options, async () => {
  const { page, context, open } = await visit(browser(), larder);
  await open('/volumes/default/typo');
  await page.waitForSelector('tr:has-text("threshold") .tone-danger >> text="80%%"');
  assert.equal(await page.locator('.volume-head .bar-tick').count(), 0, 'no default stands in for it');
  await page.click('.actions >> text=Edit settings');
  const field = page.locator('dialog label:has-text("Grow at") input >> nth=0');
  assert.equal(await field.inputValue(), '80%%');
  await field.fill('80%');
  await page.click('dialog button:enabled >> text=Save settings');
  await page.waitForSelector('dialog .dry-run >> text=Done');
  await page.click('dialog footer >> text=Close');
  await page.waitForSelector('.title-line .state >> text=ok');
  await context.close();
});

test('the button says how far it grows, not what was wished for', options, async () => {
  const { page, context, open } = await visit(browser(), larder);
  await open('/volumes/default/small');
  await page.click('.actions >> text=Grow');
  await page.fill('dialog input', '1Ti');
  await page.waitForSelector('dialog .dry-run >> text=it may not be larger than 3 Gi now (max-size, annotation)');
  await page.waitForSelector('dialog footer .primary:enabled >> text="Grow to 3 Gi"');
  await context.close();
});

test(
  'the list comes back to the row that was opened, and a wrong address to a page with a way on',
  options,
  async () => {
    const { page, context, open } = await visit(browser(), larder);
    await open('/volumes');
    await page.waitForSelector('.volumes tbody th >> text=small');
    for (let row = 0; row < 3; row += 1) await page.keyboard.press('j');
    const chosen = (await page.locator('tr.chosen th a').textContent()) ?? '';
    await page.keyboard.press('Enter');
    await page.waitForSelector(`h1:has-text("${chosen}")`);
    await page.keyboard.press('Escape');
    await page.waitForSelector(`tr.chosen >> text=${chosen}`);
    await page.keyboard.press('k');
    await eventually(
      'another row',
      async () => (await page.locator('tr.chosen').textContent())?.includes(chosen) === false,
    );
    const answer = await page.goto(new URL('/volums', larder.console.origin).href);
    assert.equal(answer?.status(), 404);
    await page.waitForSelector('h1 >> text=There is no such screen');
    const asked = await context.request.get(new URL('/api/volums', larder.console.origin).href);
    assert.deepEqual([asked.status(), (await asked.json()).code], [404, 'LARDER_HTTP_NOT_FOUND']);
    await context.close();
  },
);
