/** A ledger that is served, in a real Chromium: what the cluster remembers of it, and the alarm when the two differ. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { endsWith } from '../e2e/change-world.ts';
import { clientOf } from '../e2e/claims.ts';
import type { Larder } from '../e2e/larder.ts';
import { cloneOf, ledgerSite, type Person, type Site } from '../e2e/ledger-person.ts';
import { startLedgerServer } from '../e2e/ledger-server.ts';
import { startSite, visit } from './browser.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium(240_000);
let site: Site;
let ana: Person;
let larder: Larder;

before(async () => {
  if (!ready) return;
  site = await ledgerSite({ after: atEnd });
  ana = await site.person('ana');
  endsWith(await site.ledger(['init', '--operator', 'ana'], ana), 0);
  const server = await startLedgerServer({ folder: site.root, home: site.folder, words: ['--key', ana.key] });
  atEnd(async () => {
    server.kill('SIGKILL');
    await server.exited;
  });
  larder = await startSite(atEnd, ['--ledger', server.address], { LARDER_LEDGER_TOKEN: server.token });
});

async function publish(from: Site): Promise<void> {
  endsWith(await from.ledger(['publish', '--kubeconfig', larder.kubeconfig], ana), 0);
}

async function add(to: Site, name: string): Promise<void> {
  const { publicKey } = await site.person(name);
  endsWith(await to.ledger(['operator', 'add', name, '--public-key', publicKey], ana), 0);
}

test(
  'what the cluster remembers of a served ledger is said in words, and another end is an alarm',
  options,
  async () => {
    const client = await clientOf(larder);
    const { page, context, complaints, open } = await visit(browser(), larder);
    const look = async (): Promise<void> => {
      await open('/ledger');
      await page.waitForSelector('.verdict-line');
    };
    await look();
    await page.waitForSelector('.cluster-head >> text=not told');
    await page.waitForSelector('.cluster-head >> text=says nothing of this ledger');

    await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'larder-system' } });
    await publish(site);
    await look();
    await page.waitForSelector('.cluster-head .tone-ok >> text=same');
    await page.waitForSelector('.cluster-head >> text=it remembers the newest record.');
    await page.waitForSelector('.cluster-head >> text=ConfigMap larder-system/larder-ledger-head');
    assert.deepEqual(await violations(page), []);

    const before = await cloneOf(site, 'before');
    await add(site, 'ben');
    await look();
    await page.waitForSelector('.cluster-head >> text=behind');
    await page.waitForSelector('.cluster-head >> text=it remembers an older record, 1 before the newest');
    await page.click('.cluster-head >> text=record 1');
    await page.waitForSelector('h1');
    assert.match(new URL(page.url()).pathname, /^\/ledger\/1$/);

    await add(before, 'eve');
    await publish(before);
    await look();
    await page.waitForSelector('.cluster-head [role=alert] >> text=differs');
    await page.waitForSelector('.cluster-head >> text=is not there: the records here end with 2');
    await page.waitForSelector('.cluster-head >> text=larder ledger verify --ledger DIR');
    await page.waitForSelector('.verdict-line'); // the chain by itself shows nothing of it
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], colorScheme);
    }
    const garbage = { kind: 'merge', value: { data: Object.fromEntries([[await ledgerId(), 'no head']]) } } as const;
    await client.patch(kinds.ConfigMap, { namespace: 'larder-system', name: 'larder-ledger-head' }, garbage);
    await look();
    await page.waitForSelector('.cluster-head .tone-warn >> text=differs');
    await page.waitForSelector('.cluster-head >> text=is no signed head');
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

async function ledgerId(): Promise<string> {
  const client = await clientOf(larder);
  const { data } = await client.get(kinds.ConfigMap, { namespace: 'larder-system', name: 'larder-ledger-head' });
  return Object.keys(data ?? {})[0] ?? '';
}
