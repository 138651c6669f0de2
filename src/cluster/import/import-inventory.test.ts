import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnsibleInventory, hostNames, hostsIn, merged, varsOf } from './ansible-inventory.ts';
import { argumentsIn } from './arguments.ts';
import { importInventory } from './import-inventory.ts';
import { readIni } from './read-ini.ts';
import { readGroupVars, readInventory } from './read-inventory.ts';

const TOKEN = 'not-to-be-seen-anywhere';

const inYaml = `
k3s_cluster:
  children:
    server:
      hosts:
        pi-1.lan: { ansible_host: 192.168.7.11 }
        pi-2.lan: { ansible_host: 192.168.7.12, ansible_user: other }
        pi-3.lan: { ansible_host: 192.168.7.13 }
    agent:
      hosts:
        pi-4.lan: { ansible_host: 192.168.7.14, ansible_port: 2222 }
  vars:
    ansible_user: debian
    k3s_version: v1.31.12+k3s1
    token: "${TOKEN}"
    api_endpoint: "{{ hostvars[groups['server'][0]]['ansible_host'] | default(groups['server'][0]) }}"
    extra_server_args: "--disable traefik --tls-san=api.lan,192.168.7.11 --cluster-cidr 10.50.0.0/16 --node-taint critical=true:NoSchedule --kubelet-arg=max-pods=200 --token ${TOKEN}"
    server_config_yaml: |
      disable:
        - servicelb
      write-kubeconfig-mode: "0644"
    extra_agent_args: --node-label disk=usb
`;

const inIni = `
# comment
[master]
192.168.7.2[1:3] ansible_user=pi

[node]
192.168.7.24 ansible_port=2200 ; another

[k3s_cluster:children]
master
node

[k3s_cluster:vars]
k3s_token = "${TOKEN}"
`;

function imported(inventory: AnsibleInventory) {
  const made = importInventory(inventory, 'attic');
  return made.kind === 'cluster' ? made : assert.fail(made.why);
}

function read(text: string): AnsibleInventory {
  const found = readInventory(text);
  return found.kind === 'inventory' ? found.inventory : assert.fail(found.why);
}

test('an inventory in YAML: nodes, release, ranges, names, labels and taints', () => {
  const { spec } = imported(read(inYaml));
  assert.deepEqual(
    spec.nodes.map(({ name, address, role, ssh }) => [name, address, role, ssh]),
    [
      ['pi-1.lan', '192.168.7.11', 'server-agent', { user: 'debian' }],
      ['pi-2.lan', '192.168.7.12', 'server-agent', { user: 'other' }],
      ['pi-3.lan', '192.168.7.13', 'server-agent', { user: 'debian' }],
      ['pi-4.lan', '192.168.7.14', 'worker', { user: 'debian', port: 2222 }],
    ],
  );
  // A cluster that runs without is not given it by a flag.
  assert.deepEqual(spec.k3s, { secretsEncryption: false, version: 'v1.31.12+k3s1', channel: 'v1.31' });
  const encrypting = imported(read(inYaml.replace('"--disable traefik', '"--secrets-encryption --disable traefik')));
  assert.equal(encrypting.spec.k3s.secretsEncryption, true);
  assert.deepEqual([spec.ingress, spec.loadBalancer, spec.cidrs], ['none', 'none', { pods: '10.50.0.0/16' }]);
  assert.deepEqual(spec.api, { names: ['api.lan'] });
  assert.deepEqual(spec.nodes[0]?.taints, [{ key: 'critical', value: 'true', effect: 'NoSchedule' }]);
  assert.deepEqual(spec.nodes[3]?.labels, { disk: 'usb' });
});

test('everything else is told, and a token is neither carried over nor shown', () => {
  const made = imported(read(inYaml));
  assert.ok(!JSON.stringify(made).includes(TOKEN));
  assert.deepEqual(made.findings.map(({ about }) => about).toSorted(), [
    '--kubelet-arg',
    '--token',
    '--write-kubeconfig-mode',
    'token',
  ]);
});

test('an inventory in INI, with the older names of the groups and hosts known by their addresses', () => {
  const all = merged(
    readIni(inIni),
    readGroupVars('all', 'k3s_version: v1.30.1+k3s1\napiserver_endpoint: 192.168.7.222\nansible_user: nobody\n'),
  );
  const { spec, findings } = imported(all);
  assert.deepEqual(
    spec.nodes.map(({ name, address, role }) => `${name} ${address} ${role}`),
    [
      'attic-1 192.168.7.21 server-agent',
      'attic-2 192.168.7.22 server-agent',
      'attic-3 192.168.7.23 server-agent',
      'attic-4 192.168.7.24 worker',
    ],
  );
  assert.deepEqual([spec.nodes[0]?.ssh, spec.nodes[3]?.ssh], [{ user: 'pi' }, { user: 'nobody', port: 2200 }]);
  assert.deepEqual([spec.api?.vip, spec.loadBalancer], ['192.168.7.222', 'kube-vip']);
  assert.equal(findings.filter(({ message }) => /kubectl get nodes/.test(message)).length, 4);
  assert.ok(findings.some(({ about }) => about === 'k3s_token') && !JSON.stringify(findings).includes(TOKEN));
});

test('what is no inventory of a cluster is refused', () => {
  for (const text of ['', 'a', '- a', ': : :', '&a [*a]']) assert.equal(readInventory(text).kind, 'unreadable', text);
  assert.equal(importInventory(read('web: {hosts: {a: {}}}'), 'x').kind, 'empty');
});

test('groups that contain each other come to an end', () => {
  const circle = readIni('[a:children]\nb\n[b:children]\na\n[b]\nhost x=1\n');
  assert.deepEqual([hostsIn(circle, 'a'), hostsIn(circle, 'b')], [['host'], ['host']]);
  assert.equal(varsOf(circle, 'host')['x'], '1');
});

test('patterns of hosts', () => {
  assert.deepEqual(hostNames('pi[08:10].lan'), ['pi08.lan', 'pi09.lan', 'pi10.lan']);
  assert.deepEqual(hostNames('a[1:2]b[1:2]'), ['a1b1', 'a1b2', 'a2b1', 'a2b2']);
  assert.deepEqual(hostNames('a[3:1]'), []);
  assert.ok(hostNames('a[1:999999999]').length <= 256);
});

test('arguments as people write them', () => {
  assert.deepEqual(argumentsIn("--disable=traefik,servicelb --secrets-encryption --tls-san '{{ a b }}' -v 3"), [
    { name: 'disable', value: 'traefik' },
    { name: 'disable', value: 'servicelb' },
    { name: 'secrets-encryption', value: 'true' },
    { name: 'tls-san', value: '{{ a b }}' },
    { name: 'v', value: '3' },
  ]);
});
