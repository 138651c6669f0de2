/** A group in the console: what it would have done to its members, before anybody applies it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { pvcGroups } from '../../src/expand/api/pvc-group.ts';
import type { WhatIfAnswer } from '../../src/operator/policies/policy-api.ts';
import { eventually } from '../e2e/larder.ts';
import { visit } from './browser.ts';
import { NAMESPACE, type RecordedSite, recordedSite } from './recorded-site.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser } = await withChromium();
let site: RecordedSite;
before(async () => {
  if (ready) site = await recordedSite(['--prices', '*=0.1,currency=EUR']);
});
after(() => site?.end());

const GROUP = `apiVersion: pvc-chonker.io/v1alpha1
kind: PVCGroup
metadata:
  name: databases
  namespace: ${NAMESPACE}
spec:
  selector:
    matchLabels:
      workload: database
  template:
    threshold: 70%
    increase: 50%
`;

async function play(page: Page): Promise<WhatIfAnswer> {
  const [response] = await Promise.all([
    page.waitForResponse((each) => each.url().endsWith('/api/groups/what-if')),
    page.locator('.what-if button:enabled', { hasText: 'Play' }).click(),
  ]);
  assert.equal(response.status(), 200, await response.text());
  return response.json();
}

test(
  'a group that is only written says who would be in it, and by how much they would have grown',
  options,
  async () => {
    const { page, context, complaints, open } = await visit(browser(), site.larder);
    await open('/policies');
    await page.waitForSelector('text=There is no group: no claim follows another one.');
    await page.click('text=What would a group do?');
    await page.waitForSelector('h1:has-text("New group")');
    await page.fill('textarea', GROUP.replace('70%', '200%'));
    await page.waitForSelector('.problems >> text=spec.template.threshold is "200%": it must be a percentage');
    await page.fill('textarea', `${GROUP}  coordinationPolicy: tallest\n`);
    await page.waitForSelector('.problems >> text=must be one of largest, average, sum, independent');
    await page.fill('textarea', GROUP);
    await page.waitForSelector('text=It has 2 claims: 2 join. Each would have 1 Gi at least; now each goes by itself.');
    await page.waitForSelector('tr:has-text("db-0"):has-text("joins") >> text=grows: group databases');
    assert.equal(await page.locator('.reached tr:has-text("web")').count(), 0);

    const together = await play(page);
    await page.waitForSelector('.what-if >> text=In the last 30 days this would have grown 2 volumes by 2 Gi.');
    await page.waitForSelector('.what-if >> text=The settings of now: no volume.');
    await page.waitForSelector('.what-if >> text=Not replayed: quotas, budgets, approvals and snapshots');
    await page.waitForSelector('.what-if >> text=/Cost: 0\\.20 → 0\\.\\d\\d EUR\\./');
    assert.deepEqual([together.matched, together.played, together.cut], [2, 2, '']);
    const ends = together.claims.map(({ proposed }) => proposed.endBytes);
    assert.equal(new Set(ends).size, 1, 'they are of one size');

    await page.fill('textarea', GROUP.replace('threshold: 70%', 'threshold: 85%'));
    await page.waitForSelector('.what-if >> text=This is of an earlier version of the group: play it again.');
    const one = await play(page);
    const grew = one.claims.map(({ claim, proposed }) => [claim, proposed.growths]).toSorted();
    assert.deepEqual(grew, [
      ['db-0', 1],
      ['db-1', 1],
    ]);
    await page.fill(
      'textarea',
      GROUP.replace('threshold: 70%', 'threshold: 85%').replace('spec:', 'spec:\n  coordinationPolicy: independent'),
    );
    await page.waitForSelector('text=Each has the size that it needs by itself.');
    const apart = await play(page);
    assert.deepEqual(apart.claims.map(({ claim, proposed }) => [claim, proposed.growths]).toSorted(), [
      ['db-0', 0],
      ['db-1', 1],
    ]);
    assert.deepEqual(await violations(page), []);
    const groups = await site.client.list(pvcGroups);
    assert.equal(groups.items.length, 0, 'nothing is written');
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test('one that is there is read, tried with another text, and left as it is', options, async () => {
  const { client, larder } = site;
  const spec = { selector: { matchLabels: { workload: 'database' } }, template: { threshold: '70%', increase: '50%' } };
  const path = `/apis/pvc-chonker.io/v1alpha1/namespaces/${NAMESPACE}/pvcgroups`;
  const object = { apiVersion: 'pvc-chonker.io/v1alpha1', kind: 'PVCGroup', metadata: { name: 'databases' }, spec };
  const headers = { 'content-type': 'application/json' };
  const made = await client.request({ method: 'POST', path, headers, body: JSON.stringify(object) });
  assert.equal(made.status, 201);
  const { page, context, complaints, open } = await visit(browser(), larder);
  await open('/policies');
  await page.click(`tr:has-text("databases") >> text=databases`);
  await page.waitForSelector('h1:has-text("default/databases")');
  assert.match(await page.inputValue('textarea'), /^apiVersion: pvc-chonker\.io\/v1alpha1\nkind: PVCGroup\n/);
  await page.waitForSelector('text=It has 2 claims.');
  const present = await play(page);
  assert.deepEqual(present.present, present.proposed);
  await page.waitForSelector('.what-if >> text=The settings of now would have done the same.');
  await page.fill('textarea', (await page.inputValue('textarea')).replace('workload: database', 'workload: web'));
  await page.waitForSelector('.title-line >> text=tried, not applied');
  await page.waitForSelector('text=It has 1 claim: 1 joins, 2 leave.');
  await page.click('nav >> text=Volumes');
  await page.waitForSelector('h1:has-text("Volumes")');
  await page.goBack();
  await page.waitForSelector('.title-line >> text=tried, not applied');
  assert.match(await page.inputValue('textarea'), /workload: web/);
  await page.click('text=Discard changes');
  await eventually('what is stored', async () =>
    (await page.inputValue('textarea')).includes('workload: database') ? true : undefined,
  );
  await open('/groups/default/nothing');
  await page.waitForSelector('h1:has-text("There is no group default/nothing.")');
  assert.deepEqual(
    complaints.filter((each) => !each.includes('/api/groups/default/nothing')),
    [],
  );
  await context.close();
});
