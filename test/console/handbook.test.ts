/** The documentation in a real Chromium, opened from the disk and from a server: search, light and dark, a phone, no other host. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { buildSite } from '../../deploy/docs/build.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser } = await withChromium();
const parent = mkdtempSync(join(tmpdir(), 'larder-handbook-'));
const folder = join(parent, 'site');
const disk = pathToFileURL(folder).href;

before(async () => {
  if (ready) await buildSite(folder);
});
after(async () => {
  rmSync(parent, { recursive: true, force: true });
});

interface Reading {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly asked: readonly string[];
  end(): Promise<void>;
}

async function read(address: string, look: BrowserContextOptions = {}): Promise<Reading> {
  const context = await browser().newContext({ viewport: { width: 1280, height: 860 }, ...look });
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(address);
  return { page, complaints, asked, end: () => context.close() };
}

test('from the disk: the search is used with the keyboard alone and asks nobody else', options, async () => {
  const { page, complaints, asked, end } = await read(`${disk}/index.html`);
  await page.keyboard.press('/');
  await page.keyboard.type('bring deleted data back');
  await page.waitForSelector('#found a');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.getAttribute('.search input', 'aria-activedescendant'), 'found-0');
  await page.keyboard.press('Enter');
  await page.waitForURL(/guides\/undelete\.html/);
  assert.match(await page.textContent('h1').then(String), /getting data back/);
  await page.fill('.search input', 'xyzzyplugh');
  await page.waitForSelector('.told:has-text("Nothing about")');
  assert.deepEqual(complaints, []);
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(disk) && !url.startsWith('data:')),
    [],
  );
  await end();
});

test('from a server, under the strictest policy: an error code is reached by its short address', options, async (t) => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    if (pathname === '/errors') return void response.writeHead(301, { location: '/errors/' }).end();
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', png: 'image/png' };
    const [, type = ''] = Object.entries(types).find(([ending]) => path.endsWith(`.${ending}`)) ?? [];
    const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:";
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
    response.end(readFileSync(join(folder, path)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { page, complaints, end } = await read(`http://127.0.0.1:${address.port}/errors#LARDER_CANNOT_LISTEN`);
  const row = page.locator('tr:target');
  assert.match(String(await row.textContent()), /LARDER_CANNOT_LISTEN[\s\S]*port above 1023/);
  assert.ok(((await row.boundingBox())?.y ?? 0) >= 52, 'below the header');
  await page.click('nav summary:has-text("Begin")');
  await page.click('nav >> text=Try it');
  await page.waitForURL(/guides\/try-it\.html$/);
  assert.deepEqual(complaints, []);
  await end();
});

test('the rules of accessibility hold, light and dark, and the choice stays over pages', options, async () => {
  const { page, end } = await read(`${disk}/guides/policies.html`, { colorScheme: 'light' });
  assert.deepEqual(await violations(page), [], 'light');
  await page.click('.theme');
  assert.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark');
  assert.deepEqual(await violations(page), [], 'dark');
  await page.fill('.search input', 'threshold');
  await page.waitForSelector('#found a');
  assert.deepEqual(await violations(page), [], 'with what was found');
  await page.goto(`${disk}/reference/errors.html`);
  assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
  assert.deepEqual(await violations(page), [], 'a long table');
  await end();
});

test('on a phone nothing goes beyond the edge, and all pages are behind one button', options, async () => {
  const { page, end } = await read(`${disk}/index.html`, { viewport: { width: 360, height: 740 }, hasTouch: true });
  for (const place of ['index', 'reference/errors', 'reference/cli', 'guides/nomad', 'guides/try-it', 'architecture']) {
    await page.goto(`${disk}/${place}.html`);
    const beyond = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
    assert.ok(beyond <= 0, `${place} is ${beyond} px too wide`);
  }
  assert.equal(await page.isVisible('nav'), false);
  await page.click('.menu');
  await page.click('nav summary:has-text("Volumes")');
  await page.click('nav >> text=Backups');
  await page.waitForURL(/guides\/backups\.html$/);
  await end();
});
