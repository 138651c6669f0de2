/** Alertmanager behind a Service, asked through the API server of a real control plane, as where nothing else reaches it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { alertmanagerFor } from '../tools/alertmanager.ts';
import { runChild } from '../tools/child.ts';
import { controlPlaneFor, missingControlPlane } from '../tools/control-plane.ts';
import { lacking, pathOf } from '../tools/run-tool.ts';
import { eventually, runLarder, temporaryFolder } from './larder.ts';

const own = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
const skip =
  (await lacking('alertmanager', 'kubectl')) ||
  ((await missingControlPlane()) ?? false) ||
  (own === undefined ? 'an endpoint may not be a loopback address, and this machine has no other' : false);

/** The address of an endpoint, which is this machine's own: nobody else is let in. */
async function relay(t: TestContext, host: string, to: number): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (socket.remoteAddress !== host) return socket.destroy();
    const there = connect(to, '127.0.0.1').on('error', () => socket.destroy());
    socket.pipe(there).pipe(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('alerts are listed and acknowledged through the API server', { skip }, async (t) => {
  const { kubeconfig } = await controlPlaneFor(t);
  const url = await alertmanagerFor(t, { route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] });
  const host = own ?? '';
  const port = await relay(t, host, Number(new URL(url).port));
  const metadata = { name: 'watch', namespace: 'monitoring' };
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'monitoring' } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'web', port: 9093 }] } },
    { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'a', image: 'a' }] } },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata,
      // The API server leads nobody to an address that is not a pod's.
      subsets: [{ addresses: [{ ip: host, targetRef: { kind: 'Pod', ...metadata } }], ports: [{ name: 'web', port }] }],
    },
  ];
  const folder = temporaryFolder((remove) => t.after(remove));
  const manifest = join(folder, 'objects.json');
  writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const path = await pathOf('kubectl');
  const kubectl = (...args: readonly string[]) =>
    runChild({
      ...{ command: path, args: ['--kubeconfig', kubeconfig, '-n', 'monitoring', ...args] },
      ...{ cwd: folder, env: { HOME: folder }, limitMs: 60_000 },
    });
  // A pod waits for the account of its namespace.
  await eventually(
    'the objects to be there',
    async () => (await kubectl('apply', '-f', manifest)).code === 0 || undefined,
  );
  const status = JSON.stringify({ status: { phase: 'Running', podIP: host, podIPs: [{ ip: host }] } });
  const patched = await kubectl('patch', 'pod', 'watch', '--subresource=status', '--type=merge', '-p', status);
  assert.equal(patched.code, 0, patched.output);
  const file = join(folder, 'cluster.yaml');
  writeFileSync(
    file,
    'name: home\nnodes:\n  - {name: pi-1.local, address: 192.0.2.11, role: server-agent, storage: ssd}\n',
  );
  const alerts = (...words: readonly string[]) =>
    runLarder(['cluster', 'alerts', ...words, '-f', file, '--kubeconfig', kubeconfig], {
      LARDER_ALERTMANAGER: '',
      LARDER_LEDGER: '',
    });
  const body = JSON.stringify([{ labels: { alertname: 'NodeOffline', node: 'pi-1' }, annotations: {} }]);
  const headers = { 'content-type': 'application/json' };
  assert.equal((await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body })).status, 200);

  // The API server has to hear of the endpoint first.
  const listed = await eventually(
    'the service to be asked',
    async () => {
      const { stdout } = await alerts('list', '--service', 'monitoring/watch:web', '-o', 'json');
      return stdout === '' ? undefined : stdout;
    },
    10,
  );
  assert.match(listed, /"NodeOffline"/);
  const taken = await alerts(
    ...['ack', 'NodeOffline', '--service', 'monitoring/watch:web', '--reason', 'looking', '--by', 'ana', '--yes'],
  );
  assert.equal(taken.code, 0, taken.stderr);
  const silences: unknown = await (await fetch(`${url}/api/v2/silences`)).json();
  assert.match(JSON.stringify(silences), /"createdBy":"ana"/);

  const nobody = await alerts('list', '--service', 'monitoring/other:web');
  assert.equal(nobody.code, 2);
  assert.match(nobody.stderr, /services .*other.* not found.*LARDER_ALERTS_REFUSED/s);
});
