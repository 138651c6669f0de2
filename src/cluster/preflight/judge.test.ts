import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpec } from '../spec/read-spec.ts';
import { type HostFacts, readHostFacts } from './host-facts.ts';
import { judgeHost } from './judge.ts';

const text = (more = ''): string => `name: a
nodes:
  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd, arch: arm64}
  - {name: w.local, address: 192.0.2.2, role: worker, storage: sd, arch: arm64}
${more}`;

/** A Raspberry Pi as it should be. */
const well: HostFacts = {
  uid: 0,
  hostname: 's',
  architecture: 'aarch64',
  distribution: 'Debian',
  distribution_release: 'bookworm',
  cgroup_version: 2,
  cgroup_controllers: ['cpuset', 'cpu', 'memory', 'pids'],
  memory_mib: 7810,
  time: 1_700_000_000.4,
  time_controller: 1_700_000_000.1,
  clock_synchronized: true,
  swap: [],
  boot_command_line: '/boot/firmware/cmdline.txt',
  addresses: ['192.0.2.1', 'fe80::1'],
  disk_free_mib: 90_000,
  disk_total_mib: 120_000,
  disk_kind: 'ssd',
  fsync_p99_ms: 2.1,
  throttled: '0x0',
  ports: [{ port: 22, protocol: 'tcp', process: 'sshd' }],
  names: { 's.local': ['127.0.1.1'], 'w.local': [] },
};

function judge(part: Partial<HostFacts>, more = '', node = 0): readonly string[] {
  const read = readSpec(text(more), '2026-03-01');
  if (read.kind !== 'spec') assert.fail(JSON.stringify(read.findings));
  const spec = read.spec;
  const found = judgeHost({
    spec,
    node: spec.nodes[node] ?? assert.fail(),
    facts: { ...well, ...part },
    measured: true,
  });
  return found.map(({ code, severity }) => `${severity} ${code.replace('LARDER_PREFLIGHT_', '')}`);
}

test('a machine as it should be has no finding', () => {
  assert.deepEqual(judge({}), []);
});

const rows: readonly (readonly [string, Partial<HostFacts>, readonly string[], string?, number?])[] = [
  ['no root', { uid: 1000 }, ['error SUDO']],
  ['another processor', { architecture: 'x86_64' }, ['error ARCH']],
  ['a 32-bit system', { architecture: 'armv7l' }, ['error ARCH']],
  ['an old release', { distribution_release: 'buster' }, ['error RELEASE']],
  ['another release than said', { distribution_release: 'trixie' }, ['warning RELEASE_DIFFERS']],
  ['a clock behind', { time: 1_699_999_000 }, ['error CLOCK']],
  ['a clock ahead', { time: 1_700_000_010 }, ['error CLOCK']],
  ['a clock that nothing keeps', { clock_synchronized: false }, ['warning CLOCK_UNSYNCHRONIZED']],
  ['little memory', { memory_mib: 900 }, ['warning MEMORY']],
  ['little memory is enough for a worker', { memory_mib: 900, addresses: ['192.0.2.2'], disk_kind: 'sd' }, [], '', 1],
  ['no memory controller in the kernel that runs', { cgroup_controllers: ['cpu', 'pids'] }, ['warning CGROUP']],
  ['cgroup v1', { cgroup_version: 1, cgroup_controllers: [] }, ['warning CGROUP']],
  [
    'no memory controller, and nobody knows where to write it',
    { cgroup_controllers: [], boot_command_line: '' },
    ['error BOOT_PATH'],
  ],
  ['no memory controller beside Nomad', { cgroup_controllers: [] }, ['error CGROUP'], 'coexist: nomad\n'],
  ['swap', { swap: [{ name: '/var/swap', kib: 100 }] }, ['warning SWAP']],
  ['a disk that is full', { disk_free_mib: 500 }, ['error DISK_FULL']],
  ['a disk that is nearly full', { disk_free_mib: 4000 }, ['warning DISK_FULL']],
  ['a large disk that is nearly full', { disk_free_mib: 9000 }, ['warning DISK_FULL']],
  ['a card where an SSD was said', { disk_kind: 'sd' }, ['warning DISK_KIND']],
  ['nobody can tell what a virtual disk is', { disk_kind: 'unknown' }, []],
  ['a disk that is slow for etcd', { fsync_p99_ms: 18 }, ['warning DISK_SLOW']],
  ['a disk that is too slow for etcd', { fsync_p99_ms: 180 }, ['error DISK_SLOW']],
  ['a worker has no etcd', { fsync_p99_ms: 180, addresses: ['192.0.2.2'], disk_kind: 'sd' }, [], '', 1],
  ['a power supply that is too weak', { throttled: '0x50005' }, ['warning THROTTLED']],
  ['another address', { addresses: ['192.0.2.9'] }, ['error ADDRESS']],
  [
    'a web server at the port of the ingress',
    { ports: [{ port: 80, protocol: 'tcp', process: 'nginx' }] },
    ['error PORT'],
  ],
  [
    'nginx where there is no ingress',
    { ports: [{ port: 80, protocol: 'tcp', process: 'nginx' }] },
    [],
    'ingress: none\n',
  ],
  ['the same port of another protocol', { ports: [{ port: 8472, protocol: 'tcp', process: 'x' }] }, []],
  ['k3s itself', { ports: [{ port: 6443, protocol: 'tcp', process: 'k3s-server' }] }, []],
  ['a name that leads elsewhere', { names: { 'w.local': ['198.51.100.7'] } }, ['warning NAME']],
  ['Nomad that nobody mentioned', { nomad: { active: true } }, ['error NOMAD']],
  [
    'Nomad whose bridge is among the pods',
    { nomad: { active: true, bridge: '10.42.0.1/20' } },
    ['error NOMAD_RANGE'],
    'coexist: nomad\n',
  ],
  ['what could not be told is not well', { swap: undefined, ports: undefined }, ['unknown UNTOLD', 'unknown UNTOLD']],
  ['a time that nobody could tell', { time: undefined }, ['unknown UNTOLD']],
  ['a disk that was not measured', { fsync_p99_ms: undefined }, ['unknown UNTOLD']],
];

for (const [what, part, expected, more, node] of rows) {
  test(`preflight: ${what}`, () => assert.deepEqual(judge(part, more, node), expected));
}

test('a clock that was read late is not one that is wrong', () => {
  const read = readSpec(text(), '2026-03-01');
  const spec = read.kind === 'spec' ? read.spec : assert.fail();
  const node = spec.nodes[0] ?? assert.fail();
  const late = { spec, node, facts: { ...well, time: 1_700_000_009 }, measured: true };
  assert.deepEqual(judgeHost({ ...late, askedMs: 8_000 }), []);
  assert.equal(judgeHost({ ...late, askedMs: 1_000 }).length, 1);
});

test('facts of a kind that nobody expects are no facts', () => {
  assert.equal(readHostFacts({ uid: 'root' }), undefined);
  assert.equal(readHostFacts('words'), undefined);
  assert.deepEqual(readHostFacts({ memory_mib: 1, unheard: true }), { memory_mib: 1 });
});
