import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { readSpec } from '../spec/read-spec.ts';
import { alertRules } from './alert-rules.ts';
import { alertmanagerConfig, silentRoutes, targetFiles } from './alertmanager-config.ts';
import { generated, isGenerated } from './generated.ts';
import { scrapeConfigs } from './scrape-configs.ts';
import { hostsFile, zone } from './zone.ts';

function specOf(text: string): ClusterSpec {
  const read = readSpec(text, '2026-03-01');
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

const example = specOf(readFileSync('examples/cluster/cluster.example.yaml', 'utf8'));
const small = specOf(`name: attic
api: {vip: 'fd00::9', names: [api.attic.lan]}
loadBalancer: kube-vip
nodes:
  - {name: one.attic.lan, aliases: [first.attic.lan], address: 'fd00::1', role: server-agent}
  - {name: two, address: 192.0.2.2, role: worker}
alerts:
  routes:
    - {id: mail, alert: NodeOffline, severity: warning, channel: email, target: 'sops:secrets/a.sops.yaml#mail'}
    - {id: chat, alert: NodeOffline, severity: info, channel: matrix, target: 'sops:secrets/a.sops.yaml#chat'}
`);

test('every node is a target at its own address, and every server twice', () => {
  const [nodes, servers, etcd] = scrapeConfigs(small);
  const targets = (config: typeof nodes) => config?.static_configs.flatMap(({ targets: each }) => each);
  assert.deepEqual(targets(nodes), ['[fd00::1]:9100', '192.0.2.2:9100']);
  assert.deepEqual([targets(servers), targets(etcd)], [['[fd00::1]:6443'], ['[fd00::1]:2381']]);
});

test('rules follow the number of servers, the runbooks and what the routes say', () => {
  const rule = (spec: ClusterSpec, name: string) =>
    alertRules(spec)
      .flatMap(({ rules }) => rules)
      .find(({ alert }) => alert === name) ?? assert.fail(name);
  assert.match(rule(example, 'EtcdQuorumLost').expr, /> 1$/);
  assert.match(rule(small, 'EtcdQuorumLost').expr, /> 0$/);
  assert.equal(rule(example, 'NodeOffline').labels.severity, 'critical');
  assert.equal(rule(small, 'NodeOffline').labels.severity, 'warning', 'of several routes the one that matters most');
  const moved = specOf(
    `name: a\nnodes: [{name: a, address: 192.0.2.1, role: server-agent}]\nrunbooks: {rebuild: my/own.md}\n`,
  );
  assert.equal(rule(moved, 'NodeOffline').annotations['runbook'], 'my/own.md');
});

test('no address and no key is in the routes, and each file of the Secret is one that they name', () => {
  const text = JSON.stringify(alertmanagerConfig(example));
  assert.ok(!text.includes('sops:') && !text.includes('secrets/alerting'));
  const names = targetFiles(example).map(({ name }) => name);
  assert.deepEqual(names, ['route-node-offline', 'route-control-plane', 'route-drift.tmpl']);
  for (const name of names.filter((each) => !each.endsWith('.tmpl')))
    assert.ok(text.includes(`alert-targets/${name}"`));
  assert.match(text, /alert-targets\/\*\.tmpl/);
  const mail = targetFiles(example).find(({ name }) => name.endsWith('.tmpl'));
  assert.equal(
    mail?.content('a"{{b}}@example.org\n'),
    '{{ define "target-drift" }}{{ "a\\"{{b}}@example.org" }}{{ end }}',
  );
});

test('a route by e-mail without a mail server is told, and left out', () => {
  assert.deepEqual(silentRoutes(small).length, 1);
  assert.match(silentRoutes(small)[0] ?? '', /^the route mail .*nobody is told/);
  assert.deepEqual(
    targetFiles(small).map(({ name }) => name),
    ['route-chat'],
  );
  assert.deepEqual(silentRoutes(example), []);
});

test('names for a name server and for machines without one', () => {
  assert.equal(hostsFile(small), 'fd00::1 one.attic.lan one first.attic.lan\n192.0.2.2 two\nfd00::9 api.attic.lan\n');
  assert.equal(
    zone(small),
    'one.attic.lan. 300 IN AAAA fd00::1\nfirst.attic.lan. 300 IN AAAA fd00::1\ntwo 300 IN A 192.0.2.2\napi.attic.lan. 300 IN AAAA fd00::9\n',
  );
});

test('what is generated says so, reads as YAML, and is the same each time', () => {
  const files = generated(example);
  assert.deepEqual(generated(example), files);
  assert.ok(files.every(({ text }) => isGenerated(text)));
  assert.ok(!isGenerated('groups: []\n# Made from cluster.yaml by `larder cluster render`'));
  const values = files.find(({ path }) => path.endsWith('values.yaml'));
  assert.deepEqual(Object.keys(parse(values?.text ?? '')), [
    'additionalPrometheusRulesMap',
    'prometheus',
    'alertmanager',
  ]);
});
