/** What one source cannot tell the next one does: a kubelet that cannot be verified, and a real Prometheus that scrapes it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bytesOf, kinds } from '../../src/kube/index.ts';
import { startFleet } from '../kubelet/fleet.ts';
import { startKubelets } from '../kubelet/kubelet.ts';
import { missingControlPlane } from '../tools/control-plane.ts';
import { missingPrometheus, startPrometheus } from '../tools/prometheus.ts';
import { startResizer } from '../tools/resizer.ts';
import { clientOf } from './claims.ts';
import { eventually, runLarder, startOperator } from './larder.ts';
import { addressOf, planeFor } from './site.ts';

const skip = (await missingControlPlane()) ?? (await missingPrometheus());
const GIB = 2n ** 30n;
const DRIVER = 'block.csi.example.com';
const SECRET = 'planted-secret-token';

test('on a real control plane, a volume grows by what Prometheus knows of a node whose kubelet cannot be verified', {
  skip,
}, async (t) => {
  const { operator, client, kubelets, port } = await stage(t);
  const run = (...args: readonly string[]) => runLarder(args, addressOf(operator));
  await eventually('both claims to grow', async () => {
    const { items } = await client.list(kinds.PersistentVolumeClaim, { namespace: 'shop' });
    return items.every(({ status }) => bytesOf(status?.capacity?.['storage']) === 11n * GIB) ? true : undefined;
  });
  const explained = (name: string, source: RegExp) =>
    eventually(`a measurement of ${name} by ${source}`, async () => {
      const said = await run('explain', `pvc/${name}`, '-n', 'shop'); // after a growth it is measured afresh
      return source.test(said.stdout) ? said : undefined;
    });
  const known = await explained('known', /\(kubelet, node node-0\)/);
  const alien = await explained('alien', new RegExp(`\\(prometheus,\\s+127\\.0\\.0\\.1:${port}\\)`));
  assert.doesNotMatch(alien.stdout, /\(kubelet,/);

  const doctor = await run('doctor', '-o', 'json');
  const findings: readonly { check: string; level: string; message: string }[] = JSON.parse(doctor.stdout);
  const said = findings
    .filter(({ check }) => check.startsWith('usage from '))
    .map(({ level, message }) => [level, message]);
  assert.deepEqual(
    said.map(([level]) => level),
    ['ok', 'warning', 'warning'],
  );
  assert.match(said[0]?.[1] ?? '', /^directly, certificates verified against .+; 1 of 2 answered$/);
  assert.match(
    said[1]?.[1] ?? '',
    /^1 of 2 gave nothing, for example: node node-1: the certificate of .+ it was sent no token/,
  );
  assert.match(said[2]?.[1] ?? '', /^http:.+: its token or password is sent without encryption; 1 of 1 answered$/);

  const metrics = await (await fetch(new URL(`/metrics${operator.console.search}`, operator.console))).text();
  assert.match(metrics, /^pvc_chonker_node_scrape_success\{node="node-1"\} 0$/m);
  const config = await runLarder(['config', 'show'], { LARDER_PROMETHEUS_TOKEN: SECRET });
  const all = [known, alien, doctor, config].map(({ stdout, stderr }) => stdout + stderr).join('\n');
  for (const secret of [SECRET, 'first-token']) {
    assert.ok(!`${all}\n${metrics}\n${operator.lines.join('\n')}\n${operator.stderr()}`.includes(secret), secret);
  }
  assert.deepEqual([...kubelets.tokens], ['Bearer first-token']); // the one of the kubelets went nowhere else, and no other came
});

async function stage(t: TestContext) {
  const plane = await planeFor(t);
  const client = await clientOf(plane);
  const kubelets = await startKubelets();
  t.after(() => kubelets.close());
  const claims = ['known', 'alien'].map((name) => ({ name, gib: 10, used: 0.85 }));
  const fleet = await startFleet({
    ...{ client, kubelets, namespace: 'shop', nodes: 2, foreign: [1], claims, provisioner: DRIVER, inFlight: 2 },
  });
  const resizer = await startResizer({
    client,
    provisioner: DRIVER,
    expand: () => ({ kind: 'grown', node: false }),
    grown: fleet.grow,
  });
  t.after(() => resizer.close());
  const targets = fleet.nodes.map(({ name, port }) => ({ targets: [`127.0.0.1:${port}`], labels: { node: name } }));
  const job = { job_name: 'kubelet', scheme: 'https', scrape_interval: '1s', scrape_timeout: '1s', honor_labels: true };
  const tls = { tls_config: { insecure_skip_verify: true }, authorization: { credentials_file: kubelets.tokenFile } };
  const prometheus = await startPrometheus({ scrape: JSON.stringify([{ ...job, ...tls, static_configs: targets }]) });
  t.after(() => prometheus.close());
  const operator = await startOperator(
    [
      ...['--kubeconfig', plane.kubeconfig, '--leader-election', 'false', '--allow-local', '--export', 'local:/tmp'],
      ...['--watch-interval', '2s', '--kubelet-interval', '2s', '--kubelet', 'direct', '--log-level', 'debug'],
      ...['--kubelet-ca', kubelets.authorityFile, '--kubelet-token-file', kubelets.tokenFile],
      ...['--prometheus-url', prometheus.url, '--prometheus-interval', '2s'],
    ],
    { LARDER_PROMETHEUS_TOKEN: SECRET },
  );
  t.after(() => operator.kill('SIGKILL'));
  return { operator, client, kubelets, port: prometheus.port };
}
