/** The Nomad screen in a real Chromium: from a folder of jobs to a tree that is the same as the command line's. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { eventually, type Larder, temporaryFolder } from '../e2e/larder.ts';
import { startSite, type Visit, visit } from './browser.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium(240_000);
const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const guide = join(root, 'console/nomad/example/modules');
let larder: Larder;

before(async () => {
  if (ready) larder = await startSite(atEnd);
});

const SERVICES = '.services tbody tr';
/** A conversion has a process of its own, which begins in a second or two on a busy machine. */
const SLOW = { timeout: 60_000 };

async function opened(path = '/nomad'): Promise<Visit> {
  const visitor = await visit(browser(), larder);
  await visitor.open(path);
  await visitor.page.waitForSelector('.drop');
  return visitor;
}

/** As a hand drops a folder: the browser's own protocol, so that it is a real one. */
async function dropped(folder: string): Promise<Visit> {
  const visitor = await opened();
  const session = await visitor.context.newCDPSession(visitor.page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 640, y: 300, data });
  await visitor.page.waitForSelector(SERVICES, SLOW);
  return visitor;
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();

/** What a person sees of one file of the chosen service. */
const shownText = (page: Page): Promise<string | null> => page.locator('#code-out').textContent();

test(
  'a folder becomes services by readiness; an answer changes a manifest; the tree is the one of the command line',
  options,
  async (t) => {
    const place = temporaryFolder((remove) => t.after(remove));
    cpSync(guide, join(place, 'modules'), { recursive: true });
    const { page, context, complaints } = await dropped(join(place, 'modules'));
    const rows = await page.locator(`${SERVICES} th a`).allTextContents();
    assert.deepEqual(rows.slice(0, 2).sort(), ['node-exporter', 'notes']);
    assert.equal(rows.length, 6);
    const wiki = await page.locator(`${SERVICES}:has-text("wiki/jobspec")`).textContent();
    assert.match(wiki ?? '', /decide first/);

    await page.click('.parts >> text=Decide');
    const size = page.locator('label:has-text("backup.volume.backups.size") input');
    await size.fill('a lot');
    await size.press('Enter');
    await page.waitForSelector('[role=alert]:has-text("is not a quantity")', SLOW);
    await size.fill('50Gi');
    await size.press('Enter');
    await page.waitForSelector('[role=alert]', { state: 'detached', ...SLOW });
    await page.click('.parts >> text=Services');
    await page.click(`${SERVICES} a:has-text("backup")`);
    await page.selectOption('select', { label: 'manifests/pvc.yaml' });
    assert.match((await shownText(page)) ?? '', /storage: 50Gi/);

    const downloading = page.waitForEvent('download');
    await page.click('text=Download the tree');
    const saved = await downloading;
    assert.equal(saved.suggestedFilename(), 'modules-kubernetes.zip');
    const archive = join(place, 'tree.zip');
    await saved.saveAs(archive);
    assert.deepEqual(complaints, []);
    await context.close();

    await run('unzip', ['-q', archive, '-d', join(place, 'unpacked')]);
    const expected = join(place, 'expected');
    mkdirSync(expected);
    cpSync(join(place, 'modules'), join(expected, 'modules'), { recursive: true });
    writeFileSync(join(place, 'answers.yaml'), 'backup.volume.backups.size: 50Gi\n');
    const words = ['nomad', 'convert', 'modules', '--out', '.', '--answers', join(place, 'answers.yaml'), '--yes'];
    await run(join(root, 'bin/larder'), words, { cwd: expected });
    const made = filesBelow(join(place, 'unpacked'));
    assert.deepEqual(
      made,
      filesBelow(expected).filter((path) => !path.startsWith('modules/')),
    );
    assert.ok(made.length > 50);
    for (const path of made)
      assert.ok(readFileSync(join(place, 'unpacked', path)).equals(readFileSync(join(expected, path))), path);
  },
);

test(
  'lines are linked both ways, by pointer and by keys, and the address brings the same view again',
  options,
  async () => {
    const { page, context, complaints } = await opened();
    await page.click('text=Show an example');
    await page.click(`${SERVICES} a:has-text("wiki")`, SLOW);
    await page.click('#code-in [data-line="5"]');
    await page.waitForSelector('#code-out .marked:has-text("replicas: 2")');
    const pane = await page.locator('#code-out').boundingBox();
    const line = await page.locator('#code-out .marked').first().boundingBox();
    assert.ok(pane && line && line.y >= pane.y && line.y + line.height <= pane.y + pane.height, 'it is scrolled to');
    assert.match((await page.locator('.account').first().textContent()) ?? '', /group\.wiki\.count/);
    await page.hover('#code-in .line:has-text("image = ")');
    await page.waitForSelector('#code-out .hovered:has-text("image: ")');

    await page.click('#code-out :text("image: ")');
    assert.match((await page.locator('#code-in .marked').first().textContent()) ?? '', /registry\.example\.net/);
    await page.keyboard.press('Enter');
    assert.equal(await page.locator(':focus').getAttribute('id'), 'code-in');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.waitForSelector('#code-in [data-line="2"][aria-selected=true]');

    for (const name of ['direct', 'approximate', 'dropped']) await page.click(`.shown button:has-text("${name}")`);
    await page.waitForSelector('#code-in [data-line="2"] .class-mark:empty');
    await page.locator('#code-in').focus();
    await page.keyboard.press('j');
    await page.waitForSelector('.account.class-manual');
    const place = await page.locator('#code-in [aria-selected=true]').first().getAttribute('data-line');
    await eventually('the address to have it', async () =>
      page.url().includes(`at=in%3A${place}`) ? true : undefined,
    );
    assert.match(page.url(), /class=manual/);
    await page.reload();
    await page.waitForSelector(`#code-in [data-line="${place}"][aria-selected=true]`, SLOW);
    await page.keyboard.press('Escape');
    await page.waitForSelector(SERVICES);
    await page.goBack().catch(() => null); // whichever side of the history Escape came from
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test('checks are made where they are asked for, and a wrong policy leaves what was there', options, async () => {
  const { page, context, open } = await opened();
  await page.click('text=Show an example');
  await page.waitForSelector(SERVICES, SLOW);
  await page.click('.parts >> text=Checks');
  await page.waitForSelector('text=The checks found nothing wrong.', SLOW);
  await page.click('.parts >> text=Input');
  await page.fill('label:has-text("Policy") textarea', 'mesh: rope');
  await page.click('text=Convert again');
  await page.waitForSelector('.failure:has-text("LARDER_NOMAD_POLICY")', SLOW);
  await page.fill('label:has-text("Policy") textarea', 'namespace: elsewhere');
  await page.click('text=Convert again');
  await page.waitForSelector('.failure', { state: 'detached', ...SLOW });
  await open('/nomad?job=wiki%2Fjobspec.nomad.hcl&file=modules-k8s%2Fwiki%2FMIGRATION.md');
  await page.waitForSelector('pre:has-text("kubectl -n elsewhere rollout status")', SLOW);
  await page.reload();
  await page.waitForSelector('pre:has-text("rollout status")', SLOW);
  await page.evaluate(
    'sessionStorage.setItem(\'larder.nomad.1\', sessionStorage.getItem(\'larder.nomad.1\').replace(/"who":"[^"]+"/, \'"who":"somebody else"\'))',
  );
  await page.reload();
  await page.waitForSelector('.drop');
  await page.click('text=Show an example');
  await page.waitForSelector(SERVICES, SLOW);
  await page.click('text=Forget these');
  await page.waitForSelector('.drop');
  await page.reload();
  await page.waitForSelector('.drop');
  await context.close();
});

test('every part keeps the rules of accessibility, light and dark, and fits a phone', options, async () => {
  const { page, context } = await opened();
  await page.click('text=Show an example');
  await page.waitForSelector(SERVICES, SLOW);
  const parts = [
    ['Services', SERVICES],
    ['Decide', '.questions'],
    ['Checks', '.findings li'],
    ['Input', 'textarea'],
  ] as const;
  const look = async (what: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], `${what}, ${colorScheme}`);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    const width: number = await page.evaluate('document.documentElement.scrollWidth');
    assert.ok(width <= 360, `${what} is ${width} wide`);
    await page.setViewportSize({ width: 1280, height: 860 });
  };
  for (const [part, sign] of parts) {
    await page.click(`.parts >> text=${part}`);
    await page.waitForSelector(sign, SLOW);
    await look(part);
  }
  await page.click('.parts >> text=Services');
  await page.click(`${SERVICES} a:has-text("wiki")`);
  await page.click('#code-in .line:has-text("image = ")');
  await page.waitForSelector('.account');
  await look('one service');
  await context.close();
});

const PLANTED = '<img src=x onerror="globalThis.planted = 1"><script>globalThis.planted = 1</script>';

test('a script in names, values and paths of dropped files is text everywhere', options, async () => {
  const { page, context, complaints } = await opened();
  const job = `job ${JSON.stringify(PLANTED)} {
  meta {
    note = ${JSON.stringify(PLANTED)}
  }
  group "web" {
    count = 1
    task "web" {
      driver = "docker"
      config {
        image = "nginx:1.27"
        unknown_thing = ${JSON.stringify(PLANTED)}
      }
    }
  }
}
`;
  // Dropped, not chosen: a script makes the event, as no driver drags files.
  const drop = await page.evaluateHandle(
    `(() => { const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(job).replaceAll('<', '\\u003c')}], ${JSON.stringify(`${PLANTED.replaceAll('/', '|')}.nomad.hcl`)}));
      data.items.add(new File(['job "other" {'], 'broken.nomad.hcl'));
      return data; })()`,
  );
  await page.dispatchEvent('.nomad', 'drop', { dataTransfer: drop });
  await page.waitForSelector(SERVICES, SLOW);
  await page.waitForSelector('.problems >> text=broken.nomad.hcl');
  await page.click(`${SERVICES} a`);
  await page.waitForSelector('#code-in >> text=onerror');
  await page.click('#code-in [data-line="3"]');
  await page.waitForSelector('.account');
  for (const part of ['Decide', 'Input']) await page.click(`.parts >> text=${part}`);
  await page.click('.parts >> text=Checks');
  await page.waitForSelector('.findings li', SLOW);
  assert.equal(await page.evaluate('globalThis.planted'), undefined);
  assert.equal(await page.locator('main img').count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('what is too much or leads out is refused, by the page and by the operator alike', options, async (t) => {
  const place = temporaryFolder((remove) => t.after(remove));
  for (let index = 0; index < 40; index += 1) writeFileSync(join(place, `${index}.txt`), 'x'.repeat(250 * 1024));
  const { page, context } = await opened();
  await page.setInputFiles('[data-choose=folder]', place);
  await page.waitForSelector('.failure:has-text("more than 3 MiB")');

  const ask = async (body: string): Promise<readonly [number, string]> => {
    const answer = await page.request.post(`${larder.console.origin}/api/nomad/convert`, {
      headers: { 'content-type': 'application/json' },
      data: Buffer.from(body),
    });
    return [answer.status(), await answer.text()];
  };
  // The length alone is enough: nothing of it is taken in.
  const token = larder.console.searchParams.get('token');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': 10 << 20 };
  const sending = request(`${larder.console.origin}/api/nomad/convert`, { method: 'POST', headers });
  sending.flushHeaders();
  const [large] = await once(sending, 'response');
  assert.deepEqual([large.statusCode, JSON.parse(await text(large)).code], [413, 'LARDER_HTTP_TOO_LARGE']);
  sending.destroy();
  const [slip, told] = await ask(JSON.stringify({ files: [{ path: '../../etc/cron.d/x', text: '' }] }));
  assert.deepEqual([slip, JSON.parse(told).code], [400, 'LARDER_HTTP_BAD_REQUEST']);
  assert.equal((await ask('[')).at(0), 400);
  await context.close();

  const stranger = await fetch(`${larder.console.origin}/api/nomad/convert`, { method: 'POST', body: '{}' });
  assert.equal(stranger.status, 401);
});
