/** The console as a person has it: a real Chromium on a Larder of its own, on the embedded API and real directories. */
import chromium from '@sparticuz/chromium';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium as driver,
  type Page,
} from 'playwright-core';
import { freshConsole } from '../../console/build.ts';
import type { Client } from '../../src/kube/client.ts';
import { applyClaim, bound, clientOf } from '../e2e/claims.ts';
import { type Larder, startLarder, temporaryFolder } from '../e2e/larder.ts';

/** Tests run as root, and without a graphics card. */
const ARGS = ['--no-sandbox', '--disable-gpu', '--no-zygote'];
const LOOK = { width: 1280, height: 860 };

/** The program, or why there is none here. */
export type Chromium =
  | { readonly kind: 'ready'; readonly browser: Browser }
  | { readonly kind: 'missing'; readonly reason: string };

/** LARDER_TEST_CHROMIUM names another one, for processors or systems that the packaged one does not run on. */
export async function startChromium(): Promise<Chromium> {
  try {
    const executablePath = process.env['LARDER_TEST_CHROMIUM'] ?? (await chromium.executablePath());
    // Not the arguments that the package proposes: they switch off what keeps sites apart, which is what is looked at here.
    return { kind: 'ready', browser: await driver.launch({ executablePath, args: ARGS, headless: true }) };
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0] ?? '';
    return { kind: 'missing', reason: `Chromium does not start here: ${reason}` };
  }
}

/** A running Larder with its console built; `args`: more words for `larder up`. */
export async function startSite(
  after: (end: () => Promise<void>) => void,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Larder> {
  await freshConsole();
  const removals: (() => void)[] = [];
  const larder = await startLarder(
    temporaryFolder((remove) => removals.push(remove)),
    args,
    env,
  );
  after(async () => {
    larder.kill('SIGKILL');
    await larder.exited; // it would write into what is removed
    for (const remove of removals) remove();
  });
  return larder;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained about: errors of scripts, refusals of the security policy, failed requests. */
  readonly complaints: readonly string[];
  /** Opens an address of the console, as a link from outside would. */
  open(path: string): Promise<void>;
}

/** Somebody who has come with the token, as a start prints it. */
export async function visit(
  browser: Browser,
  { console: address }: Pick<Larder, 'console'>,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: LOOK, locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`.trim());
  });
  await page.goto(address.href);
  await page.waitForSelector('.numbers');
  return {
    page,
    context,
    complaints,
    async open(path) {
      await page.goto(address.origin + path);
    },
  };
}

/** A claim with a directory, managed unless `annotations` say otherwise. */
export async function makeVolume(
  larder: Larder,
  name: string,
  annotations: Record<string, string> = {},
): Promise<Client> {
  const client = await clientOf(larder);
  await applyClaim(client, {
    name,
    size: '1Gi',
    storageClass: 'larder',
    annotations: { 'pvc-chonker.io/enabled': 'true', 'pvc-chonker.io/cooldown': '1s', ...annotations },
  });
  await bound(client, 'default', name);
  return client;
}
