/**
 * The list of volumes with 10,000 of them in Chromium, while the stream tells of them: first paint, scrolling, filtering,
 * memory, and typing during 1,000 measurements a second. Beside it, in the same browser, a list of as many rows that does
 * as little as a page can: where that one misses a frame, the machine does. Words after the name: `volumes=N`.
 */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { freshConsole } from '../console/build.ts';
import { startChromium } from '../test/console/browser.ts';
import { startLarder, temporaryFolder } from '../test/e2e/larder.ts';
import { startFront } from './console/front.ts';
import {
  END_FRAMES,
  FIRST_CONTENT,
  LEAST_PAGE,
  untilFiltered,
  WATCH_FILTER,
  WATCH_FIRST_ROW,
  WATCH_FRAMES,
  WATCH_INPUT,
} from './console/page-scripts.ts';
import { say } from './progress.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';

const VOLUMES = 10_000;
const LOADS = 5;
const BURST = 1_000;
const VIEW = { width: 1280, height: 860 };
const FRAME_MS = 1_000 / 60;
/** Later than that a frame was missed: two intervals, less what clocks differ by. */
const LATE_MS = FRAME_MS * 1.5;
const SCROLL = { distance: 40_000, speed: 4_000 };
/** Pasted and taken away again, each a new question to all rows with another answer than the one before. */
const WORDS = ['post', 'team-3', 'state:ok', '9', 'name:plex class:gluster', '-state:ok', 'wiki', 'team-96/'];
const REST_MS = 300;
const TYPED = 'name:plex state:ok 12';

export async function run(args: readonly string[]): Promise<BenchReport> {
  const volumes = Number(args.find((word) => word.startsWith('volumes='))?.slice('volumes='.length) ?? VOLUMES);
  const chromium = await startChromium();
  if (chromium.kind === 'missing') throw new Error(chromium.reason);
  await freshConsole();
  const removals: (() => void)[] = [];
  const larder = await startLarder(temporaryFolder((remove) => removals.push(remove), 'larder-bench-'));
  const front = await startFront(larder.console, volumes);
  try {
    const { browser } = chromium;
    say('first paint');
    const paints = await loads(browser, front.address);
    const { page, session } = await opened(browser, front.address);
    const heap = await heapMB(session);
    say('scrolling');
    const console = await scrolled(page, session, '.scroll.table');
    const least = await leastPage(browser, volumes);
    say('filter');
    const filter = await filtered(page);
    say(`typing during ${BURST} updates a second`);
    front.burst(BURST);
    const burst = await typed(page);
    front.burst(0);
    const calm = await typed(page);
    const heapAfter = await heapMB(session);
    const about = `${volumes.toLocaleString('en-US')} volumes in the list of the console, Chromium ${browser.version()} without a graphics card, ${VIEW.width} × ${VIEW.height}`;
    const given = { paints, console, least, filter, burst, calm, heap, heapAfter };
    return { about, notes: notesOf(given), rows: rowsOf(given) };
  } finally {
    await front.close();
    await chromium.browser.close();
    larder.kill('SIGKILL');
    await larder.exited;
    for (const remove of removals) remove();
  }
}

interface Paints {
  readonly first: readonly number[];
  readonly rows: readonly number[];
}

interface Scrolled {
  /** Between frames, ms, as the page was asked for them. */
  readonly gaps: readonly number[];
  /** As the compositor counted them. */
  readonly drawn: number;
  readonly dropped: number;
}

interface Measured {
  readonly paints: Paints;
  readonly console: Scrolled;
  readonly least: Least;
  readonly filter: readonly number[];
  readonly burst: readonly number[];
  readonly calm: readonly number[];
  readonly heap: number;
  readonly heapAfter: number;
}

/** Each in a profile of its own, as by a visitor who comes for the first time. */
async function loads(browser: Browser, address: URL): Promise<Paints> {
  const first: number[] = [];
  const rows: number[] = [];
  for (let load = 0; load < LOADS; load += 1) {
    const { page } = await opened(browser, address);
    first.push(await page.evaluate(FIRST_CONTENT));
    rows.push(await page.evaluate('globalThis.firstRow'));
    await page.context().close();
  }
  return { first, rows };
}

async function opened(browser: Browser, address: URL): Promise<{ readonly page: Page; readonly session: CDPSession }> {
  const context = await browser.newContext({ viewport: VIEW, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(address.href);
  await page.waitForSelector('.numbers');
  await page.addInitScript(WATCH_FIRST_ROW);
  await page.goto(`${address.origin}/volumes`);
  await page.waitForSelector('.volumes tbody th');
  return { page, session: await context.newCDPSession(page) };
}

async function heapMB(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

async function scrolled(page: Page, session: CDPSession, selector: string): Promise<Scrolled> {
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`nothing to scroll at ${selector}`);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(at.x, at.y);
  const browser = page.context().browser();
  await browser?.startTracing(page, { categories: ['disabled-by-default-devtools.timeline.frame', 'cc'] });
  await page.evaluate(WATCH_FRAMES);
  await session.send('Input.synthesizeScrollGesture', {
    ...at,
    yDistance: -SCROLL.distance,
    speed: SCROLL.speed,
    gestureSourceType: 'mouse',
    preventFling: true,
  });
  const times: readonly number[] = await page.evaluate(END_FRAMES);
  const top: number = await page.evaluate(`document.querySelector('${selector}').scrollTop`);
  if (top < SCROLL.distance / 2) throw new Error(`${selector} did not scroll: ${top}`);
  const trace = (await browser?.stopTracing())?.toString('utf8') ?? '';
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return { gaps, drawn: countOf(trace, 'DrawFrame'), dropped: countOf(trace, 'DroppedFrame') };
}

const countOf = (trace: string, name: string): number => trace.split(`"name":"${name}"`).length - 1;

interface Least extends Scrolled {
  readonly filter: readonly number[];
}

async function leastPage(browser: Browser, volumes: number): Promise<Least> {
  const context = await browser.newContext({ viewport: VIEW });
  const page = await context.newPage();
  await page.setContent(LEAST_PAGE(volumes));
  const moved = await scrolled(page, await context.newCDPSession(page), '.scroll');
  const filter = await filtered(page);
  await context.close();
  return { ...moved, filter };
}

async function filtered(page: Page): Promise<readonly number[]> {
  await page.evaluate(WATCH_FILTER);
  let answers = 0;
  const answered = async (): Promise<void> => {
    answers += 1;
    await page.evaluate(untilFiltered(answers));
    await page.waitForTimeout(REST_MS);
  };
  for (const word of WORDS) {
    await page.focus('[data-filter]');
    await page.keyboard.insertText(word);
    await answered();
    await page.fill('[data-filter]', '');
    await answered();
  }
  return page.evaluate('globalThis.filtered');
}

async function typed(page: Page): Promise<readonly number[]> {
  await page.evaluate(WATCH_INPUT);
  await page.focus('[data-filter]');
  await page.keyboard.type(TYPED, { delay: 350 });
  await page.fill('[data-filter]', '');
  return page.evaluate('globalThis.pressed');
}

const late = (gaps: readonly number[], ms: number): number =>
  (100 * gaps.filter((gap) => gap > ms).length) / Math.max(1, gaps.length);

function notesOf({ console, least }: Measured): readonly string[] {
  const line = (name: string, { drawn, dropped }: Scrolled): string =>
    `the compositor drew ${drawn} frames of ${name} and dropped ${dropped}`;
  return [line('the console', console), line('the least page', least)];
}

function rowsOf({ paints, console, least, filter, burst, calm, heap, heapAfter }: Measured): readonly BenchRow[] {
  const timed = (what: string, samples: readonly number[], barMs: number): BenchRow => {
    const spread = distribution(samples);
    return { what, unit: 'ms', ...spread, bar: { text: `< ${barMs} ms`, met: spread.median < barMs } };
  };
  const frames = late(console.gaps, LATE_MS);
  const limit = late(least.gaps, LATE_MS);
  const weighed = (what: string, median: number): BenchRow => ({
    ...{ what, unit: 'MB', median },
    bar: { text: '< 150 MB', met: median < 150 },
  });
  return [
    timed('first paint', paints.first, 1_000),
    timed('the first row is there', paints.rows, 1_000),
    { what: 'between frames while scrolling', unit: 'ms', ...distribution(console.gaps) },
    { what: 'between frames of the least page', unit: 'ms', ...distribution(least.gaps) },
    {
      ...{ what: 'frames missed while scrolling', unit: '%', median: frames },
      ratio: { to: 'least page', value: frames / Math.max(limit, 0.1) },
      bar: { text: '< 5 %, or as few as the least page', met: frames < Math.max(5, limit) },
    },
    { what: 'frames missed on the least page', unit: '%', median: limit },
    {
      ...timed('from a letter to the filtered rows', filter, 50),
      ratio: { to: 'least page', value: distribution(filter).median / distribution(least.filter).median },
    },
    { what: 'the same on the least page', unit: 'ms', ...distribution(least.filter) },
    timed(`from a key to its frame, ${BURST} updates a second`, burst, 50),
    { what: 'from a key to its frame, at rest', unit: 'ms', ...distribution(calm) },
    weighed('heap of the tab', heap),
    weighed('heap of the tab after all that', heapAfter),
  ];
}
