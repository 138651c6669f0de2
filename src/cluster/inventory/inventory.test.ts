import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { readSpec } from '../spec/read-spec.ts';
import { inventory } from './inventory.ts';
import { knownHosts } from './known-hosts.ts';

function specOf(text: string): ClusterSpec {
  const read = readSpec(text, '2026-03-01');
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

const example = readFileSync('examples/cluster/cluster.example.yaml', 'utf8');

test('every node is one host, in the group of its role', () => {
  const made = inventory(specOf(example));
  assert.deepEqual(made.k3s_server.hosts, ['pi-cluster-1.local', 'pi-cluster-2.local', 'pi-cluster-3.local']);
  assert.deepEqual(made.k3s_agent.hosts, ['pi-cluster-4.local']);
  assert.deepEqual(Object.keys(made._meta.hostvars), [...made.k3s_server.hosts, ...made.k3s_agent.hosts]);
  const host = made._meta.hostvars['pi-cluster-4.local'];
  assert.equal(host?.['ansible_host'], '192.168.1.14');
  assert.equal(host?.['larder_node_name'], 'pi-cluster-4');
  assert.deepEqual(host?.['larder_node_labels'], { 'larder.dev/disk': 'usb' });
});

test('the address of the API is told apart from its other names', () => {
  const nodes = 'nodes: [{name: a.local, address: 192.0.2.1, role: server-agent}]';
  const { vars } = inventory(
    specOf(`name: a\nloadBalancer: kube-vip\napi: {vip: 192.0.2.9, names: [k.local]}\n${nodes}\n`),
  ).all;
  assert.deepEqual([vars['larder_api_vip'], vars['larder_api_names']], ['192.0.2.9', ['192.0.2.9', 'k.local']]);
  assert.equal(inventory(specOf(`name: a\n${nodes}\n`)).all.vars['larder_api_vip'], '');
});

test('no reference to a secret, and no secret, is in it', () => {
  const text = JSON.stringify(inventory(specOf(example)));
  assert.ok(example.includes('sops:') && !text.includes('sops:'));
});

test('pinned keys are known by name, alias and address, at the port of the node', () => {
  const spec = specOf(`name: a
nodes:
  - {name: a.local, aliases: [b], address: 192.0.2.1, role: server-agent, ssh: {port: 2222, hostKey: ssh-ed25519 AAAA}}
  - {name: c.local, address: 192.0.2.2, role: worker, ssh: {hostKey: ssh-ed25519 BBBB}}
  - {name: d.local, address: 192.0.2.3, role: worker}
`);
  assert.equal(
    knownHosts(spec),
    '[a.local]:2222,[b]:2222,[192.0.2.1]:2222 ssh-ed25519 AAAA\nc.local,192.0.2.2 ssh-ed25519 BBBB\n',
  );
});
