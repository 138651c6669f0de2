import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { readSpec } from '../spec/read-spec.ts';
import { cloudConfig } from './cloud-config.ts';
import { type FirstBoot, methodFor } from './first-boot.ts';
import { FIRSTRUN_WORDS, firstrun } from './firstrun.ts';
import { MEMORY_WORDS, withKernelWords } from './kernel-words.ts';
import { pinHostKey } from './pin-host-key.ts';
import { readNetwork } from './read-network.ts';

const example = readFileSync('examples/cluster/cluster.example.yaml', 'utf8');

function specOf(text: string): ClusterSpec {
  const read = readSpec(text, '2026-03-01');
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

function bootOf(parts: Partial<FirstBoot> = {}): FirstBoot {
  const spec = specOf(example);
  const [node = assert.fail()] = spec.nodes;
  const read = readNetwork(node.address, '192.168.1.1/24');
  if (read.kind === 'invalid') assert.fail(read.why);
  const hostKey = { privateKey: 'PRIVATE\nLINES\n', publicKey: 'ssh-ed25519 AAAAHOST' };
  return {
    spec,
    node,
    hostKey,
    network: read.network,
    keys: ["ssh-ed25519 AAAAANA it's"],
    authority: 'ssh-ed25519 AAAACA',
    ...parts,
  };
}

const fileOf = (boot: FirstBoot, name: string): string =>
  [...cloudConfig(boot), ...firstrun(boot)].find(({ path }) => path === name)?.text ?? assert.fail(name);

test('cloud-init gets a user without a password, a host key, a fixed address', () => {
  const userData = fileOf(bootOf(), 'user-data');
  assert.match(userData, /^#cloud-config\n/);
  const data = parse(userData);
  const [user] = data.users;
  assert.deepEqual(
    [user.lock_passwd, user.passwd, user.sudo, data.ssh_pwauth, data.disable_root],
    [true, undefined, 'ALL=(ALL) NOPASSWD:ALL', false, true],
  );
  assert.deepEqual(data.ssh_keys, {
    ed25519_private: 'PRIVATE\nLINES\n',
    ed25519_public: 'ssh-ed25519 AAAAHOST pi-cluster-1.local',
  });
  assert.equal(data.hostname, 'pi-cluster-1');
  const { ethernets } = parse(fileOf(bootOf(), 'network-config'));
  assert.deepEqual(ethernets.cluster.match, { macaddress: 'dc:a6:32:00:00:01' });
  assert.deepEqual([ethernets.cluster.addresses, ethernets.cluster.dhcp4], [['192.168.1.11/24'], false]);
  assert.deepEqual(ethernets.cluster.nameservers, { addresses: ['192.168.1.1'] });
});

test('without keys only certificates count; without an authority sshd is told of none', () => {
  const settings = (boot: FirstBoot): string =>
    parse(fileOf(boot, 'user-data')).write_files.find(({ path }: { path: string }) =>
      path.endsWith('10-larder-access.conf'),
    ).content;
  assert.match(settings(bootOf({ keys: [] })), /^AuthorizedKeysFile none$/m);
  assert.doesNotMatch(settings(bootOf()), /AuthorizedKeysFile/);
  assert.doesNotMatch(settings(bootOf({ authority: undefined })), /TrustedUserCAKeys/);
  assert.equal(parse(fileOf(bootOf({ keys: [] }), 'user-data')).users[0].ssh_authorized_keys, undefined);
});

test('the script for Raspberry Pi OS 12 is one that a shell takes, and it takes itself away', () => {
  for (const boot of [bootOf(), bootOf({ keys: [] }), bootOf({ network: { kind: 'dhcp' }, authority: undefined })]) {
    const text = fileOf(boot, 'firstrun.sh');
    assert.equal(spawnSync('sh', ['-n'], { input: text }).status, 0);
    assert.match(text, /rm -f \/boot\/firmware\/firstrun\.sh/);
    assert.match(text, /usermod --lock/);
  }
});

test('what the script takes out of the command line is what was put into it', () => {
  const before = 'console=tty1 root=PARTUUID=1-02 rootwait\n';
  const during = withKernelWords(before, [...MEMORY_WORDS, ...FIRSTRUN_WORDS]);
  const [, expression = ''] =
    /^sed -i '(.*)' \/boot\/firmware\/cmdline\.txt$/m.exec(fileOf(bootOf(), 'firstrun.sh')) ?? [];
  const after = execFileSync('sed', [expression], { input: during, encoding: 'utf8' });
  assert.equal(after, 'console=tty1 root=PARTUUID=1-02 rootwait cgroup_enable=memory cgroup_memory=1\n');
});

test('the command line of a kernel stays one line, and says nothing twice', () => {
  assert.equal(withKernelWords('a b\n', MEMORY_WORDS), 'a b cgroup_enable=memory cgroup_memory=1\n');
  assert.equal(
    withKernelWords('a cgroup_memory=1 b\ncgroup_enable=memory\n', MEMORY_WORDS),
    'a cgroup_memory=1 b cgroup_enable=memory\n',
  );
  const once = withKernelWords('a', MEMORY_WORDS);
  assert.equal(withKernelWords(once, MEMORY_WORDS), once);
});

test('Raspberry Pi OS 12 gets a script, everything else cloud-init', () => {
  const spec = specOf(example);
  const [node = assert.fail()] = spec.nodes;
  assert.equal(methodFor(spec, node), 'firstrun');
  assert.equal(methodFor(spec, { ...node, arch: 'amd64' }), 'cloud-init');
  assert.equal(methodFor({ ...spec, os: { ...spec.os, release: 'trixie' } }, node), 'cloud-init');
});

test('an address that the router cannot reach is refused', () => {
  for (const [address, gateway] of [
    ['192.168.2.11', '192.168.1.1/24'],
    ['192.168.1.11', '192.168.1.1'],
    ['192.168.1.1', '192.168.1.1/24'],
    ['192.168.1.11', 'router/24'],
  ] as const) {
    assert.equal(readNetwork(address, gateway).kind, 'invalid', `${address} ${gateway}`);
  }
  assert.equal(readNetwork('192.168.1.11', '192.168.1.1/24', ['dns']).kind, 'invalid');
  assert.equal(readNetwork('2001:db8::11', '2001:db8::1/64').kind, 'network');
});

test('a host key is pinned in its place, and nothing else of the file changes', () => {
  const key = 'ssh-ed25519 AAAANEW';
  for (const text of [
    example,
    example.replace('    role: worker\n', '    role: worker\n    ssh:\n      user: pi # as the image has it\n'),
    example.replace('    role: worker\n', '    role: worker\n    ssh: {user: pi, hostKey: ssh-ed25519 AAAAOLD}\n'),
    'name: a\nnodes: [{name: pi-cluster-4.local, address: 192.0.2.1, role: server-agent}]\n',
    'name: a\nnodes:\n  - {name: pi-cluster-4.local, address: 192.0.2.1, role: server-agent, ssh: {port: 2222}} # here\n',
  ]) {
    const pinned = pinHostKey(text, 'pi-cluster-4.local', key);
    if (pinned.kind === 'not-pinned') assert.fail(pinned.why);
    const spec = specOf(pinned.text);
    assert.equal(spec.nodes.find(({ name }) => name === 'pi-cluster-4.local')?.ssh.hostKey, key);
    assert.equal(spec.nodes.filter(({ ssh }) => ssh.hostKey !== undefined).length, 1);
    const lines = new Set(pinned.text.split('\n'));
    assert.ok(text.split('\n').filter((line) => !lines.has(line)).length <= 1, pinned.text);
  }
  assert.equal(pinHostKey(example, 'nobody', key).kind, 'not-pinned');
});
