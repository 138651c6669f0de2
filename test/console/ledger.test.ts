/** Ledger and changes in a real Chromium, over a ledger that the real commands have made. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { post } from '../e2e/account.ts';
import { configMap, deployment, endsWith, namespace } from '../e2e/change-world.ts';
import { clientOf } from '../e2e/claims.ts';
import { eventually, type Larder, type Run } from '../e2e/larder.ts';
import { ledgerSite, type Person, type Site } from '../e2e/ledger-person.ts';
import { startSite, visit } from './browser.ts';
import { bindingOf, makeUsers } from './users.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium(300_000);

const PLANTED = '<img src=x onerror="globalThis.planted = 1"><script>globalThis.planted = 1</script>';
const RUNBOOK = 'docs/runbooks/web.md';
let site: Site;
let ana: Person;
let ben: Person;
let larder: Larder;

/** A command line of Larder against this Larder, signed where it records something. */
async function run(code: number, words: readonly string[], by?: Person): Promise<Run> {
  return endsWith(await site.larder(words, by, { KUBECONFIG: larder.kubeconfig }), code);
}

function write(path: string, ...objects: readonly object[]): void {
  const file = join(site.root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'shop-data', namespace: 'default' },
  spec: { accessModes: ['ReadWriteMany'], storageClassName: 'larder', resources: { requests: { storage: '1Gi' } } },
};

before(async () => {
  if (!ready) return;
  site = await ledgerSite({ after: atEnd });
  [ana, ben] = [await site.person('ana'), await site.person('ben')];
  endsWith(await site.ledger(['init', '--operator', 'ana', '--title', PLANTED], ana), 0);
  endsWith(await site.ledger(['operator', 'add', 'ben', '--public-key', ben.publicKey], ana), 0);
  larder = await startSite(atEnd, ['--ledger', site.root, '--ledger-key', ana.key]);
  write(RUNBOOK);
  const runbook = ['--runbook', join(site.root, RUNBOOK)];
  write('cluster/shop.json', configMap('shop', 'default', { mode: 'fast', note: PLANTED }), claim);
  await run(
    0,
    ['change', 'new', 'shop-1', '--manifests', join(site.root, 'cluster/shop.json'), '--summary', PLANTED, ...runbook],
    ana,
  );
  await run(1, ['change', 'diff', 'shop-1'], ana);
  await run(0, ['change', 'apply', 'shop-1', '--yes'], ana);
  write('cluster/shop.json', configMap('shop', 'default', { mode: 'slow', note: PLANTED }), claim);
  const critical = ['--critical', '--summary', 'slower', ...runbook];
  await run(0, ['change', 'new', 'shop-2', '--manifests', join(site.root, 'cluster/shop.json'), ...critical], ana);
  await run(1, ['change', 'diff', 'shop-2'], ana);
  const bad = deployment('web', 'broken', { label: 'another' });
  write('cluster/bad.json', namespace('broken'), bad, configMap('after', 'broken', {}));
  await run(0, ['change', 'new', PLANTED, '--manifests', join(site.root, 'cluster/bad.json'), ...runbook], ana);
  await run(1, ['change', 'diff', PLANTED], ana);
  await run(1, ['change', 'apply', PLANTED, '--yes'], ana);
});

test(
  'records newest first with what was verified; a filter stands in the address; keys open one',
  options,
  async () => {
    const { page, context, complaints, open } = await visit(browser(), larder);
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.waitForSelector('.verdict-line >> text=Whole');
    await page.waitForSelector('.records tbody tr:has-text("change applied")');
    const seqs = await page.locator('.records tbody td:first-child').allTextContents();
    const numbers = seqs.map((text) => Number(text.replace(/\D/g, '')));
    assert.deepEqual(
      numbers,
      numbers.toSorted((one, other) => other - one),
    );
    await page.fill('[data-filter]', 'is:failed');
    await eventually('the filter to count', async () =>
      (await page.locator('.records tbody th').count()) === 1 ? true : undefined,
    );
    await page.click('.chips >> text=changes');
    assert.equal(new URL(page.url()).search, '?q=is%3Afailed+kind%3Achanges');
    await page.reload();
    await page.waitForSelector('.records tbody tr:has-text("change applied")');
    assert.equal(await page.inputValue('[data-filter]'), 'is:failed kind:changes');
    await page.fill('[data-filter]', 'type:evidence-attached shop-2');
    await page.waitForSelector('.records tbody tr:has-text("shop-2")');
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.waitForSelector('tr.chosen');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("evidence attached")');
    await page.waitForSelector('.patch-added >> text=mode: slow');
    assert.equal(await page.locator('.patch-removed .patch-sign').textContent(), '−');
    assert.deepEqual(await page.locator('.findings .tone-ok').allTextContents(), Array(6).fill('holds'));
    await page.goBack();
    await page.waitForSelector('.records');
    assert.equal(await page.inputValue('[data-filter]'), 'type:evidence-attached shop-2');
    await open('/ledger/report');
    await page.waitForSelector('.report tr:has-text("Applied changes with evidence"):has-text("met")');
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test(
  'changes: what failed comes first with each object; an approval by somebody else is seen without a reload',
  options,
  async () => {
    const { page, context, complaints } = await visit(browser(), larder);
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    await page.waitForSelector('.change');
    const first = page.locator('.change').first();
    assert.match(
      (await first.textContent()) ?? '',
      /failed.*Deployment broken\/web: failed.*`selector` does not match/s,
    );
    const second = page.locator('.change', { hasText: 'shop-2' });
    assert.match((await second.textContent()) ?? '', /waits for approval.*critical.*Next: ben\./s);
    await second.locator('summary').click();
    await second.locator('.patch-added >> text=mode: slow').waitFor();
    assert.equal(await second.locator('.command code').textContent(), 'larder change approve shop-2');
    await run(0, ['change', 'approve', 'shop-2', '--comment', PLANTED], ben);
    await second.locator('text=waits for apply').waitFor();
    await second.locator('a >> text=shop-2').click();
    await page.waitForSelector('h1:has-text("shop-2")');
    await page.waitForSelector('dd >> text=ben,');
    await run(0, ['change', 'apply', 'shop-2', '--yes'], ana);
    await page.waitForSelector('.title-line >> text=applied');
    await page.waitForSelector('.timeline >> text=change approved');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#settled');
    await page.waitForSelector('tr:has-text("shop-2"):has-text("applied")');
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test('the life of a volume names the records, and leads to them; what is done here becomes one', options, async () => {
  const { page, context, complaints, open } = await visit(browser(), larder);
  await open('/volumes/default/shop-data');
  await page.click('.actions >> text=Pause growth');
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  await page.click('dialog >> text=Close');
  await page.click('.actions >> text=When deleted');
  await page.click('dialog button:has-text("Keep when deleted")');
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  await page.click('dialog footer >> text=Close');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.timeline li:has-text("kubectl annotate pv/")');
  const paused = page.locator('.timeline li', { hasText: 'larder pause default/shop-data' });
  await paused.waitFor();
  await page.waitForSelector('.timeline li:has-text("created"):has-text("record ")');
  await paused.locator('a').click();
  await page.waitForSelector('h1:has-text("action recorded")');
  await page.waitForSelector('dd >> text=PersistentVolumeClaim default/shop-data');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('who may not see the ledger is refused it; a role with `get ledgers` opens it', options, async () => {
  const client = await clientOf(larder);
  const { tokens } = await makeUsers(client);
  const paths = ['/api/ledger', '/api/ledger/records', '/api/ledger/records/1', '/api/changes', '/api/ledger/life'];
  const asked = async (token: string): Promise<readonly number[]> => {
    const headers = { authorization: `Bearer ${token}` };
    return Promise.all(
      paths.map(async (path) => (await fetch(new URL(path, larder.console.origin), { headers })).status),
    );
  };
  assert.deepEqual(await asked(tokens.viewer), Array(paths.length).fill(403));
  assert.deepEqual(await asked(tokens.boss), Array(paths.length).fill(200));
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const rules = [{ apiGroups: ['larder.dev'], resources: ['ledgers'], verbs: ['get'] }];
  await post(client, `${rbac}/clusterroles`, { metadata: { name: 'auditor' }, rules });
  await post(client, `${rbac}/clusterrolebindings`, bindingOf('viewer', 'auditor'));
  await eventually('the role to count', async () =>
    (await asked(tokens.viewer)).every((status) => status === 200) ? true : undefined,
  );
});

test('what somebody planted is text on every screen, and the rules of accessibility hold', options, async () => {
  const { page, context, complaints, open } = await visit(browser(), larder);
  const looked = [
    ['/ledger', '.records tbody tr'],
    ['/ledger/1', '.findings li'],
    ['/ledger/4', '.patch-added >> text=onerror'],
    ['/ledger/report', '.report tbody tr'],
    ['/changes', '.change'],
    [`/changes/${encodeURIComponent(PLANTED)}`, '.patch-line'],
    ['/ledger/4', '.patch-added >> text=onerror'],
    ['/changes', '.change'],
  ] as const;
  // Each colour of theirs comes up light and dark.
  for (const [turn, [path, sign]] of looked.entries()) {
    await open(path);
    await page.waitForSelector(sign);
    const colorScheme = turn % 2 === 0 ? 'light' : 'dark';
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page), [], `${path}, ${colorScheme}`);
    await page.setViewportSize({ width: 360, height: 740 });
    const width: number = await page.evaluate('document.documentElement.scrollWidth');
    assert.ok(width <= 360, `${path} is ${width} wide`);
    await page.setViewportSize({ width: 1280, height: 860 });
  }
  assert.equal(await page.evaluate('globalThis.planted'), undefined);
  assert.equal(await page.locator('main img').count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test(
  'a record that somebody changed is shown broken at that record, with what to do; nothing is computed from it',
  options,
  async () => {
    const { page, context, open } = await visit(browser(), larder);
    const [, , third = ''] = site.records();
    const file = join(site.root, third);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"draft"', '"pending-review"'));
    await open('/ledger');
    await page.waitForSelector('.verdict-line >> text=Broken');
    await page.waitForSelector('[role=alert] >> text=First broken link');
    assert.match((await page.locator('[role=alert]').textContent()) ?? '', /000003-\S+ was changed.*git restore/s);
    await page.waitForSelector('tr.broken >> text=change created');
    assert.equal(await page.locator('tr.broken').count(), 1);
    await page.waitForSelector('tr.unlinked');
    await page.click('[role=alert] >> text=record 3');
    await page.waitForSelector('.title-line >> text=broken');
    await page.waitForSelector('text=is not shown as one');
    await open('/ledger/report');
    await page.waitForSelector('text=so nothing is computed');
    await open('/changes');
    await page.waitForSelector('text=The ledger is broken');
    writeFileSync(file, text);
    await open('/ledger');
    await page.waitForSelector('.verdict-line >> text=Whole');
    await context.close();
  },
);
