import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskResult } from '../run/run-event.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { readSpec } from '../spec/read-spec.ts';
import { certificateFindings } from './certificates.ts';
import { hostFacts } from './facts.ts';
import { hostFindings } from './host-findings.ts';
import { hostState } from './host-state.ts';

function specOf(extra = ''): ClusterSpec {
  const read = readSpec(
    `name: home\nnodes:\n  - {name: pi-1.local, address: 192.0.2.1, role: server-agent, storage: ssd}\n${extra}`,
    '2026-03-01',
  );
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

const well = {
  swap: [],
  cgroup_controllers: ['cpu', 'memory'],
  sysctl: { 'net.ipv4.ip_forward': '1', 'vm.swappiness': '10', 'net.ipv4.ip_local_port_range': '1024\t65000' },
  units: { 'k3s.service': { active: true, enabled: true }, 'chrony.service': { active: true, enabled: true } },
  clock_synchronized: true,
  time: 1_000,
  time_controller: 1_000.5,
  certificates: [],
  k3s_role: 'server',
  secrets_encrypted: true,
};

function looked(change: Readonly<Record<string, unknown>>, spec = specOf()): readonly string[] {
  const [node] = spec.nodes;
  assert.ok(node);
  const { findings, unknown } = hostState({ spec, node, facts: hostFacts({ ...well, ...change }) });
  return [...findings.map(({ message }) => message), ...unknown.map(({ why }) => `? ${why}`)];
}

test('a machine that runs as it should has no finding', () => {
  assert.deepEqual(looked({}), []);
  const spec = specOf('os: {sysctl: {vm.swappiness: 10, net.ipv4.ip_local_port_range: 1024 65000}}\n');
  assert.deepEqual(looked({}, spec), []);
});

test('each way in which a machine can run otherwise has its words', () => {
  const rows: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ swap: [{ name: '/var/swap', kib: 100 }] }, /^swap is on: \/var\/swap$/],
    [{ cgroup_controllers: ['cpu'] }, /without a memory controller/],
    [{ sysctl: { 'net.ipv4.ip_forward': '0' } }, /^kernel parameter net\.ipv4\.ip_forward is 0 and should be 1$/],
    [{ units: { 'chrony.service': { active: true, enabled: true } } }, /^k3s\.service is not installed$/],
    [{ units: { ...well.units, 'k3s.service': { active: false, enabled: true } } }, /^k3s\.service does not run$/],
    [{ units: { ...well.units, 'k3s.service': { active: true, enabled: false } } }, /does not start with the machine$/],
    [{ clock_synchronized: false }, /not synchronized/],
    [{ secrets_encrypted: false }, /^Secrets are not encrypted in its database, and cluster\.yaml says that they are /],
    [{ time: 1_100 }, /^its clock is 100 s ahead$/],
    [{ time: 900 }, /^its clock is 101 s behind$/],
  ];
  for (const [change, expected] of rows) {
    const said = looked(change);
    assert.equal(said.length, 1, said.join());
    assert.match(said[0] ?? '', expected);
  }
});

test('what a machine does not say, or says in another form, is unknown and never clean', () => {
  for (const name of ['swap', 'cgroup_controllers', 'sysctl', 'units', 'clock_synchronized', 'time']) {
    for (const value of [undefined, 42.5, 'x', [[]]]) {
      if (name === 'time' && value === 42.5) continue;
      const said = looked({ [name]: value });
      assert.equal(said.length, 1, `${name} ${JSON.stringify(value)}: ${said.join()}`);
      assert.match(said[0] ?? '', /^\? it did not say /);
    }
  }
  assert.match(looked({}, specOf('os: {sysctl: {vm.overcommit_memory: 1}}\n')).join(), /\? .*vm\.overcommit_memory/);
});

test('a machine that took long to answer is not taken for one whose clock is ahead', () => {
  const [node] = specOf().nodes;
  assert.ok(node);
  const of = (askedForMs: number): number =>
    hostState({ spec: specOf(), node, facts: { ...hostFacts({ ...well, time: 1_020 }), askedForMs } }).findings.length;
  assert.deepEqual([of(0), of(30_000)], [1, 0]);
});

test('beside Nomad swap may be on', () => {
  assert.deepEqual(looked({ swap: [{ name: '/var/swap' }] }, specOf('coexist: nomad\n')), []);
});

const result = (host: string, part: Partial<TaskResult>): TaskResult => ({
  ...{ event: 'result', host, task: 'Set kernel parameters', path: '', outcome: 'ok', elapsedMs: 1 },
  ...part,
});
const recap = { ok: 1, changed: 0, failed: 0, unreachable: 0, skipped: 0, rescued: 0, ignored: 0 };

test('a task that would change something is drift; one that failed, and a host that is silent, are unknown', () => {
  const results = [
    result('a', { outcome: 'changed', diff: '--- before\n+++ after\n-net = 0\n+net = 1\n' }),
    result('b', { outcome: 'failed', message: 'no such file' }),
    result('c', { outcome: 'unreachable', message: 'timed out' }),
    result('d', {}),
  ];
  const hosts = { a: recap, b: recap, c: recap, d: recap };
  const told = hostFindings('base-os.yml', { kind: 'played', code: 'failed', hosts, results, log: '' }, [
    'a',
    'b',
    'c',
    'd',
    'e',
  ]);
  assert.deepEqual(
    told.findings.map(({ object, message }) => `${object} ${message}`),
    ['a the roles would change it: Set kernel parameters (-net = 0 +net = 1)'],
  );
  assert.deepEqual(
    told.unknown.map(({ object, why }) => `${object} ${why}`),
    [
      'b the task "Set kernel parameters" failed: no such file',
      'c cannot be reached: timed out',
      'e base-os.yml: Ansible said nothing of it',
    ],
  );
  const none = hostFindings('base-os.yml', { kind: 'unavailable', reason: 'run uv sync' }, ['a', 'b']);
  assert.deepEqual(
    none.unknown.map(({ why }) => why),
    ['run uv sync', 'run uv sync'],
  );
  const broken = { kind: 'played', code: 'error', hosts: {}, results: [], log: 'ERROR! no such playbook\n' } as const;
  assert.match(hostFindings('x.yml', broken, ['a']).unknown[0]?.why ?? '', /no such playbook/);
});

test('certificates that end within 30 days are told, with the days that are left', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const at = (days: number) => ({ object: `in ${days}`, endsAt: now + days * 86_400_000 });
  const told = certificateFindings([at(-1), at(3.5), at(29.9), at(30), at(300)], now);
  assert.deepEqual(
    told.map(({ object, message }) => `${object}: ${message}`),
    ['in -1: ended on 2026-02-28', 'in 3.5: ends on 2026-03-05, in 3 days', 'in 29.9: ends on 2026-03-31, in 29 days'],
  );
});
