/** A policy in the console, from the first letter to its end: form, YAML, claims, what-if, the cluster, the command line. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { pvcPolicies } from '../../src/expand/api/pvc-policy.ts';
import { type Client, isKubeError, kinds } from '../../src/kube/index.ts';
import type { WhatIfAnswer } from '../../src/operator/policies/policy-api.ts';
import { recordingAnswer, seriesAnswer } from '../../src/operator/record-api.ts';
import { eventually, type Larder, runLarder } from '../e2e/larder.ts';
import { visit } from './browser.ts';
import { NAMESPACE, type RecordedSite, recordedSite } from './recorded-site.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser } = await withChromium();

let site: RecordedSite;
let larder: Larder;
let client: Client;
before(async () => {
  if (!ready) return;
  site = await recordedSite();
  ({ larder, client } = site);
});
after(() => site?.end());

const yaml = (page: Page) => page.inputValue('textarea');
const field = (page: Page, name: string) => page.locator(`.policy-form label:has(> span:text-is("${name}")) input`);
const dialogDone = async (page: Page): Promise<void> => {
  await page.locator('dialog .primary:enabled').click();
  await page.waitForSelector('.dry-run >> text=Done');
  await page.click('dialog >> text=Close');
};

test(
  'a policy is made: form and YAML follow each other, its claims and what it would have done are seen before',
  options,
  async () => {
    const { page, context, complaints, open } = await visit(browser(), larder);
    await open('/policies');
    await page.waitForSelector('.empty >> text=There is no policy yet');
    await page.click('text=New policy');
    await field(page, 'Name').fill('databases');
    await page.waitForSelector('text=It is for all 3 claims of default');
    await field(page, 'For claims with the labels').fill('workload=database');
    await page.waitForSelector('text=It is for 2 of 3 claims of default: 2 join.');
    assert.match(await yaml(page), /selector:\n {4}matchLabels:\n {6}workload: database\n/);
    assert.match(await yaml(page), /name: databases\n/);

    await field(page, 'Grow at').fill('200%');
    assert.equal(await page.locator('.wrong').count(), 0, 'it is still being written');
    await field(page, 'Grow at').blur();
    await page.waitForSelector(
      '.problems >> text=spec.template.threshold is "200%": it must be a percentage from 1 to 99',
    );
    await page.locator('.actions button:enabled', { hasText: 'Make policy' }).click();
    await page.waitForSelector('input[aria-invalid="true"]:focus');
    assert.equal(await page.locator('dialog').count(), 0, 'what is wrong is not tried on the cluster');
    await page.fill('textarea', (await yaml(page)).replace('200%', '70%').replace(/increase: .*/, 'increase: 50%'));
    await page.waitForSelector('.problems:empty', { state: 'attached' });
    assert.equal(await field(page, 'Grow at').inputValue(), '70%');
    assert.equal(await field(page, 'By').inputValue(), '50%');
    await field(page, 'Up to').fill('10Gi');
    await page.waitForSelector('tr:has-text("db-0") >> text=grows: policy databases');
    assert.equal(await page.locator('.reached tr:has-text("web")').count(), 0);

    await page.fill('textarea', `${await yaml(page)}  template: [\n`);
    await page.waitForSelector('.policy-yaml >> text=/Line 1\\d, column \\d+/');
    assert.equal(await field(page, 'Up to').inputValue(), '10Gi');
    assert.equal(await field(page, 'Up to').isEnabled(), false);
    await page.fill('textarea', (await yaml(page)).replace('  template: [\n', ''));

    const [response] = await Promise.all([
      page.waitForResponse((each) => each.url().endsWith('/what-if')),
      page.click('.what-if >> text=Play'),
    ]);
    const answer: WhatIfAnswer = await response.json();
    await page.waitForSelector('.what-if >> text=In the last 30 days this would have grown 2 volumes by 2 Gi.');
    await page.waitForSelector('.what-if >> text=The settings of now: no volume.');
    await sameAsTheCommandLine(answer, await yaml(page));

    await page.click('.actions >> text=Make policy');
    await page.waitForSelector('.diff-added >> text=threshold: 70%');
    await page.waitForSelector('.dry-run >> text=Dry run: default/databases would be made');
    assert.equal(await stored(), undefined, 'a dry run stores nothing');
    await dialogDone(page);
    const made = await stored();
    assert.deepEqual(made?.spec.selector, { ok: true, value: { matchLabels: { workload: 'database' } } });
    assert.equal(made?.spec.template.fields.maxSize?.text, '10Gi');
    assert.equal(new URL(page.url()).pathname, '/policies/default/databases');
    const explained = await runLarder(['explain', 'pvc/db-0', '-n', NAMESPACE, '--kubeconfig', larder.kubeconfig]);
    assert.match(explained.stdout, /threshold +70 % +policy databases/);
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

async function stored() {
  return client.get(pvcPolicies, { namespace: NAMESPACE, name: 'databases' }).catch((failure: unknown) => {
    if (isKubeError(failure, 'KUBE_NOT_FOUND')) return undefined;
    throw failure;
  });
}

/** The same span, the same claims and the same policy, by `larder simulate`. */
async function sameAsTheCommandLine(answer: WhatIfAnswer, text: string): Promise<void> {
  const { from, to, proposed, played } = answer;
  const asked = async (path: string): Promise<unknown> => {
    const token = larder.console.searchParams.get('token') ?? '';
    const address = new URL(`${path}?from=${from}&to=${to}`, larder.console);
    const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(response.status, 200);
    return response.json();
  };
  const { head, objects, claims } = recordingAnswer.parse(await asked('/api/recording'));
  const policy = {
    apiVersion: 'pvc-chonker.io/v1alpha1',
    kind: 'PVCPolicy',
    metadata: { name: 'databases', namespace: NAMESPACE },
  };
  const spec = {
    selector: { matchLabels: { workload: 'database' } },
    template: { threshold: '70%', increase: '50%', maxSize: '10Gi' },
  };
  assert.match(text, /threshold: 70%\n {4}increase: 50%\n {4}maxSize: 10Gi\n$/);
  const lines: unknown[] = [head, ...objects.map((object) => ({ object })), { object: { ...policy, spec } }];
  for (const claim of claims.filter(({ labels }) => labels['workload'] === 'database')) {
    const { points } = seriesAnswer.parse(await asked(`/api/claims/${claim.namespace}/${claim.name}/series`));
    lines.push({ claim, points });
  }
  const file = join(site.folder(), 'usage.jsonl');
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { code, stdout, stderr } = await runLarder(['simulate', file, '-o', 'json']);
  assert.equal(code, 0, stderr);
  const { total } = JSON.parse(stdout);
  assert.deepEqual(
    [total.claims, total.steps, String(total.endBytes), total.fullMs],
    [played, proposed.growths, proposed.endBytes, proposed.fullMs],
  );
}

test(
  'somebody else was faster: nothing is written, both are shown, and mine goes on top of theirs',
  options,
  async () => {
    const { page, context, open } = await visit(browser(), larder);
    await open('/policies');
    await page.waitForSelector('tr:has-text("databases")');
    await page.keyboard.press('j');
    await page.waitForSelector('tr.chosen:has-text("databases")');
    await page.keyboard.press('Enter');
    await field(page, 'Not again for').fill('6h');
    await page.waitForSelector('.title-line >> text=not saved');
    const theirs = { kind: 'merge', value: { spec: { template: { maxSize: '7Gi' } } } } as const;
    await client.patch(pvcPolicies, { namespace: NAMESPACE, name: 'databases' }, theirs);
    await page.locator('.actions button:enabled', { hasText: 'Save' }).click();
    await page.waitForSelector('.dry-run >> text=was changed by somebody else meanwhile. Nothing was written');
    await page.waitForSelector('dialog .diff-removed >> text=maxSize: 7Gi');
    await page.waitForSelector('dialog .diff-added >> text=maxSize: 10Gi');
    assert.equal((await stored())?.spec.template.fields.cooldown, undefined);
    await page.click('dialog >> text=Keep mine, on top of theirs');
    await page.waitForSelector('.dry-run >> text=would be changed');
    await dialogDone(page);
    const fields = (await stored())?.spec.template.fields;
    assert.deepEqual([fields?.cooldown?.text, fields?.maxSize?.text], ['6h', '10Gi']);
    await page.waitForSelector('.title-line >> text=not saved', { state: 'detached' });
    await context.close();
  },
);

test('what was typed is there again after going elsewhere; deleting says which claims lose it', options, async () => {
  const { page, context, open } = await visit(browser(), larder);
  await open('/policies/default/databases');
  await field(page, 'Priority').fill('7');
  await page.click('nav >> text=Volumes');
  await page.waitForSelector('h1:has-text("Volumes")');
  await page.goBack();
  await page.waitForSelector('.title-line >> text=not saved');
  assert.equal(await field(page, 'Priority').inputValue(), '7');
  await page.click('text=Discard changes');
  await eventually('the priority of before', async () =>
    (await field(page, 'Priority').inputValue()) === '0' ? true : undefined,
  );
  await page.click('.actions >> text=Delete');
  await page.waitForSelector('dialog >> text=It is for none of the 3 claims of default: 2 leave.');
  await page.waitForSelector('dialog tr:has-text("db-1") >> text=does not grow: nobody asks for it');
  await page.locator('dialog .primary:enabled').waitFor();
  assert.notEqual(await stored(), undefined);
  await dialogDone(page);
  await eventually('the policy to be gone', async () => ((await stored()) === undefined ? true : undefined));
  await page.waitForSelector('.empty >> text=There is no policy yet');
  await context.close();
});

test('what one claim says itself becomes a policy for claims with its labels', options, async () => {
  const annotations = { 'pvc-chonker.io/threshold': '75%', 'pvc-chonker.io/max-size': '3Gi' };
  const patch = { kind: 'merge', value: { metadata: { annotations } } } as const;
  await client.patch(kinds.PersistentVolumeClaim, { namespace: NAMESPACE, name: 'web' }, patch);
  const { page, context, complaints, open } = await visit(browser(), larder);
  await open('/volumes/default/web');
  await page.click('text=Make a policy of its own settings');
  await page.waitForSelector('text=It is for 1 of 3 claims of default: 1 joins.');
  assert.match(await yaml(page), /matchLabels:\n {6}workload: web\n {2}template:\n/);
  assert.match(await yaml(page), /threshold: 75%\n/);
  assert.match(await yaml(page), /maxSize: 3Gi\n/);
  assert.equal(await page.locator('.wrong, [aria-invalid="true"]').count(), 0, 'nobody was at its name yet');
  await page.locator('.actions button:enabled', { hasText: 'Make policy' }).click();
  await page.waitForSelector('.problems >> text=metadata.name must be the name of an object');
  await page.waitForSelector('label:has(> span:text-is("Name")) input:focus');
  assert.deepEqual(complaints, []);
  await context.close();
});
