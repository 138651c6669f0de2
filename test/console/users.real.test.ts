/** Accounts of a real control plane at the console: by hand and in Chromium, and when its API server does not answer. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freshConsole } from '../../console/build.ts';
import { kinds } from '../../src/kube/index.ts';
import { localClasses } from '../../src/operator/classes.ts';
import { clientOf } from '../e2e/claims.ts';
import { eventually, type RunningOperator, startOperator, temporaryFolder } from '../e2e/larder.ts';
import { planeFor } from '../e2e/site.ts';
import { missingControlPlane } from '../tools/control-plane.ts';
import { startChromium } from './browser.ts';
import {
  aStrangerSeesNothing,
  eachDoesWhatTheClusterLets,
  eachSeesWhatTheClusterLets,
  nobodyElseComesIn,
} from './people.ts';
import {
  anAdministratorSeesAll,
  anEditorActs,
  aPageIsOpen,
  aSessionEndsWithItsAccount,
  aViewerLooks,
  type Stage,
} from './signed-in.ts';
import { makeUsers } from './users.ts';

const missing = await missingControlPlane();
const chromium = missing === undefined ? await startChromium() : ({ kind: 'missing', reason: missing } as const);
const skip = missing ?? false;

test('on a real control plane, each account sees and does what the cluster lets it', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  for (const storageClass of localClasses) await client.create(kinds.StorageClass, storageClass);
  const operator = await operatorOn(t, plane.kubeconfig);
  const stage: Stage = { client, console: operator.console, users: await makeUsers(client) };
  await t.test('sees', () => eachSeesWhatTheClusterLets(stage));
  await t.test('a stranger sees nothing', () => aStrangerSeesNothing(stage));
  await t.test('does', () => eachDoesWhatTheClusterLets(stage));
  await t.test('forged tokens, foreign pages and foreign names', () => nobodyElseComesIn(stage));
  const inBrowser = { skip: chromium.kind === 'missing' && chromium.reason };
  if (chromium.kind === 'ready') {
    await freshConsole();
    t.after(() => chromium.browser.close());
  }
  const browser = () => {
    if (chromium.kind === 'missing') throw new Error(chromium.reason);
    return chromium.browser;
  };
  await t.test('a viewer looks', inBrowser, () => aViewerLooks(browser(), stage));
  await t.test('an editor acts', inBrowser, () => anEditorActs(browser(), stage));
  await t.test('an administrator sees all', inBrowser, () => anAdministratorSeesAll(browser(), stage));
  await t.test('only accounts come in where the own token is switched off', () =>
    ownTokenRefused(t, plane.kubeconfig, stage),
  );
  await t.test('a session ends with its account', inBrowser, () => aSessionEndsWithItsAccount(browser(), stage));
  await t.test('without an API server nobody is let in but the holder of the own token', async () => {
    const said = chromium.kind === 'ready' ? await aPageIsOpen(chromium.browser, stage) : undefined;
    await plane.stop('kube-apiserver');
    await nobodyKnows(stage);
    await said?.();
  });
});

async function operatorOn(t: TestContext, kubeconfig: string, ...more: readonly string[]): Promise<RunningOperator> {
  const folder = temporaryFolder((remove) => t.after(remove));
  const operator = await startOperator([
    ...['--kubeconfig', kubeconfig, '--leader-election', 'false', '--watch-interval', '5s', '--allow-local'],
    ...['--export', `127.0.0.1:/storage/v=${folder}`, '--export', `local:${folder}`, ...more],
  ]);
  t.after(async () => {
    operator.kill('SIGKILL');
    await operator.exited;
  });
  return operator;
}

const statusFrom = async ({ console: { origin } }: Pick<Stage, 'console'>, token: string): Promise<number> =>
  (await fetch(`${origin}/api/status`, { headers: { authorization: `Bearer ${token}` } })).status;

async function ownTokenRefused(t: TestContext, kubeconfig: string, { users }: Stage): Promise<void> {
  const chosen = 'a-token-that-somebody-chose-for-the-console';
  const more = ['--console-sign-in', 'cluster', '--token', chosen, '--provisioner-name', 'example.com/other'];
  const operator = await operatorOn(t, kubeconfig, ...more);
  assert.equal(operator.console.search, '');
  assert.equal(await statusFrom(operator, chosen), 401);
  assert.equal(await statusFrom(operator, users.tokens.boss), 200);
  operator.kill('SIGTERM');
  await operator.exited;
}

/** What was answered lately counts for some seconds yet. */
async function nobodyKnows(stage: Stage): Promise<void> {
  const own = stage.console.searchParams.get('token') ?? '';
  for (const person of ['boss', 'editor'] as const) {
    await eventually(`${person} to be let in no more`, async () =>
      (await statusFrom(stage, stage.users.tokens[person])) === 503 ? true : undefined,
    );
  }
  assert.equal(await statusFrom(stage, 'nobody-has-this-token'), 503);
  assert.equal(await statusFrom(stage, own), 200);
  const form = await fetch(`${stage.console.origin}/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: `token=${stage.users.tokens.boss}`,
  });
  assert.equal(form.status, 503);
  assert.match(await form.text(), /the Kubernetes API did not say who you are/);
}
