/** What becomes of a volume when its claim is deleted: said by the console, changed by it, and true on the disk. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { post } from '../e2e/account.ts';
import { eventually, type Larder } from '../e2e/larder.ts';
import { addressed } from './addressed.ts';
import { makeVolume, startSite, visit } from './browser.ts';
import { makeUsers, OTHER, TEAM } from './users.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium();
let larder: Larder;

before(async () => {
  if (ready) larder = await startSite(atEnd);
});

/** Its directory, with something dear in it. */
function filled(name: string): string {
  const folder = readdirSync(larder.export).find((each) => each.includes(name)) ?? 'missing';
  writeFileSync(join(larder.export, folder, 'photo'), 'dear');
  return folder;
}

async function volumeOf(client: Client, name: string) {
  const { spec } = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name });
  return client.get(kinds.PersistentVolume, { name: spec.volumeName ?? '' });
}

const drop = (client: Client, name: string): Promise<void> =>
  client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name });

test(
  'a volume on its way to the trash is archived instead, because somebody said so in the console',
  options,
  async () => {
    const client = await makeVolume(larder, 'dear');
    const folder = filled('dear');
    const { page, context, complaints, open } = await visit(browser(), larder);
    await open('/volumes/default/dear');
    await page.waitForSelector('.facts >> text=to the trash for 7d');
    await page.click('.actions >> text=When deleted');
    await page.waitForSelector('dialog >> text=/moves into the trash .* removed for ever after 7d/');
    await page.waitForSelector('dialog >> text=kubectl delete pvc/dear -n default');
    await page.waitForSelector('dialog >> text=No pod uses it now');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), []);
    }
    assert.equal(
      await page
        .locator('dialog')
        .getByRole('button', { name: /^(delete|remove)/i })
        .count(),
      0,
    );
    await page.click('dialog button:has-text("Archive when deleted")');
    await page.waitForSelector(
      '.dry-run >> text=/would write larder.dev.on-delete: "archive" .* renamed to archived-/',
    );
    const { metadata: before } = await volumeOf(client, 'dear');
    assert.equal(before.annotations?.['larder.dev/on-delete'], 'delete', 'a dry run writes nothing');
    await page.waitForSelector(
      `dialog >> text=kubectl annotate pv/${before.name} larder.dev/on-delete=archive --overwrite`,
    );
    await page.click('dialog .primary:enabled');
    await page.waitForSelector('.dry-run >> text=Done');
    await page.click('dialog footer >> text=Close');
    await page.waitForSelector(`dialog >> text=renamed to archived-${folder}`);
    await page.waitForSelector('dialog button:has-text("Keep when deleted")');
    assert.equal(await page.locator('dialog button', { hasText: 'Archive when deleted' }).count(), 0);
    await page.keyboard.press('Escape');
    await page.waitForSelector(`.facts >> text=archived as archived-${folder}`);
    assert.match((await page.locator(':focus').textContent()) ?? '', /When deleted/, 'the focus is back');

    await drop(client, 'dear');
    await eventually('the directory to be archived', async () =>
      existsSync(join(larder.export, `archived-${folder}`)) ? true : undefined,
    );
    assert.equal(readFileSync(join(larder.export, `archived-${folder}`, 'photo'), 'utf8'), 'dear');
    assert.equal(existsSync(join(larder.export, folder)), false);
    assert.deepEqual(readdirSync(join(larder.export, '.larder', 'trash')), []);
    await open('/trash?q=dear');
    await page.waitForSelector('tr:has-text("default/dear")');
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test('a directory that is to stay stays, and the policy Retain is said to decide first', options, async () => {
  const client = await makeVolume(larder, 'staying');
  const folder = filled('staying');
  const { page, context, complaints, open } = await visit(browser(), larder);
  await open('/volumes/default/staying');
  await page.click('.actions >> text=When deleted');
  await page.click('dialog button:has-text("Keep when deleted")');
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  assert.equal((await volumeOf(client, 'staying')).metadata.annotations?.['larder.dev/on-delete'], 'retain');
  await drop(client, 'staying');
  await eventually('the volume to go', async () =>
    (await client.list(kinds.PersistentVolume)).items.some(({ spec }) => spec.claimRef?.name === 'staying')
      ? undefined
      : true,
  );
  assert.equal(readFileSync(join(larder.export, folder, 'photo'), 'utf8'), 'dear');

  await makeVolume(larder, 'retained');
  const { metadata } = await volumeOf(client, 'retained');
  const patch = { kind: 'merge', value: { spec: { persistentVolumeReclaimPolicy: 'Retain' } } } as const;
  await client.patch(kinds.PersistentVolume, { name: metadata.name }, patch);
  await open('/volumes/default/retained');
  await page.waitForSelector('.facts >> text=directory and volume stay');
  await page.click('.actions >> text=When deleted');
  await page.waitForSelector('dialog >> text=The reclaim policy Retain decides first');
  assert.equal(await page.locator('dialog button', { hasText: 'when deleted' }).count(), 0);
  assert.deepEqual(complaints, []);
  const asked = { namespace: 'default', name: 'retained', onDelete: 'archive' };
  const refused = await context.request.post(`${larder.console.origin}/api/claims/end`, { data: asked });
  assert.equal(refused.status(), 409);
  const never = await context.request.post(`${larder.console.origin}/api/claims/end`, {
    data: { ...asked, onDelete: 'delete' },
  });
  assert.equal(never.status(), 400, 'the console has no word for it');
  assert.equal((await volumeOf(client, 'retained')).metadata.annotations?.['larder.dev/on-delete'], 'delete');

  const freeing = (await page.locator('dialog code', { hasText: 'claimRef' }).textContent()) ?? '';
  const [, name = '', freed = ''] = /^kubectl patch pv\/(\S+) --type merge -p '(.*)'$/.exec(freeing) ?? [];
  assert.equal(name, metadata.name);
  await drop(client, 'retained');
  await eventually('the volume to be left alone', async () =>
    (await client.get(kinds.PersistentVolume, { name })).status?.phase === 'Released' ? true : undefined,
  );
  await client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value: JSON.parse(freed) });
  await makeVolume(larder, 'retained');
  assert.equal((await volumeOf(client, 'retained')).metadata.name, name, 'the claim has its data again');
  await context.close();
});

test(
  'who may see a volume is told its end, who may change volumes changes it, and pods are named to those who see pods',
  options,
  async () => {
    const client = await makeVolume(larder, 'any');
    const { tokens } = await makeUsers(client);
    await post(client, `/api/v1/namespaces/${TEAM}/pods`, {
      metadata: { name: 'reader' },
      spec: {
        containers: [{ name: 'main', image: 'none' }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'mine' } }],
      },
    });
    const ask = async (token: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const sent = body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) };
      return addressed(new URL(path, larder.console.origin), { ...sent, headers });
    };
    const path = `/api/claims/${TEAM}/mine/end`;
    await eventually('the pod to be known', async () =>
      (await ask(tokens.viewer, path)).text.includes('"pods":["reader"]') ? true : undefined,
    );
    assert.equal((await ask(tokens.viewer, `/api/claims/${OTHER}/theirs/end`)).status, 404);
    assert.equal((await ask(tokens.stranger, path)).status, 404);
    const body = { namespace: TEAM, name: 'mine', onDelete: 'archive' };
    for (const person of ['viewer', 'editor', 'stranger'] as const) {
      assert.equal((await ask(tokens[person], '/api/claims/end', body)).status, 403, person);
    }
    const done = await ask(tokens.boss, '/api/claims/end', body);
    assert.equal(done.status, 200);
    assert.match(done.text, /"changes":true.*wrote larder\.dev\/on-delete/);
  },
);
