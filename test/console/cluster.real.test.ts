/** The cluster screen on a real API server with the documented account, a real ledger and a real Alertmanager, in Chromium. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { freshConsole } from '../../console/build.ts';
import type { Client } from '../../src/kube/index.ts';
import { accountFor, post } from '../e2e/account.ts';
import { clientOf } from '../e2e/claims.ts';
import { eventually, startOperator, temporaryFolder } from '../e2e/larder.ts';
import { planeFor } from '../e2e/site.ts';
import { alertmanagerFor } from '../tools/alertmanager.ts';
import { missingControlPlane } from '../tools/control-plane.ts';
import { lacking } from '../tools/run-tool.ts';
import { startChromium, visit } from './browser.ts';
import { clusterWorld } from './cluster-world.ts';

const chromium = await startChromium();
const missing = chromium.kind === 'missing' ? chromium.reason : await missingControlPlane();
const skip = missing ?? (await lacking('alertmanager'));

test('nodes, certificates and alerts of a real cluster, and an alert that is taken on the page', {
  skip,
}, async (t) => {
  if (chromium.kind === 'missing') return assert.fail(chromium.reason);
  t.after(() => chromium.browser.close());
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  await makeNode(client);
  const account = await accountFor(t, plane);
  const world = await clusterWorld(t, 'web');
  const url = await alertmanagerFor(t, { route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] });
  await fire(url, { alertname: 'NodeOffline', severity: 'critical', node: 'pi-1' });
  const operator = await operatorOn(t, [...world.args, '--kubeconfig', account, '--alertmanager', url], world.env);

  const { page, complaints, open } = await visit(chromium.browser, operator);
  await open('/cluster');
  const node = page.locator('.matrix tr:has-text("pi-1")');
  await node.locator('text=v1.33.5+k3s1').waitFor();
  const told = (await node.textContent()) ?? '';
  for (const word of ['control-plane, etcd', 'should be v1.34.2+k3s1', '6.1.0-28-arm64', 'learner', 'disk']) {
    assert.ok(told.includes(word), `${word} in ${told}`);
  }
  const port = new URL(plane.url).port;
  const certificate = page.locator(`#certificates tr:has-text("API server 127.0.0.1:${port}")`);
  assert.match((await certificate.textContent()) ?? '', /\d{1,2} \p{L}+ 20\d{2}\s*\d+ (d|months?|y)$/u);

  const row = page.locator('.alerts tr:has-text("NodeOffline")');
  await row.locator('button:has-text("Take")').click();
  await page.fill('dialog label:has-text("What is being done") input', 'the switch is being replaced');
  await page.fill('dialog label:has-text("Who takes care") input', 'ana');
  await page.locator('dialog .primary:enabled').waitFor();
  assert.deepEqual(await silencesAt(url), []);
  await page.click('dialog .primary:enabled');
  await page.waitForSelector('.dry-run >> text=Done');
  await page.click('dialog >> text=Close');
  await row.locator('text=taken by ana').waitFor();
  assert.deepEqual(await silencesAt(url), ['ana: the switch is being replaced']);
  const list = await world.site.larder(
    ['cluster', 'alerts', 'list', '-f', `${world.site.root}/cluster.yaml`, '--alertmanager', url],
    undefined,
    { LARDER_LEDGER: world.site.root },
  );
  assert.equal(list.code, 0, list.stderr);
  assert.match(list.stdout, /NodeOffline node=pi-1 .*acknowledged by ana/);
  assert.equal((await world.site.ledger(['verify'])).code, 0);
  assert.deepEqual(complaints, []);
});

async function operatorOn(t: TestContext, args: readonly string[], env: Record<string, string>) {
  await freshConsole();
  const folder = temporaryFolder((remove) => t.after(remove));
  const operator = await startOperator(
    ['--allow-local', '--leader-election', 'false', '--export', `local:${folder}`, ...args],
    env,
  );
  t.after(async () => {
    operator.kill('SIGKILL');
    await operator.exited;
  });
  return operator;
}

/** As a kubelet of k3s writes it, of a server whose member of etcd does not vote yet. */
async function makeNode(client: Client): Promise<void> {
  const role = 'node-role.kubernetes.io';
  const labels = { [`${role}/control-plane`]: 'true', [`${role}/etcd`]: 'true' };
  await post(client, '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1', labels } });
  const condition = (type: string, status: string, reason: string): object => ({
    type,
    status,
    reason,
    message: reason,
  });
  const status = {
    conditions: [
      condition('Ready', 'True', 'KubeletReady'),
      condition('DiskPressure', 'True', 'KubeletHasDiskPressure'),
      condition('EtcdIsVoter', 'False', 'MemberIsLearner'),
    ],
    nodeInfo: {
      ...{ kubeletVersion: 'v1.33.5+k3s1', kernelVersion: '6.1.0-28-arm64', osImage: 'Debian GNU/Linux 12 (bookworm)' },
      ...{ architecture: 'arm64', operatingSystem: 'linux', machineID: '', systemUUID: '', bootID: '' },
      ...{ containerRuntimeVersion: 'containerd://2', kubeProxyVersion: '' },
    },
  };
  const response = await client.request({
    method: 'PATCH',
    path: '/api/v1/nodes/pi-1/status',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ status }),
  });
  assert.equal(response.status, 200, await response.text());
}

async function fire(url: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const response = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ labels, annotations: {} }]),
  });
  assert.equal(response.status, 200, await response.text());
  await eventually('the alert to be there', async () => {
    const all = z.array(z.unknown()).parse(await (await fetch(`${url}/api/v2/alerts`)).json());
    return all.length > 0 ? true : undefined;
  });
}

const silences = z.array(z.object({ createdBy: z.string(), comment: z.string() }));

async function silencesAt(url: string): Promise<readonly string[]> {
  const all = silences.parse(await (await fetch(`${url}/api/v2/silences`)).json());
  return all.map(({ createdBy, comment }) => `${createdBy}: ${comment}`);
}
