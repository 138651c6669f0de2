/** The panels that directories alone leave empty: kubelets are asked, a driver fails, and an hour of figures is there. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openHistory } from '../../src/expand/usage/history-store.ts';
import { type Client, kinds } from '../../src/kube/index.ts';
import { systemClock as clock } from '../../src/telemetry/clock.ts';
import { silentLog as log } from '../../src/telemetry/log.ts';
import { startFleet } from '../kubelet/fleet.ts';
import { startKubelets } from '../kubelet/kubelet.ts';
import { missingPrometheus, startPrometheus } from '../tools/prometheus.ts';
import { dashboardsOf } from './chart/dashboards.ts';
import { clientOf } from './claims.ts';
import { ask, QUIET } from './dashboard-queries.ts';
import { apiFor } from './growth-only.ts';
import { eventually, startOperator, temporaryFolder } from './larder.ts';

const GIB = 2n ** 30n;
const MINUTE = 60_000;
const DRIVER = 'disks.csi.example.com';
const NAMESPACE = 'shop';
const DAY = 86_400_000;

const claims = [
  { name: 'filling', gib: 10, used: 0.6 },
  { name: 'failing', gib: 10, used: 0.99 },
];

test('every panel that a run on directories leaves empty has data where kubelets are asked and a driver fails', {
  skip: await missingPrometheus(),
}, async (t) => {
  const operator = await running(t);
  const job = { job_name: 'larder', scrape_interval: '1s', static_configs: [{ targets: [operator.console.host] }] };
  const prometheus = await startPrometheus({ scrape: JSON.stringify([job]) });
  t.after(() => prometheus.close());
  const panels = dashboardsOf(resolve(import.meta.dirname, '../../deploy/grafana'))
    .flatMap((dashboard) => dashboard.panels)
    .filter(({ title }) => title in QUIET);
  assert.deepEqual([...new Set(panels.map(({ title }) => title))].sort(), Object.keys(QUIET).sort());
  for (const { title, targets } of panels) {
    for (const { expr } of targets) {
      const filled = expr.replaceAll('$namespace', NAMESPACE);
      await eventually(`${title}: ${filled}`, async () => (await ask(prometheus, filled)).length > 0 || undefined);
    }
  }
  const soonest = await ask(prometheus, `pvc_chonker_time_to_full_seconds{pvc="filling"} < ${2 * DAY}`);
  assert.equal(soonest.length, 1, 'at a GiB in an hour the other four are full within two days');
});

/** An operator that grows two volumes: of one it knows an hour, the driver of the other refuses. */
async function running(t: TestContext) {
  const kubeconfig = await apiFor(t);
  const client = await clientOf({ kubeconfig });
  const kubelets = await startKubelets();
  t.after(() => kubelets.close());
  await startFleet({ client, kubelets, namespace: NAMESPACE, nodes: 2, provisioner: DRIVER, inFlight: 2, claims });
  const folder = temporaryFolder((remove) => t.after(remove));
  const path = join(folder, 'history.db');
  await remember(client, path);
  const operator = await startOperator([
    ...['--kubeconfig', kubeconfig, '--no-provisioner', '--leader-election', 'false', '--history', path],
    ...['--watch-interval', '1s', '--kubelet-interval', '1s', '--kubelet', 'direct'],
    ...['--kubelet-ca', kubelets.authorityFile, '--kubelet-token-file', kubelets.tokenFile],
  ]);
  t.after(() => operator.kill('SIGKILL'));
  await refuse(client);
  return operator;
}

/** As an operator before this one measured it: a GiB more in the last hour and a half. */
async function remember(client: Client, path: string): Promise<void> {
  const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace: NAMESPACE, name: 'filling' });
  const store = openHistory({ path, retentionMs: DAY, clock, log });
  const now = clock.now();
  store.add(
    Array.from({ length: 18 }, (_, index) => ({
      uid: metadata.uid,
      at: now - (18 - index) * 5 * MINUTE,
      usedBytes: 5n * GIB + (BigInt(index) * GIB) / 18n,
      capacityBytes: 10n * GIB,
    })),
  );
  store.close();
}

/** What a resizer writes when the driver has no answer. */
async function refuse(client: Client): Promise<void> {
  const where = { namespace: NAMESPACE, name: 'failing' };
  await eventually('growth to be asked for', async () => {
    const { spec } = await client.get(kinds.PersistentVolumeClaim, where);
    return spec.resources.requests['storage'] === '10Gi' ? undefined : true;
  });
  const condition = {
    type: 'ControllerResizeError',
    status: 'True',
    message: 'rpc error: code = Internal desc = the disk is busy',
    lastTransitionTime: new Date(clock.now()).toISOString(),
  };
  const value = { status: { conditions: [condition] } };
  await client.patch(kinds.PersistentVolumeClaim, where, { kind: 'merge', value }, { subresource: 'status' });
}
