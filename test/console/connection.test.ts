/** What the console shows when it does not hear from the operator: nothing as live that is not, and all of it afterwards. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { freshConsole } from '../../console/build.ts';
import { applyClaim, clientOf } from '../e2e/claims.ts';
import { type Larder, startLarder, temporaryFolder } from '../e2e/larder.ts';
import { makeVolume, visit } from './browser.ts';
import { startWire } from './wire.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser } = await withChromium();
const removals: (() => void)[] = [];
const running: Larder[] = [];
let data: string;

const newest = (): Larder => {
  const last = running.at(-1);
  if (!last) throw new Error('no Larder runs');
  return last;
};

before(async () => {
  if (!ready) return;
  await freshConsole();
  data = temporaryFolder((remove) => removals.push(remove));
  running.push(await startLarder(data));
});
after(async () => {
  for (const each of running) each.kill('SIGKILL');
  await Promise.all(running.map(({ exited }) => exited));
  for (const remove of removals) remove();
});

async function another(name: string): Promise<void> {
  await applyClaim(await clientOf(newest()), { name, size: '1Gi', storageClass: 'larder' });
}

/** A page that is not live says so, and offers nothing. */
async function isLost(page: Page): Promise<void> {
  await page.waitForSelector('.band >> text=Connection lost', { timeout: 60_000 });
  await page.waitForSelector('.actions button:disabled >> text=Grow');
  assert.equal(await page.locator('.actions button:enabled').count(), 0);
}

test(
  'a network that is cut without a word is noticed, and what happened meanwhile is there afterwards',
  options,
  async (t) => {
    const wire = await startWire(Number(newest().console.port));
    t.after(() => wire.close());
    await makeVolume(newest(), 'cut');
    const address = new URL(newest().console);
    address.port = String(wire.port);
    const { page, context, open } = await visit(browser(), { console: address });
    await page.clock.install();
    await open('/volumes/default/cut');
    await page.waitForSelector('.actions button:enabled >> text=Grow');
    wire.cut(true);
    await page.clock.fastForward('00:20'); // longer than three beats of the operator
    await isLost(page);
    await another('while-cut');
    wire.cut(false);
    await page.waitForSelector('.band', { state: 'detached', timeout: 60_000 });
    await page.waitForSelector('.actions button:enabled >> text=Grow');
    await page.click('nav >> text=Volumes');
    await page.waitForSelector('tr:has-text("while-cut")');
    await context.close();
  },
);

test('a laptop that slept shows how old its page is before it shows it as live again', options, async () => {
  await makeVolume(newest(), 'slept');
  const { page, context, open } = await visit(browser(), newest());
  await page.clock.install();
  await open('/volumes/default/slept');
  await page.waitForSelector('.actions button:enabled >> text=Grow');
  await context.setOffline(true);
  await page.clock.fastForward('02:00:00');
  await isLost(page);
  await page.waitForSelector('.band >> text=/2 h( \\d+ min)? ago/');
  await another('while-asleep');
  await context.setOffline(false);
  await page.waitForSelector('.band', { state: 'detached', timeout: 60_000 });
  await page.click('nav >> text=Volumes');
  await page.waitForSelector('tr:has-text("while-asleep")');
  await context.close();
});

test('a tab that the browser froze catches up when it is thawed', options, async () => {
  await makeVolume(newest(), 'frozen');
  const { page, context, open } = await visit(browser(), newest());
  await open('/volumes');
  await page.waitForSelector('tr:has-text("frozen")');
  const session = await context.newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await another('while-frozen');
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await page.waitForSelector('tr:has-text("while-frozen")');
  await page.waitForSelector('.band', { state: 'detached' });
  await context.close();
});

test('after a restart the page comes back by itself, and what was told before is still there', options, async () => {
  await makeVolume(newest(), 'before');
  const { page, context, open } = await visit(browser(), newest());
  await open('/volumes/default/before');
  await page.waitForSelector('.timeline li');
  const told = await page.locator('.timeline strong').allTextContents();
  newest().kill('SIGKILL');
  await newest().exited;
  await isLost(page);
  running.push(await startLarder(data, ['--console-port', newest().console.port]));
  await page.waitForSelector('.band', { state: 'detached', timeout: 60_000 });
  for (const reason of told) await page.waitForSelector(`.timeline >> text=${reason}`);
  await page.click('nav >> text=Overview');
  await page.waitForSelector('.timeline >> text=default/before');
  await context.close();
});
