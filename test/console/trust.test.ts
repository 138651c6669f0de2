/** What the console does when things are hostile or broken. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshConsole } from '../../console/build.ts';
import { pvcPolicies } from '../../src/expand/api/pvc-policy.ts';
import { putPolicy } from '../../src/expand/policy/policies.fixture.ts';
import { kinds } from '../../src/kube/index.ts';
import { applyClaim, clientOf } from '../e2e/claims.ts';
import { startLarder, temporaryFolder } from '../e2e/larder.ts';
import { makeVolume, startSite, visit } from './browser.ts';
import { withChromium } from './with-chromium.ts';

const { options, browser } = await withChromium();

const PLANTED = '<img src=x onerror="globalThis.planted = 1"><script>globalThis.planted = 1</script>';

/** Runs in the page. */
const INJECT = `const script = document.createElement('script');
  script.textContent = 'globalThis.planted = 1';
  document.body.append(script)`;

test('a script that somebody planted is text wherever it comes up', options, async (t) => {
  const larder = await startSite((end) => t.after(end));
  const client = await makeVolume(larder, 'hostile', { 'pvc-chonker.io/threshold': PLANTED });
  await applyClaim(client, {
    name: 'refused',
    size: '1Gi',
    storageClass: 'glusterfs-nfs',
    annotations: { 'volume-name': PLANTED },
  });
  await putPolicy(client, 'hostile', {
    selector: { matchLabels: { planted: 'x' } },
    template: { threshold: '80%' },
  });
  await client.patch(
    pvcPolicies,
    { namespace: 'default', name: 'hostile' },
    { kind: 'merge', value: { metadata: { annotations: { note: PLANTED } } } },
  );
  const { page, context, complaints, open } = await visit(browser(), larder);
  await page.waitForSelector('.timeline >> text=onerror');
  await page.waitForSelector('.timeline >> text=refused');
  for (const path of [
    '/volumes',
    '/volumes/default/hostile',
    '/volumes/default/refused',
    `/volumes?q=${encodeURIComponent(PLANTED)}`,
    `/policies?q=${encodeURIComponent(PLANTED)}`,
    '/policies/default/hostile',
    `/policies/new?namespace=${encodeURIComponent(PLANTED)}`,
    `/${encodeURIComponent(PLANTED)}`,
  ]) {
    await open(path);
    await page.waitForSelector('main h1, main h2, main .empty, .failure, body');
  }
  await open('/policies/default/hostile');
  await page.waitForSelector('textarea');
  assert.match(await page.inputValue('textarea'), /onerror/);
  await page.fill('label:has-text("Up to") input', PLANTED);
  await page.waitForSelector('.problems >> text=onerror');
  await page.click('text=Discard changes');
  await open('/volumes/default/hostile');
  await page.waitForSelector('.sentence >> text=onerror');
  assert.equal(await page.evaluate('globalThis.planted'), undefined);
  assert.equal(await page.locator('img').count(), 0);
  // An address that the console does not serve is answered by the server, which the browser tells.
  assert.deepEqual(
    complaints.filter((text) => !text.includes('404')),
    [],
  );
  await context.close();
});

test(
  'the policy lets nothing in from elsewhere, and refuses a script that got into the page after all',
  options,
  async (t) => {
    const larder = await startSite((end) => t.after(end));
    const { page, context, complaints } = await visit(browser(), larder);
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(larder.console.origin) && !request.url().startsWith('data:'))
        foreign.push(request.url());
    });
    const answer = await page.reload();
    const policy = answer?.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.doesNotMatch(policy, /unsafe|https:|\*/);
    await page.waitForSelector('.numbers');
    await page.evaluate(INJECT);
    assert.equal(await page.evaluate('globalThis.planted'), undefined);
    assert.match(complaints.join('\n'), /Content Security Policy/);
    assert.deepEqual(foreign, []);
    await context.close();
  },
);

test(
  'a lost connection is said, nothing can be done meanwhile, and all is caught up when it is back',
  options,
  async (t) => {
    await freshConsole();
    const removals: (() => void)[] = [];
    const data = temporaryFolder((remove) => removals.push(remove));
    const first = await startLarder(data);
    const running = [first];
    t.after(async () => {
      for (const each of running) each.kill('SIGKILL');
      await Promise.all(running.map(({ exited }) => exited));
      for (const remove of removals) remove();
    });
    await makeVolume(first, 'before');
    const { page, context, open } = await visit(browser(), first);
    await open('/volumes/default/before');
    await page.waitForSelector('.actions button:enabled >> text=Grow');
    first.kill('SIGKILL');
    await first.exited;
    await page.waitForSelector('.band >> text=Connection lost');
    await page.waitForSelector('.actions button:disabled >> text=Grow');
    const again = await startLarder(data, ['--console-port', first.console.port]);
    running.push(again);
    await applyClaim(await clientOf(again), { name: 'meanwhile', size: '1Gi', storageClass: 'larder' });
    await page.waitForSelector('.band', { state: 'detached' });
    await page.waitForSelector('.actions button:enabled >> text=Grow');
    await page.click('nav >> text=Volumes');
    await page.waitForSelector('tr:has-text("meanwhile")');
    await page.waitForSelector('tr:has-text("before")');
    await context.close();
  },
);

test('what others told, directories on the export, and names that somebody gave are text too', options, async (t) => {
  const larder = await startSite((end) => t.after(end));
  const client = await makeVolume(larder, 'told', { 'example.com/note': PLANTED });
  const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'told' });
  const now = new Date().toISOString().replace(/\.\d+/, '');
  await client.create(kinds.Event, {
    ...{ apiVersion: 'v1', kind: 'Event', metadata: { namespace: 'default', name: 'planted' }, type: 'Warning' },
    involvedObject: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'told', uid: metadata.uid },
    ...{ reason: PLANTED, message: PLANTED, firstTimestamp: now, lastTimestamp: now, count: 1 },
  });
  mkdirSync(join(larder.export, PLANTED.replaceAll('/', '_')));
  const { page, context, complaints, open } = await visit(browser(), larder);
  await open('/volumes/default/told');
  await page.waitForSelector('.timeline .said >> text=onerror');
  await page.click('summary:has-text("PersistentVolumeClaim")');
  await page.waitForSelector('.yaml:has-text("onerror")');
  await open('/exports?audit=1');
  await page.waitForSelector('.findings >> text=onerror');
  await page.click('text=Adopt directories');
  await page.fill('dialog label:has-text("Directories") input', '*');
  await page.waitForSelector('.plan >> text=onerror');
  await open('/volumes');
  await page.click('summary:has-text("View")');
  await page.fill('.save input', PLANTED);
  await page.click('.save button');
  await page.waitForSelector('.saved a:has-text("onerror")');
  assert.equal(await page.evaluate('globalThis.planted'), undefined);
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});
