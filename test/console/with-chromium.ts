/** A real Chromium for the tests of a file: closed at the end, and where there is none, the tests are skipped with the reason. */
import { after } from 'node:test';
import type { Browser } from 'playwright-core';
import { startChromium } from './browser.ts';

type Ending = () => Promise<void> | void;

export interface WithChromium {
  readonly options: { readonly skip: string | false; readonly timeout: number };
  /** Whether there is one: else nothing needs to be prepared. */
  readonly ready: boolean;
  readonly browser: () => Browser;
  /** After the tests of the file, the last one first. */
  readonly atEnd: (ending: Ending) => void;
}

/** `timeout`: of each test, milliseconds. */
export async function withChromium(timeout = 120_000): Promise<WithChromium> {
  const chromium = await startChromium();
  const endings: Ending[] = [];
  after(async () => {
    for (const ending of endings) await ending();
    if (chromium.kind === 'ready') await chromium.browser.close();
  });
  return {
    options: { skip: chromium.kind === 'missing' && chromium.reason, timeout },
    ready: chromium.kind === 'ready',
    browser() {
      if (chromium.kind === 'missing') throw new Error(chromium.reason);
      return chromium.browser;
    },
    atEnd: (ending) => void endings.unshift(ending),
  };
}
