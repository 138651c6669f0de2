/** Three users with different roles in a browser: what each sees, what each is offered, and how a session ends. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Client, kinds } from '../../src/kube/index.ts';
import { eventually } from '../e2e/larder.ts';
import { removeAccount, TEAM, tokenOfPerson, type Users } from './users.ts';
import { violations } from './violations.ts';

export interface Stage {
  readonly client: Client;
  /** Of the console, with its own token. */
  readonly console: URL;
  readonly users: Users;
}

interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  open(path: string): Promise<void>;
  /** Names of the rail. */
  screens(): Promise<readonly string[]>;
}

/** Somebody who opens an address and signs in by the form that they get. */
async function signIn(browser: Browser, { console: { origin } }: Stage, token: string, path = '/'): Promise<Visitor> {
  const context = await browser.newContext({
    locale: 'en-GB',
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 860 },
  });
  const page = await context.newPage();
  await page.goto(origin + path);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page), [], `the form, ${colorScheme}`);
  }
  await fillIn(page, token);
  return {
    page,
    context,
    open: async (to) => void (await page.goto(origin + to)),
    screens: () => page.locator('.rail a').allInnerTexts(),
  };
}

async function fillIn(page: Page, token: string): Promise<void> {
  await page.fill('[name=token]', token);
  await page.press('[name=token]', 'Enter');
  await page.waitForSelector('.person-name:not(:empty)');
}

export async function aViewerLooks(browser: Browser, stage: Stage): Promise<void> {
  const { page, context, open, screens } = await signIn(browser, stage, stage.users.tokens.viewer, '/volumes?q=name:i');
  assert.equal(new URL(page.url()).search, '?q=name%3Ai', 'where somebody was going to is where they are');
  const [cookie, ...others] = await context.cookies();
  assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, others.length], [true, 'Strict', 0]);
  assert.match(cookie?.value ?? '', /^[0-9a-f]{64}$/, 'the token is in no cookie');
  assert.equal(await page.textContent('.person-name'), 'people/viewer');
  await page.waitForSelector('tr:has-text("mine")');
  assert.equal(await page.locator('tr:has-text("theirs")').count(), 0);
  await eventually('screens of the whole cluster to be gone', async () =>
    (await screens()).includes('Exports') ? undefined : true,
  );
  for (const absent of ['Trash', 'Setup']) assert.ok(!(await screens()).includes(absent), absent);
  await open('/volumes/team/mine');
  await page.waitForSelector('.gates');
  assert.equal(await page.locator('.actions button').count(), 0, 'no button that would be refused');
  await open('/volumes/other/theirs');
  await page.waitForSelector('h1:has-text("Larder knows no claim other/theirs")');
  await open('/setup');
  await page.waitForSelector('text=Your account may not see this');
  assert.deepEqual(await violations(page), []);
  await page.waitForSelector('text=kubectl auth can-i list persistentvolumes --as=system:serviceaccount:people:viewer');
  // By hand, past the page.
  const byHand = `fetch('/api/claims/act', { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ namespace: 'team', name: 'mine', action: 'pause' }) }).then((answer) => answer.json())`;
  assert.equal(Reflect.get(Object(await page.evaluate(byHand)), 'code'), 'LARDER_HTTP_FORBIDDEN');
  await context.close();
}

export async function anEditorActs(browser: Browser, stage: Stage): Promise<void> {
  const { page, context } = await signIn(browser, stage, stage.users.tokens.editor, '/volumes/team/mine');
  await page.click('.actions >> text=Pause growth');
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  const { metadata } = await stage.client.get(kinds.PersistentVolumeClaim, { namespace: TEAM, name: 'mine' });
  assert.equal(metadata.annotations?.['larder.dev/paused'], 'true');
  await page.click('dialog >> text=Close');
  await page.click('[aria-label="Sign out"]');
  await page.waitForSelector('text=You are signed out');
  assert.deepEqual(await context.cookies(), []);
  await page.goBack();
  await page.waitForSelector('[name=token]');
  await context.close();
}

export async function anAdministratorSeesAll(browser: Browser, stage: Stage): Promise<void> {
  const { page, context, open, screens } = await signIn(browser, stage, stage.users.tokens.boss);
  await open('/volumes');
  await page.waitForSelector('tr:has-text("mine")');
  await page.waitForSelector('tr:has-text("theirs")');
  const all = await screens();
  for (const name of ['Exports', 'Trash', 'Setup']) assert.ok(all.includes(name), name);
  await open('/volumes/other/theirs');
  await page.waitForSelector('.actions >> text=Grow');
  await open('/setup');
  await page.waitForSelector('.findings li');
  await context.close();
}

/** Returns what waits until the page says that nobody knows what its person may see. */
export async function aPageIsOpen(browser: Browser, stage: Stage): Promise<() => Promise<void>> {
  const { page, context } = await signIn(browser, stage, stage.users.tokens.editor, '/volumes/team/mine');
  await page.waitForSelector('.actions button:enabled');
  return async () => {
    await page.waitForSelector('.band >> text=the Kubernetes API did not say who you are', { timeout: 60_000 });
    assert.equal(await page.locator('.actions button:enabled').count(), 0);
    await context.close();
  };
}

/** Last: the account is gone afterwards. */
export async function aSessionEndsWithItsAccount(browser: Browser, stage: Stage): Promise<void> {
  const { page, context } = await signIn(browser, stage, stage.users.tokens.viewer, '/volumes?q=name:mine');
  await page.waitForSelector('tr:has-text("mine")');
  await removeAccount(stage.client, 'viewer');
  await page.waitForSelector('.band >> text=Signed out', { timeout: 40_000 });
  await page.click('.band >> text=Sign in again');
  await page.waitForSelector('text=The session is over');
  await page.fill('[name=token]', stage.users.tokens.viewer);
  await page.press('[name=token]', 'Enter');
  await page.waitForSelector('text=This token is not valid here');
  await page.fill('[name=token]', await tokenOfPerson(stage.client, 'editor'));
  await page.press('[name=token]', 'Enter');
  await page.waitForSelector('tr:has-text("mine")');
  assert.equal(new URL(page.url()).search, '?q=name%3Amine', 'the way back leads to the same view');
  await context.close();
}
