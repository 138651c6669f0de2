/** The cluster screen in a real Chromium, over a real ledger: what stands there, and an alert that somebody takes. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { z } from 'zod';
import { clientOf } from '../e2e/claims.ts';
import { eventually, type Larder } from '../e2e/larder.ts';
import { type StandInAlertmanager, startAlertmanager } from './alertmanager.ts';
import { startSite, visit } from './browser.ts';
import { type ClusterWorld, clusterWorld } from './cluster-world.ts';
import { makeUsers } from './users.ts';
import { violations } from './violations.ts';
import { withChromium } from './with-chromium.ts';

const { options, ready, browser, atEnd } = await withChromium();
const PLANTED = '<img src=x onerror="globalThis.planted = 1"><script>globalThis.planted = 1</script>';
const OFFLINE = {
  fingerprint: '3b1f6c0e9a7d4c52',
  labels: { alertname: 'NodeOffline', severity: 'critical', node: 'pi-1' },
};
const HOSTILE = { fingerprint: '9d20aa51c0de77f1', labels: { alertname: PLANTED, severity: PLANTED, disk: PLANTED } };

let world: ClusterWorld;
let alertmanager: StandInAlertmanager;
let larder: Larder;

before(async () => {
  if (!ready) return;
  world = await clusterWorld({ after: atEnd }, PLANTED);
  alertmanager = await startAlertmanager([OFFLINE, HOSTILE]);
  atEnd(() => alertmanager.close());
  larder = await startSite(atEnd, [...world.args, '--alertmanager', alertmanager.url], world.env);
});

test(
  'nodes are held against cluster.yaml; drift, drills and rotations stand there as the ledger has them',
  options,
  async () => {
    const { page, context, complaints, open } = await visit(browser(), larder);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL('**/cluster');
    await page.waitForSelector('.matrix tr:has-text("pi-1") >> text=missing');
    await page.waitForSelector('.matrix tr:has-text("pi-1") >> text=rebuild, 44 min');
    await page.waitForSelector('.matrix tr:has-text("larder") >> text=not in cluster.yaml');
    await page.waitForSelector('.numbers >> text=nodes ready');
    const drift = await page.textContent('#drift');
    assert.match(drift ?? '', /Node pi-1 first seen 4 d ago.*label larder\.dev\/disk is not there/);
    assert.match(drift ?? '', /slow until the new disks are in; counts again in/);
    assert.match(drift ?? '', /1 could not be looked at.*host pi-1\.local: cannot be reached/);
    assert.equal(await page.locator('#drift li:has-text("orphan-")').count(), 20);
    await page.click('#drift >> text=Show all 21');
    assert.equal(await page.locator('#drift li:has-text("orphan-")').count(), 21);
    assert.match((await page.textContent('#drills tr:has-text("quorum")')) ?? '', /held/);
    assert.match((await page.textContent('#drills tr:has-text("failover")')) ?? '', /due.*never.*failed/);
    assert.match((await page.textContent('#rotations tr:has-text("age")')) ?? '', /soon.*in [89] d/);
    assert.match((await page.textContent('#rotations tr:has-text("k3s-token")')) ?? '', /never/);
    assert.match((await page.textContent('#certificates')) ?? '', /API server 127\.0\.0\.1:\d+.*10 yLooked/);

    await page.click('.matrix tr:has-text("pi-1") button');
    assert.equal(new URL(page.url()).search, '?q=pi-1');
    await page.waitForSelector('#drift >> text=Deployment', { state: 'detached' });
    await page.reload();
    await page.waitForSelector('#drift >> text=Node pi-1');
    assert.equal(await page.inputValue('[data-filter]'), 'pi-1');
    assert.equal(await page.locator('#drift >> text=Deployment').count(), 0);

    await open('/cluster');
    await page.waitForSelector('#drift >> text=onerror');
    await page.waitForSelector('#alerts >> text=onerror');
    assert.equal(await page.evaluate('globalThis.planted'), undefined);
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

test(
  'an alert is taken: first it is said what would be done, then there is one silence, and a record of it',
  options,
  async () => {
    const { page, context, complaints, open } = await visit(browser(), larder);
    await open('/cluster');
    const row = page.locator('.alerts tr:has-text("NodeOffline")');
    await row.locator('text=nobody has taken it').waitFor();
    const take = async (button: string, reason: string, time: string): Promise<string> => {
      const before = alertmanager.silences();
      await row.locator(`button:has-text("${button}")`).click();
      assert.equal(await page.locator('dialog .primary').isEnabled(), false, 'nothing is filled in');
      await page.fill('dialog label:has-text("What is being done") input', reason);
      await page.fill('dialog label:has-text("Who takes care") input', 'ana');
      await page.click(`dialog .segments >> text=${time}`);
      await page.locator('dialog .primary:enabled', { hasText: `Take for ${time}` }).waitFor();
      const planned = (await page.locator('dialog').textContent()) ?? '';
      assert.deepEqual(alertmanager.silences(), before, 'a dry run silences nothing');
      await page.click('dialog .primary:enabled');
      await page.waitForSelector('.dry-run >> text=Done');
      await page.click('dialog >> text=Close');
      return planned;
    };
    const planned = await take('Take', "ana's switch", '2h');
    assert.match(
      planned,
      /Dry run: NodeOffline node=pi-1 \(3b1f6c0e9a7d4c52\) is silent until .*, for ana: ana's switch/,
    );
    assert.match(planned, /larder cluster alerts ack 3b1f6c0e9a7d4c52 --for 2h --reason 'ana'\\''s switch' --by ana/);
    const [silence, ...others] = alertmanager.silences();
    assert.equal(others.length, 0);
    assert.equal(silence?.createdBy, 'ana');
    assert.deepEqual(
      silence?.matchers.map(({ name, value, isRegex }) => [name, value, isRegex]),
      [
        ['alertname', 'NodeOffline', false],
        ['severity', 'critical', false],
        ['node', 'pi-1', false],
      ],
    );
    const [record] = await acknowledgements();
    assert.deepEqual(
      [record?.acknowledgedBy, record?.silenceId, record?.comment],
      ['ana', silence?.id, "ana's switch"],
    );
    await row.locator('text=taken by ana').waitFor();

    await take('Take longer', 'still on its way', '1d');
    assert.equal(alertmanager.silences().length, 1, 'the same silence is changed');
    assert.ok(Date.parse(alertmanager.silences()[0]?.endsAt ?? '') > Date.parse(silence?.endsAt ?? ''));
    assert.deepEqual(complaints, []);
    await context.close();
  },
);

const acknowledged = z.object({ type: z.string(), data: z.record(z.string(), z.unknown()) });

async function acknowledgements(): Promise<readonly Record<string, unknown>[]> {
  const { stdout } = await world.site.ledger(['export']);
  const records = stdout.split('\n').filter((line) => line.trim() !== '');
  return records
    .map((line) => acknowledged.parse(JSON.parse(line)))
    .filter(({ type }) => type === 'alert-acknowledged')
    .map(({ data }) => data);
}

test(
  'it keeps the rules of accessibility, light and dark, and on a phone nothing goes beyond the edge',
  options,
  async () => {
    const { page, context, open } = await visit(browser(), larder);
    await open('/cluster');
    await page.waitForSelector('#drift >> text=Node pi-1');
    await page.waitForSelector('.alerts tr');
    await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], colorScheme);
    }
    await page.click('.alerts button >> nth=-1');
    await page.waitForSelector('dialog .segments');
    assert.deepEqual(await violations(page), [], 'dialog');
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 360, height: 740 });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
    await context.close();
  },
);

test(
  'who may not see nodes or take alerts does neither, here or by hand; what is wrong is refused with the reason',
  options,
  async () => {
    const { tokens } = await makeUsers(await clientOf(larder));
    const ask = (token: string, path: string, body?: object): Promise<Response> =>
      fetch(`${larder.console.origin}/api/cluster/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
    const wish = { fingerprint: HOSTILE.fingerprint, for: '2h', reason: 'mine', by: 'somebody else' };
    for (const path of ['nodes', 'certificates', 'records', 'alerts']) {
      assert.equal((await ask(tokens.viewer, path)).status, 403, path);
      assert.equal((await ask(tokens.boss, path)).status, 200, path);
    }
    assert.equal((await ask(tokens.viewer, 'alerts/acknowledge', wish)).status, 403);
    const planned = await ask(tokens.boss, 'alerts/acknowledge', { ...wish, dryRun: true });
    assert.match(
      await planned.text(),
      /for system:serviceaccount:people:boss: mine/,
      'an account takes in its own name',
    );

    const own = larder.console.searchParams.get('token') ?? '';
    const refusals = [
      [{ ...wish, for: '8d' }, 400, /8d is longer than 7d/],
      [{ ...wish, for: '0h' }, 400, /0h.* is no time/],
      [{ ...wish, reason: ' ' }, 400, /reason/],
      [{ ...wish, by: '' }, 400, /by is empty/],
      [{ ...wish, also: 1 }, 400, /also/],
      [{ ...wish, fingerprint: 'ffffffff' }, 409, /has no alert ffffffff.*LARDER_ALERTS_NOT_FOUND/],
    ] as const;
    const before = alertmanager.silences().length;
    for (const [body, status, why] of refusals) {
      const answer = await ask(own, 'alerts/acknowledge', body);
      assert.equal(answer.status, status, JSON.stringify(body));
      assert.match(await answer.text(), why);
    }
    assert.equal(alertmanager.silences().length, before);
  },
);

test('an Alertmanager that is gone is told, and the rest of the screen stands', options, async () => {
  await alertmanager.close();
  const { page, context, open } = await visit(browser(), larder);
  await open('/cluster');
  await page.waitForSelector('#alerts >> text=LARDER_ALERTS_UNREACHABLE');
  await page.waitForSelector('.matrix tr:has-text("pi-1")');
  await eventually('the drills to be there', async () =>
    (await page.locator('#drills tr').count()) > 5 ? true : undefined,
  );
  await context.close();
});
