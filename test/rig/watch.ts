/**
 * What watches a cluster of a rig, for real: node exporters on the machines, Prometheus and Alertmanager at the operator's
 * place, with the rules, targets and routes that Larder makes from cluster.yaml, and `larder cluster alerts receive` behind.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alertRules } from '../../src/cluster/render/alert-rules.ts';
import { alertmanagerConfig } from '../../src/cluster/render/alertmanager-config.ts';
import { scrapeConfigs } from '../../src/cluster/render/scrape-configs.ts';
import type { ClusterSpec } from '../../src/cluster/spec/cluster-spec.ts';
import { readSpec } from '../../src/cluster/spec/read-spec.ts';
import { installAll } from '../tools/install.ts';
import type { LarderOnRig } from './larder-on-rig.ts';
import type { Rig } from './rig.ts';
import { settles } from './settles.ts';

/** Of pi-1, where its exporter takes the report of drift from; as the operator's place sees it. */
export const TEXTFILE = '/mnt/pi-1/root/var/lib/larder/textfile/drift.prom';
export const ALERTMANAGER = 'http://127.0.0.1:9093';
const PROMETHEUS = 'http://127.0.0.1:9090';
const PLACE = '/mnt/watch';
const TOKEN = 'a-token-of-the-rig-that-is-long-enough-0123456789';
/** In place of the waits of the rules, which are there so that nobody is told of what mends itself. */
export const WAIT_S = 5;

/** The reason of a skip where a program cannot be had. Ready when every target was asked once. */
export async function watchOn(rig: Rig, larder: LarderOnRig): Promise<string | undefined> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const programs = await installAll(['prometheus', 'alertmanager', 'node_exporter'], { env: process.env, say });
  const paths: Record<string, string> = {};
  for (const [name, provided] of programs) {
    if (provided.kind === 'unavailable') return provided.reason;
    paths[name] = provided.path;
  }
  for (const { name } of rig.machines) await exportNode(rig, name, paths['node_exporter'] ?? '');
  await mayRead(rig);
  write(rig, specOf(larder));
  await larder.begin(
    'alerts receive --port 7491 --token-file /mnt/watch/token --ledger-key /mnt/signing',
    '/mnt/receive',
  );
  const flags = '--web.listen-address=127.0.0.1';
  // Each in a session of its own; whoever is not in it yet when this ends would be taken along.
  await rig.room.run(`cd ${PLACE}
    setsid '${paths['alertmanager']}' --config.file=alertmanager.yaml --storage.path=alerts ${flags}:9093 --cluster.listen-address= </dev/null >alertmanager.log 2>&1 &
    setsid '${paths['prometheus']}' --config.file=prometheus.yaml --storage.tsdb.path=data ${flags}:9090 </dev/null >prometheus.log 2>&1 &
    for url in ${ALERTMANAGER} ${PROMETHEUS}; do
      for try in $(seq 200); do curl -sf $url/-/ready >/dev/null && break; sleep 0.1; done
    done`);
  const asked = rig.machines.length + 2 * (rig.machines.length - 1);
  await settles('every target is asked', async () => {
    const asking = `curl -sf '${PROMETHEUS}/api/v1/targets' | jq -r '.data.activeTargets[] | .health + " " + .scrapeUrl + " " + .lastError'`;
    const lines = (await rig.room.run(asking)).trim().split('\n');
    const down = lines.filter((line) => !line.startsWith('up '));
    if (lines.length !== asked || down.length > 0) throw new Error(`of ${asked} targets: ${down.join('\n') || lines}`);
  });
  return undefined;
}

/** As a service, so that it comes back with the machine. */
async function exportNode(rig: Rig, name: string, program: string): Promise<void> {
  await rig.room.run(`cp '${program}' /mnt/${name}/root/usr/local/bin/node_exporter`);
  await rig.on(
    name,
    `mkdir -p /var/lib/larder/textfile
    printf '[Service]\\nExecStart=/usr/local/bin/node_exporter --collector.textfile.directory=/var/lib/larder/textfile\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/node-exporter.service
    systemctl daemon-reload; systemctl -q enable --now node-exporter`,
  );
}

/** The account that Prometheus has in a cluster, and the authority that it trusts there. */
async function mayRead(rig: Rig): Promise<void> {
  const kubectl = 'k3s kubectl -n kube-system';
  const token = await rig.on(
    'pi-1',
    `${kubectl} create serviceaccount watch >/dev/null; ${kubectl} create clusterrole watch --verb=get --non-resource-url=/metrics >/dev/null
    ${kubectl} create clusterrolebinding watch --clusterrole=watch --serviceaccount=kube-system:watch >/dev/null; ${kubectl} create token watch`,
  );
  mkdirSync(rig.room.at(PLACE), { recursive: true });
  writeFileSync(rig.room.at(`${PLACE}/account`), token.trim());
  await rig.room.run(`cp /mnt/pi-1/root/var/lib/rancher/k3s/server/tls/server-ca.crt ${PLACE}/ca.crt`);
}

/** That of the rig, with somebody to be told. */
function specOf(larder: LarderOnRig): ClusterSpec {
  const route = (alert: string): object => ({
    id: alert,
    alert,
    severity: 'critical',
    channel: 'pager',
    target: 'sops:secrets/alerts.sops.yaml#pager',
  });
  const read = readSpec(
    stringify({
      name: 'rig',
      nodes: larder.nodes(),
      alerts: { routes: ['NodeOffline', 'ControlPlaneDegraded', 'ConfigurationDrift'].map(route) },
    }),
    '2026-11-01',
  );
  if (read.kind === 'spec') return read.spec;
  throw new Error(JSON.stringify(read.findings));
}

function write(rig: Rig, spec: ClusterSpec): void {
  const place = rig.room.at(PLACE);
  const put = (name: string, value: unknown): void =>
    writeFileSync(
      join(place, name),
      JSON.stringify(value, null, 1)
        .replaceAll('/var/run/secrets/kubernetes.io/serviceaccount/ca.crt', `${PLACE}/ca.crt`)
        .replaceAll('/var/run/secrets/kubernetes.io/serviceaccount/token', `${PLACE}/account`)
        .replaceAll('/etc/alertmanager/secrets/alert-targets/', `${PLACE}/`)
        .replaceAll(/"for": "[125]m"/g, `"for": "${WAIT_S}s"`),
    );
  put('rules.yaml', { groups: alertRules(spec) });
  put('prometheus.yaml', {
    global: { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:9093'] }] }] },
    scrape_configs: scrapeConfigs(spec),
  });
  put('alertmanager.yaml', alertmanagerConfig(spec));
  writeFileSync(join(place, 'token'), TOKEN, { mode: 0o600 });
  for (const { id } of spec.alerts.routes)
    writeFileSync(join(place, `route-${id}`), `http://127.0.0.1:7491/alerts?token=${TOKEN}`);
}
