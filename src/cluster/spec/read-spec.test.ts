import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { type PlacedFinding, readSpec } from './read-spec.ts';
import { rules } from './rules.ts';

const TODAY = '2026-03-01';
const example = readFileSync('examples/cluster/cluster.example.yaml', 'utf8');

/** Three servers and a worker, without a warning; each case changes one thing. */
function written(change: (document: ReturnType<typeof parseDocument>) => void = () => undefined): string {
  const document = parseDocument(`name: home
nodes:
${['a', 'b', 'c', 'd'].map((name, index) => node(name, index)).join('')}
secrets: {token: 'sops:secrets/k3s.sops.yaml#token', recipients: [age1${'q'.repeat(58)}]}
alerts: {routes: [{id: down, alert: NodeOffline, severity: critical, channel: pager, target: 'sops:secrets/a.sops.yaml#pager'}]}
operators: [{id: ana, sshKey: ssh-ed25519 AAAA, role: admin}]
`);
  change(document);
  return document.toString();
}

function node(name: string, index: number): string {
  return `  - name: ${name}.local
    address: 192.168.1.1${index}
    mac: dc:a6:32:00:00:0${index}
    role: ${index < 3 ? 'server-agent' : 'worker'}
    storage: ssd
    ssh: {hostKey: ssh-ed25519 AAAA}
`;
}

function found(text: string, today = TODAY): readonly PlacedFinding[] {
  const read = readSpec(text, today);
  return read.kind === 'spec' ? read.warnings : read.findings;
}

const lines = (text: string): readonly string[] =>
  found(text).map(({ line, rule, message }) => `${line} ${rule}: ${message}`);

test('a sound file has no finding, and the example only what a person must add', () => {
  assert.deepEqual(lines(written()), []);
  const read = readSpec(example, TODAY);
  assert.equal(read.kind, 'spec');
  assert.deepEqual([...new Set(found(example).map(({ rule }) => rule))].sort(), ['host-keys', 'secrets-named']);
});

interface Case {
  readonly rule: string;
  readonly set: readonly (readonly [path: readonly (string | number)[], value: unknown])[];
  /** The key on the line of each finding of the rule, and its message. */
  readonly says: readonly string[];
}

const AGAIN = 'dc:a6:32:00:00:00';
const TAINT = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
const cases: readonly Case[] = [
  {
    rule: 'odd-servers',
    set: [[['nodes', 2, 'role'], 'worker']],
    says: ['nodes | 2 servers; their number must be odd, 1, 3, 5 or 7: use 1 or 3'],
  },
  {
    rule: 'odd-servers',
    set: [0, 1, 2].map((index) => [['nodes', index, 'role'], 'worker'] as const),
    says: ['nodes | 0 servers; their number must be odd, 1, 3, 5 or 7: one node must be a server-agent'],
  },
  { rule: 'servers-at-most', set: more(9, 'server-agent'), says: ['nodes | 9 servers; etcd wants at most 7'] },
  {
    rule: 'nodes-at-most',
    set: more(11, 'worker'),
    says: ['nodes | 11 nodes; more than 10 need a deviation with a reason'],
  },
  {
    rule: 'unique-names',
    set: [[['nodes', 1, 'name'], 'a.lan']],
    says: ['name | name a of a.lan is also that of a.local'],
  },
  {
    rule: 'unique-names',
    set: [[['nodes', 3, 'aliases'], ['b.local']]],
    says: ['b.local | name b.local of d.local is also that of b.local'],
  },
  {
    rule: 'unique-addresses',
    set: [[['nodes', 1, 'address'], '::ffff:192.168.1.10']],
    says: ['address | address ::ffff:192.168.1.10 of b.local is also that of a.local'],
  },
  {
    rule: 'unique-macs',
    set: [[['nodes', 1, 'mac'], AGAIN.toUpperCase()]],
    says: [`mac | MAC address ${AGAIN} of b.local is also that of a.local`],
  },
  {
    rule: 'unique-etcd-peers',
    set: [[['nodes', 0, 'etcdPeer'], '192.168.1.11']],
    says: ['address | etcd peer 192.168.1.11 of b.local is also that of a.local'],
  },
  {
    rule: 'peer-of-server',
    set: [[['nodes', 3, 'etcdPeer'], '192.168.9.1']],
    says: ['etcdPeer | d.local is a worker and has no etcd; take etcdPeer out'],
  },
  {
    rule: 'worker-taints',
    set: [[['nodes', 3, 'taints'], [TAINT]]],
    says: [`key | d.local is a worker; ${TAINT.key} belongs to servers`],
  },
  {
    rule: 'own-labels',
    set: [[['nodes', 0, 'labels'], { 'kubernetes.io/hostname': 'x' }]],
    says: ['kubernetes.io/hostname | kubernetes.io/hostname of a.local is written by its kubelet; take it out'],
  },
  {
    rule: 'nodes-outside-ranges',
    set: [[['nodes', 0, 'etcdPeer'], '10.43.7.7']],
    says: ['etcdPeer | 10.43.7.7 of a.local lies in the range of services, 10.43.0.0/16'],
  },
  {
    rule: 'ranges-apart',
    set: [[['cidrs'], { pods: '10.0.0.0/8' }]],
    says: ["cidrs | 10.43.0.0/16 overlaps the pods' 10.0.0.0/8"],
  },
  {
    rule: 'ranges-apart',
    set: [[['cidrs'], { services: 'fd00::/112' }]],
    says: ["services | fd00::/112 is of another family than the pods' 10.42.0.0/16"],
  },
  {
    rule: 'range-for-nodes',
    set: [[['cidrs'], { pods: '10.42.0.0/23' }]],
    says: ['pods | 10.42.0.0/23 has room for 2 nodes, and there are 4'],
  },
  {
    rule: 'vip-is-no-node',
    set: [
      [['api'], { vip: '192.168.1.12' }],
      [['loadBalancer'], 'kube-vip'],
    ],
    says: ['vip | 192.168.1.12 is the address of c.local; the virtual address must be free'],
  },
  {
    rule: 'vip-is-no-node',
    set: [
      [['api'], { vip: '10.42.0.9' }],
      [['loadBalancer'], 'kube-vip'],
    ],
    says: ['vip | 10.42.0.9 lies in the range of pods, 10.42.0.0/16'],
  },
  {
    rule: 'vip-needs-kube-vip',
    set: [[['api'], { vip: '192.168.1.99' }]],
    says: ['vip | nothing moves 192.168.1.99: set loadBalancer: kube-vip, or take vip out'],
  },
  {
    rule: 'balancer-range',
    set: [[['loadBalancer'], 'metallb']],
    says: ['loadBalancer | metallb needs loadBalancerRange, as 192.168.1.240/28'],
  },
  {
    rule: 'balancer-range',
    set: [
      [['loadBalancer'], 'metallb'],
      [['loadBalancerRange'], '192.168.1.13/32'],
    ],
    says: ['loadBalancerRange | 192.168.1.13/32 holds 192.168.1.13 of d.local'],
  },
  {
    rule: 'nomad-bridge',
    set: [
      [['coexist'], 'nomad'],
      [['cidrs'], { pods: '172.26.0.0/16' }],
    ],
    says: ["pods | the range of pods, 172.26.0.0/16, overlaps Nomad's bridge, 172.26.64.0/20"],
  },
  {
    rule: 'release-in-channel',
    set: [[['k3s'], { channel: 'v1.33', version: 'v1.34.2+k3s1' }]],
    says: ['version | v1.34.2+k3s1 is no release of channel v1.33'],
  },
  {
    rule: 'operators-unique',
    set: [[['operators', 1], { id: 'ben', sshKey: 'ssh-ed25519 AAAA ben@home' }]],
    says: ['{ id | key of ben is also that of ana'],
  },
  {
    rule: 'operators-unique',
    set: [[['operators', 1], { id: 'ana', sshKey: 'ssh-ed25519 BBBB' }]],
    says: ['{ id | operator ana stands twice'],
  },
  {
    rule: 'routes-unique',
    set: [
      [
        ['alerts', 'routes', 1],
        { id: 'down', alert: 'Drift', severity: 'info', channel: 'email', target: 'sops:a.yaml#b' },
      ],
    ],
    says: ['id | route down of Drift is also that of NodeOffline'],
  },
  {
    rule: 'deviation-known',
    set: [[['deviations'], [{ rule: 'odd-servers', reason: 'x' }]]],
    says: ['rule | odd-servers is no rule that one may deviate from: nodes-at-most'],
  },
  {
    rule: 'server-storage',
    set: [[['nodes', 0, 'storage'], 'sd']],
    says: ['storage | a.local keeps etcd on sd; measure its fdatasync, or use an SSD'],
  },
  {
    rule: 'host-keys',
    set: [[['nodes', 3, 'ssh'], {}]],
    says: ['name | the ssh host key of d.local is not pinned: compare it at the machine and write it into ssh.hostKey'],
  },
  {
    rule: 'secrets-named',
    set: [[['secrets'], undefined]],
    says: ['name | no secrets: the token of the cluster must be in an encrypted file before the first bootstrap'],
  },
  {
    rule: 'critical-routes',
    set: [[['alerts', 'routes', 0, 'severity'], 'info']],
    says: ['routes | no route takes critical alerts: a node that is offline would be told to nobody'],
  },
];

/** Further nodes until there are `count`. */
function more(count: number, role: string): Case['set'] {
  return Array.from({ length: count - 3 }, (_, index) => [
    ['nodes', index + 3],
    {
      name: `n${index}.local`,
      address: `192.168.2.${index}`,
      role,
      storage: 'ssd',
      ssh: { hostKey: 'ssh-ed25519 AAAA' },
    },
  ]);
}

for (const [index, { rule, set, says }] of cases.entries()) {
  test(`${rule} is broken and told at its line (${index})`, () => {
    const text = written((document) => {
      for (const [path, value] of set) {
        if (value === undefined) document.deleteIn(path);
        else document.setIn(path, document.createNode(value));
      }
    });
    const told = found(text).filter((finding) => finding.rule === rule);
    const at = (line: number): string => text.split('\n')[line - 1]?.trim().replace(/^- /, '').split(':')[0] ?? '';
    assert.deepEqual(
      told.map(({ line, message }) => `${at(line)} | ${message}`),
      says,
      text,
    );
  });
}

test('every rule has a file that breaks it', () => {
  assert.deepEqual([...new Set(cases.map(({ rule }) => rule))].sort(), rules.map(({ id }) => id).sort());
});

test('a value that is not accepted is told with what is, and a key that is unknown with those that are known', () => {
  const text = `name: Pi
k3s: {versoin: v1.34.2+k3s1}
cni: flanel
nodes:
  - name: a
    address: 192.168.1.311
    role: server
    ssh: {user: 'Root!'}
  - address: 192.168.1.12
    role: worker
secrets: {token: hunter2, recipients: []}
artifacts: {folder: ../../etc, lock: /etc/shadow}
`;
  assert.deepEqual(lines(text), [
    '1 schema: name "Pi" is not a name: lower-case letters, digits and -',
    '2 schema: k3s.versoin is not known; accepted here: channel, version, secretsEncryption',
    '3 schema: cni is "flanel"; accepted: flannel, cilium',
    '6 schema: nodes[0].address "192.168.1.311" is not an IPv4 or IPv6 address',
    '7 schema: nodes[0].role is "server"; accepted: server-agent, worker',
    '8 schema: nodes[0].ssh.user "Root!" is not the name of a Linux user',
    '9 schema: nodes[1].name is missing; expected: string',
    // A secret that was written where its name belongs is not repeated.
    '11 schema: secrets.token is not a reference to a secret, as sops:secrets/k3s.sops.yaml#token',
    '11 schema: secrets.recipients is empty: without a recipient nobody can read the encrypted files',
    '12 schema: artifacts.folder "../../etc" is not a path inside the repository: relative, without ..',
    '12 schema: artifacts.lock "/etc/shadow" is not a path inside the repository: relative, without ..',
  ]);
});

test('two mistakes of YAML are two findings, with their lines', () => {
  assert.deepEqual(
    found('name: a\nname: b\nnodes: [\n').map(({ line, rule }) => `${line} ${rule}`),
    ['2 yaml', '4 yaml'],
  );
  assert.match(found('')[0]?.message ?? '', /^cluster\.yaml is missing|cluster\.yaml .*object/);
});

test('a deviation lets its rule pass until its day', () => {
  const text = written((document) => {
    for (const [path, value] of more(11, 'worker')) document.setIn(path, document.createNode(value));
    document.set('deviations', document.createNode([{ rule: 'nodes-at-most', reason: 'a lab', until: TODAY }]));
  });
  assert.deepEqual(lines(text), []);
  assert.deepEqual(
    found(text, '2026-03-02').map(({ rule }) => rule),
    ['nodes-at-most'],
  );
});

test('beside Nomad nothing takes the ports of its services unless somebody says so', () => {
  const spec = (change: Parameters<typeof written>[0]): unknown => {
    const read = readSpec(written(change), TODAY);
    return read.kind === 'spec' && [read.spec.ingress, read.spec.loadBalancer];
  };
  assert.deepEqual(spec(undefined), ['traefik', 'servicelb']);
  assert.deepEqual(
    spec((document) => document.set('coexist', 'nomad')),
    ['none', 'none'],
  );
  assert.deepEqual(
    spec((document) => {
      document.setIn(['nodes', 3, 'coexist'], 'nomad');
      document.set('ingress', 'traefik');
    }),
    ['traefik', 'none'],
  );
});

test('an alias bomb is refused', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[index]}`).join(', ')}]`).join('\n')}\n`;
  assert.equal(readSpec(bomb, TODAY).kind, 'refused');
});
