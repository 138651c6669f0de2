/**
 * Pictures of every screen, for people to look at and for the documentation:
 * `node test/console/pictures.ts FOLDER [--console URL] [--only volumes,trash] [--sizes desk,phone] [--docs]`.
 * Without an address a Larder of its own with the demonstration is started, and given time to grow something.
 * With --docs those that the documentation shows are written into docs/images as well.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { freshConsole } from '../../console/build.ts';
import { screenPaths } from '../../src/operator/console/screens.ts';
import { eventually, startLarder } from '../e2e/larder.ts';
import { startChromium } from './browser.ts';
import { clusterWorld } from './cluster-world.ts';
import { fillWorld } from './picture-world.ts';

const sizes = {
  desk: { width: 1280, height: 860 },
  phone: { width: 390, height: 800 },
  narrow: { width: 360, height: 740 },
  wide: { width: 3840, height: 2160 },
} as const;
type Size = keyof typeof sizes;
const schemes = ['light', 'dark'] as const;

interface Picture {
  readonly name: string;
  readonly path: string;
}

/** What docs and README show, by the name of the picture there. */
const shown: Readonly<Record<string, string>> = {
  'overview-desk-light': 'overview',
  'volumes-desk-light': 'volumes',
  'volume-desk-light': 'volume',
  'volumes-desk-dark': 'volumes-dark',
  'volume-phone-light': 'volume-phone',
  'exports-desk-light': 'exports',
  'policies-new-desk-light': 'policy',
  'nomad-desk-light': 'nomad',
  'cluster-desk-light': 'cluster',
  'ledger-desk-light': 'ledger',
};
const DEMO = '/volumes/demo/photos';
/** What makes a screen show what it is for. */
const prepared: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async nomad(page) {
    if ((await page.locator('text=Show an example').count()) > 0) await page.click('text=Show an example');
    await page.locator('tr >> text="wiki"').first().click({ timeout: PATIENCE_MS });
  },
  async 'volume-grow'(page) {
    await page.locator('.actions button.primary:enabled', { hasText: 'Grow' }).click({ timeout: PATIENCE_MS });
    await page.waitForSelector('.dry-run p >> text=/Dry run|Nothing would/', { timeout: PATIENCE_MS });
  },
  async 'trash-restore'(page) {
    await page.locator('button:enabled', { hasText: 'Restore as' }).first().click({ timeout: PATIENCE_MS });
    await page.waitForSelector('.dry-run p', { timeout: PATIENCE_MS });
  },
  async 'policies-new'(page) {
    await page.fill('label:has-text("Namespace") input', 'media');
    await page.fill('label:has-text("Name") input >> nth=0', 'media-defaults');
  },
  async 'groups-new'(page) {
    const text = await page.inputValue('textarea');
    const selector = 'selector:\n    matchExpressions: [{key: app, operator: DoesNotExist}]';
    await page.fill(
      'textarea',
      text.replace('namespace: default', 'namespace: media').replace(/selector:\n.*\n.*app: data/, selector),
    );
    await page.locator('.what-if button:enabled', { hasText: 'Play' }).click({ timeout: PATIENCE_MS });
    await page.waitForSelector('.what-if .sentence', { timeout: PATIENCE_MS });
  },
};
/** Fonts, charts and the first answers. */
const SETTLE_MS = 2_500;

const nameOf = (path: string): string => (path === '/' ? 'overview' : path.slice(1).replaceAll('/', '-'));

const PATIENCE_MS = 120_000;

interface Site {
  readonly address: URL;
  end(): Promise<void>;
}

/** With the demonstration running for so long that something has grown. */
async function demonstration(): Promise<Site> {
  await freshConsole();
  const data = mkdtempSync(join(tmpdir(), 'larder-pictures-'));
  const endings: (() => Promise<void> | void)[] = [() => rmSync(data, { recursive: true, force: true })];
  const end = async (): Promise<void> => {
    for (const each of endings) await each();
  };
  const world = await clusterWorld({ after: (last: () => Promise<void> | void) => void endings.unshift(last) }, 'web');
  const larder = await startLarder(data, ['--demo', '--watch-interval', '5s', ...world.args], world.env);
  endings.unshift(async () => {
    larder.kill('SIGTERM');
    await larder.exited;
  });
  try {
    await fillWorld(larder);
    const headers = { authorization: `Bearer ${larder.console.searchParams.get('token')}` };
    await eventually(
      'the second growth',
      () => grownTwice(new URL('/api/claims/demo/photos/explain', larder.console), headers),
      300,
    );
  } catch (failure) {
    await end();
    throw failure;
  }
  return { address: larder.console, end };
}

const explained = z.object({ decision: z.object({ growths: z.array(z.unknown()) }) });

async function grownTwice(address: URL, headers: Record<string, string>): Promise<true | undefined> {
  const answer = await fetch(address, { headers });
  if (!answer.ok) return undefined;
  const { decision } = explained.parse(await answer.json());
  return decision.growths.length >= 2 ? true : undefined;
}

async function take(page: Page, address: URL, picture: Picture & { readonly file: string }): Promise<void> {
  await page.goto(address.origin + picture.path);
  await page.waitForSelector('main h1, main h2, main .empty');
  await prepared[picture.name]?.(page);
  await page.waitForTimeout(SETTLE_MS);
  await page.waitForSelector('.waiting', { state: 'detached', timeout: PATIENCE_MS });
  await page.screenshot({ path: picture.file });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      console: { type: 'string' },
      only: { type: 'string' },
      sizes: { type: 'string', default: 'desk,phone' },
      docs: { type: 'boolean', default: false },
    },
  });
  const folder = positionals[0];
  if (folder === undefined) throw new Error('name the folder that the pictures go into');
  mkdirSync(folder, { recursive: true });
  const all: readonly Picture[] = [
    ...screenPaths.filter((path) => !path.includes(':')).map((path) => ({ path, name: nameOf(path) })),
    { name: 'volume', path: DEMO },
    { name: 'volume-grow', path: DEMO },
    { name: 'trash-restore', path: '/trash' },
  ];
  const only = values.only?.split(',');
  const pictures = all.filter(({ name }) => only?.includes(name) ?? true);
  const chromium = await startChromium();
  if (chromium.kind === 'missing') throw new Error(chromium.reason);
  const site =
    values.console === undefined
      ? await demonstration()
      : { address: new URL(values.console), end: async () => undefined };
  try {
    for (const size of values.sizes.split(',').filter((name): name is Size => Object.hasOwn(sizes, name))) {
      for (const colorScheme of schemes) {
        const context = await chromium.browser.newContext({ viewport: sizes[size], colorScheme, locale: 'en-GB' });
        const page = await context.newPage();
        await page.goto(site.address.href);
        await page.waitForSelector('.numbers');
        for (const picture of pictures) {
          const name = `${picture.name}-${size}-${colorScheme}`;
          const file = join(folder, `${name}.png`);
          await take(page, site.address, { ...picture, file });
          const docs = shown[name];
          if (values.docs && docs !== undefined) {
            copyFileSync(file, resolve(import.meta.dirname, `../../docs/images/${docs}.png`));
          }
        }
        await context.close();
      }
    }
  } finally {
    await chromium.browser.close();
    await site.end();
  }
}

await main();
