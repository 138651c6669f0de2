/** What the roles tell k3s, and which ports they look at, rendered by Ansible from a cluster.yaml. Nothing is installed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { judgeHost } from '../../src/cluster/preflight/judge.ts';
import type { ClusterSpec } from '../../src/cluster/spec/cluster-spec.ts';
import { readSpec } from '../../src/cluster/spec/read-spec.ts';
import { temporaryFolder } from '../e2e/larder.ts';
import { ANSIBLE, localPlay, skip } from './local-play.ts';

const NODES = `name: here
nodes:
  - {name: n1.local, address: 192.0.2.1, role: server-agent, storage: ssd}
  - {name: n2.local, address: 192.0.2.2, role: server-agent, storage: ssd}
  - {name: n3.local, address: 192.0.2.3, role: server-agent, storage: ssd}
  - name: n4.local
    address: 192.0.2.4
    role: worker
    storage: ssd
    labels: {example.org/disk: usb}
    taints: [{key: disk, value: slow, effect: PreferNoSchedule}]
`;
const hosts = ['n1', 'n2', 'n3', 'n4'] as const;
type Host = (typeof hosts)[number];
type Told = Readonly<Record<string, unknown>>;
interface Rendered {
  readonly told: Readonly<Record<Host, Told>>;
  readonly ports: Readonly<Record<Host, readonly string[]>>;
}

/** n1 begins the cluster, and n2 and n4 join it; n3 has been part of it, with these settings. */
const OLD = { server: 'https://192.0.2.2:6443', 'node-label': ['example.org/old=yes'] };
const taskVariables = z.array(
  z.looseObject({
    'ansible.builtin.template': z.looseObject({ src: z.string() }).optional(),
    vars: z.record(z.string(), z.string()).optional(),
  }),
);

/** The variables of the role's own task, whose template is found from elsewhere. */
function ownVariables(role: string): Readonly<Record<string, string>> {
  const tasks = taskVariables.parse(parse(readFileSync(join(ANSIBLE, 'roles', role, 'tasks/settings.yml'), 'utf8')));
  const own = tasks.find((task) => task['ansible.builtin.template']?.src === 'config.yaml.j2')?.vars;
  const template = join(ANSIBLE, 'roles', role, 'templates/config.yaml.j2');
  const entries = Object.entries(own ?? assert.fail(`${role} writes no config.yaml`));
  return Object.fromEntries(entries.map(([name, text]) => [name, text.replace("'config.yaml.j2'", `'${template}'`)]));
}

/** Of a role's config.yaml, and of the ports that are not to be taken beside Nomad. */
function playOf(role: 'k3s_server' | 'k3s_agent', out: string, encrypted: boolean): object {
  const way =
    "{{ {'n1.local': 'begin', 'n2.local': 'join', 'n3.local': 'keep'}[inventory_hostname] | default('join') }}";
  const kept =
    "{{ {'/etc/rancher/k3s/config.yaml': {'text': old | to_json}} if inventory_hostname == 'n3.local' else {} }}";
  const vars = {
    k3s_server_way: way,
    k3s_server_state: { encrypts: encrypted },
    k3s_peer_name: 'n1.local',
    k3s_peer_states: { 'n1.local': { encrypts: encrypted } },
    k3s_peer_url: 'https://192.0.2.1:{{ larder_api_port }}',
    old: OLD,
    k3s_binary_here: { entries: kept },
  };
  const write = (content: string, name: string, more = {}): object => ({
    'ansible.builtin.copy': { content, dest: `${out}/{{ larder_node_name }}.${name}`, mode: '0600' },
    vars: more,
  });
  return {
    hosts: role,
    gather_facts: false,
    vars_files: [role, 'beside_nomad'].map((each) => join(ANSIBLE, 'roles', each, 'defaults/main.yml')),
    vars,
    tasks: [
      write(`{{ ${role}_told }}`, 'yaml', ownVariables(role)),
      write('{{ beside_nomad_ports | to_json }}', 'json', { beside_nomad_server: role === 'k3s_server' }),
    ],
  };
}

interface Case {
  readonly more?: string;
  readonly nodes?: string;
  readonly encrypted?: boolean;
}

async function rendered(t: TestContext, { more = '', nodes = NODES, encrypted = true }: Case): Promise<Rendered> {
  const out = temporaryFolder((remove) => t.after(remove), 'larder-rendered-');
  const plays = (['k3s_server', 'k3s_agent'] as const).map((role) => playOf(role, out, encrypted));
  const { code, output } = await localPlay(t, { spec: `${nodes}${more}`, plays });
  assert.equal(code, 0, output);
  const read = (name: string): string => readFileSync(join(out, name), 'utf8');
  const each = <T>(of: (host: Host) => T): Readonly<Record<Host, T>> => ({
    n1: of('n1'),
    n2: of('n2'),
    n3: of('n3'),
    n4: of('n4'),
  });
  const settings = z.record(z.string(), z.unknown());
  return {
    told: each((host) => settings.parse(parse(read(`${host}.yaml`)))),
    ports: each((host) => z.array(z.string()).parse(JSON.parse(read(`${host}.json`)))),
  };
}

/** All keys that stand in what is told to a server. */
const COMMON = {
  'token-file': '/etc/rancher/k3s/token',
  'cluster-cidr': '10.42.0.0/16',
  'service-cidr': '10.43.0.0/16',
  'write-kubeconfig-mode': '0600',
  'etcd-expose-metrics': true,
  'secrets-encryption': true,
  'flannel-backend': 'vxlan',
};

test('each setting of cluster.yaml is the flag of k3s that it stands for', { skip }, async (t) => {
  const known = knownFlags();
  const check = async (name: string, one: Case, look: (told: Rendered['told']) => void): Promise<void> => {
    await t.test(name, async (own) => {
      const { told } = await rendered(own, one);
      for (const host of hosts)
        assert.deepEqual(
          Object.keys(told[host]).filter((key) => !known.has(key)),
          [],
          `${host}: flags that k3s does not know`,
        );
      look(told);
    });
  };

  await check('nothing said', {}, ({ n1, n2, n3, n4 }) => {
    assert.deepEqual(n1, {
      ...COMMON,
      'node-name': 'n1',
      'node-ip': '192.0.2.1',
      'cluster-init': true,
      'tls-san': ['n1.local', '192.0.2.1'],
    });
    assert.deepEqual(n2, {
      ...COMMON,
      'node-name': 'n2',
      'node-ip': '192.0.2.2',
      server: 'https://192.0.2.1:6443',
      'tls-san': ['n2.local', '192.0.2.2'],
    });
    assert.deepEqual([n3['server'], n3['node-label']], [OLD.server, OLD['node-label']], 'what it joined with stays');
    assert.deepEqual(n4, {
      'node-name': 'n4',
      'node-ip': '192.0.2.4',
      'token-file': '/etc/rancher/k3s/token',
      server: 'https://192.0.2.1:6443',
      'node-label': ['example.org/disk=usb'],
      'node-taint': ['disk=slow:PreferNoSchedule'],
    });
  });

  await check('beside Nomad', { more: 'coexist: nomad\n' }, ({ n1, n2, n3, n4 }) => {
    for (const told of [n1, n2, n3]) assert.deepEqual(told['disable'], ['traefik', 'servicelb']);
    assert.equal(n4['disable'], undefined, 'a flag of servers');
  });

  const metallb = 'loadBalancer: metallb\nloadBalancerRange: 192.0.2.64/28\n';
  await check('Traefik behind metallb', { more: metallb }, ({ n1 }) => assert.deepEqual(n1['disable'], ['servicelb']));
  await check('servicelb alone', { more: 'ingress: none\n' }, ({ n1 }) => assert.deepEqual(n1['disable'], ['traefik']));

  await check('another network', { more: 'cni: cilium\n' }, ({ n1, n2 }) => {
    for (const told of [n1, n2])
      assert.deepEqual([told['flannel-backend'], told['disable-network-policy']], ['none', true]);
  });

  const api =
    'loadBalancer: kube-vip\napi: {port: 7443, vip: 192.0.2.9, names: [api.local]}\ncidrs: {pods: 10.52.0.0/16, services: 10.53.0.0/16}\n';
  await check('another port, names and ranges', { more: api }, ({ n1, n2, n3, n4 }) => {
    for (const told of [n1, n2, n3])
      assert.deepEqual(
        [told['https-listen-port'], told['cluster-cidr'], told['service-cidr']],
        [7443, '10.52.0.0/16', '10.53.0.0/16'],
      );
    assert.deepEqual(n1['tls-san'], ['192.0.2.9', 'api.local', 'n1.local', '192.0.2.1']);
    // What n3 joined with is at the port of before.
    for (const told of [n2, n3, n4]) assert.equal(told['server'], 'https://192.0.2.1:7443');
    assert.equal(n4['https-listen-port'], undefined, 'a flag of servers');
  });

  const peers = NODES.replace('192.0.2.1, role: server-agent', '192.0.2.1, role: server-agent, etcdPeer: 198.51.100.1');
  await check('a network of its own for etcd', { nodes: peers }, ({ n1, n2 }) => {
    const addresses = (told: Told) => [told['node-ip'], told['node-external-ip'], told['advertise-address']];
    assert.deepEqual(addresses(n1), ['198.51.100.1', '192.0.2.1', '192.0.2.1']);
    assert.deepEqual(addresses(n2), ['192.0.2.2', undefined, undefined]);
  });

  // A key that one server alone has would make what it writes unreadable to the others.
  await check('Secrets of a cluster that has no key', { encrypted: false }, ({ n1, n2, n3 }) =>
    assert.deepEqual(
      [n1, n2, n3].map((told) => told['secrets-encryption']),
      [true, undefined, undefined],
    ),
  );
});

test('beside Nomad the ports that the role wants are those that preflight looks at', { skip }, async (t) => {
  const metallb = 'ingress: traefik\nloadBalancer: metallb\nloadBalancerRange: 192.0.2.64/28\n';
  for (const [more, web] of [
    ['', []],
    ['ingress: traefik\nloadBalancer: servicelb\n', ['443/tcp', '80/tcp']],
    ['ingress: none\nloadBalancer: servicelb\n', []],
    [metallb, []],
    ['api: {port: 7443}\ncni: cilium\n', []],
  ] as const) {
    const text = `${NODES}coexist: nomad\n${more}`;
    const read = readSpec(text, '2026-03-01');
    if (read.kind !== 'spec') assert.fail(JSON.stringify(read.findings));
    const { ports } = await rendered(t, { more: `coexist: nomad\n${more}` });
    for (const host of hosts) {
      const wanted = ports[host].toSorted();
      assert.deepEqual(wanted, refusedPorts(read.spec, host), `${host}: ${more}`);
      assert.deepEqual(
        wanted.filter((port) => /^(80|443)\//.test(port)),
        web,
        `${host}: ${more}`,
      );
      assert.equal(wanted.includes(`${read.spec.api.port}/tcp`), host !== 'n4', `${host}: ${more}`);
    }
  }
});

/** Which ports preflight refuses where somebody listens at every one. */
function refusedPorts(spec: ClusterSpec, host: Host): readonly string[] {
  const numbers = [22, 80, 443, 2379, 2380, 4646, 6443, 7443, 8472, 10_250];
  const ports = numbers.flatMap((port) => ['tcp', 'udp'].map((protocol) => ({ port, protocol, process: 'python3' })));
  const node = spec.nodes.find(({ name }) => name === `${host}.local`) ?? assert.fail();
  return judgeHost({ spec, node, facts: { ports }, measured: false })
    .filter(({ code }) => code === 'LARDER_PREFLIGHT_PORT')
    .map(({ message }) => / at (\S+)$/.exec(message)?.[1] ?? message)
    .toSorted();
}

/** The flags of k3s, which the stand-in of the rig has in three lists: it passes over the ones that it does not know. */
function knownFlags(): ReadonlySet<string> {
  const source = readFileSync(resolve(import.meta.dirname, '../rig/k3s/config.go'), 'utf8');
  const lists = [...source.matchAll(/strings\.Fields\(`([^`]+)`\)/g)].map(([, list = '']) => list.trim().split(/\s+/));
  assert.equal(lists.length, 3);
  return new Set(lists.flat());
}
