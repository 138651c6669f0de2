/** The kubeconfig that a bootstrap brings home, by the role itself: which address stands in it while nobody moves the virtual one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { stringify } from 'yaml';
import { type KeyPair, makeAuthority, signServer } from '../../src/kube/certificate.ts';
import { temporaryFolder } from '../e2e/larder.ts';
import { runChild } from '../tools/child.ts';
import { installPython } from '../tools/python.ts';

const ANSIBLE = resolve(import.meta.dirname, '../../deploy/ansible');
const VIP = '127.0.0.9';
const validity = { from: Date.now() - 3_600_000, until: Date.now() + 3_600_000 };
const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
const skip = python.kind === 'unavailable' ? python.reason : false;

interface Servant {
  readonly port: number;
  close(): void;
}

/** Listens at the virtual address with a certificate of `authority`, until the test ends at the latest. */
async function atVip(t: TestContext, authority: KeyPair, port = 0): Promise<Servant> {
  const { certificate: cert, key } = await signServer(authority, { name: 'k3s', hosts: [VIP] }, validity);
  const server = createServer({ cert, key }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined); // who does not like the certificate hangs up
  server.listen(port, VIP);
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => void server.close(),
  };
}

/** As k3s writes it for itself. */
function ofServer(authority: KeyPair): string {
  const cluster = {
    'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
    server: 'https://127.0.0.1:6443',
  };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ cluster, name: 'default' }],
    contexts: [{ context: { cluster: 'default', user: 'default' }, name: 'default' }],
    'current-context': 'default',
    users: [{ name: 'default', user: { 'client-key-data': 'b2YtbWluZQ==' } }],
  });
}

interface Played {
  readonly output: string;
  /** Of the play's recap. */
  readonly changed: string | undefined;
  /** What the file names. */
  readonly server: string | undefined;
}

/** Two servers, n1 and n2, both this machine. */
function player(t: TestContext, authority: KeyPair, port: number) {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-kubeconfig-');
  const source = join(folder, 'k3s.yaml');
  writeFileSync(source, ofServer(authority));
  const hosts = { n1: { larder_node_address: '192.0.2.1' }, n2: { larder_node_address: '192.0.2.2' } };
  const inventory = join(folder, 'inventory');
  const listed = JSON.stringify({ _meta: { hostvars: hosts }, k3s_server: { hosts: ['n1', 'n2'] } });
  writeFileSync(inventory, `#!/bin/sh\ncat <<'LISTED'\n${listed}\nLISTED\n`);
  chmodSync(inventory, 0o755);
  const playbook = join(folder, 'play.yml');
  const include = { name: 'post_bootstrap', tasks_from: 'kubeconfig' };
  const tasks = [{ name: 'Fetch', 'ansible.builtin.include_role': include, run_once: true }];
  writeFileSync(playbook, JSON.stringify([{ hosts: 'k3s_server', gather_facts: false, tasks }]));
  const target = join(folder, 'home', 'here.yaml');
  const play = async (vip: string, healthy: readonly string[], ...words: readonly string[]): Promise<Played> => {
    const given = {
      ...{ ansible_connection: 'local', ansible_python_interpreter: '/usr/bin/python3', larder_node_name: 'n' },
      ...{ larder_cluster_name: 'here', larder_api_vip: vip, larder_api_port: port, larder_kubeconfig: target },
      ...{ post_bootstrap_source: source, k3s_peer_healthy: healthy },
    };
    const command = python.kind === 'ready' ? join(dirname(python.path), 'ansible-playbook') : '';
    const args = ['--inventory', inventory, '--extra-vars', JSON.stringify(given), ...words, playbook];
    const env = { ...process.env, LC_ALL: 'C.UTF-8', ANSIBLE_NOCOLOR: '1', ANSIBLE_FORCE_COLOR: '0' };
    const { code, output } = await runChild({ command, args, cwd: ANSIBLE, env, limitMs: 120_000 });
    assert.equal(code, 0, output);
    const text = existsSync(target) ? readFileSync(target, 'utf8') : '';
    return {
      output,
      changed: /^n1 .*changed=(\d+)/m.exec(output)?.[1],
      server: /server: https:\/\/(\S+)/.exec(text)?.[1],
    };
  };
  return Object.assign(play, { target });
}

test('a kubeconfig names the virtual address once the cluster answers there, and a healthy server until then', {
  skip,
}, async (t) => {
  const authority = await makeAuthority('k3s-server-ca', validity);
  const stranger = await atVip(t, await makeAuthority('another-ca', validity));
  const { port } = stranger;
  const play = player(t, authority, port);
  const foreign = await play(VIP, ['n2']);
  assert.equal(foreign.server, `192.0.2.2:${port}`, 'somebody else at the address is not the cluster');
  stranger.close();
  const silent = await play(VIP, ['n2']);
  assert.deepEqual([silent.server, silent.changed], [`192.0.2.2:${port}`, '0']);
  await atVip(t, authority, port);
  assert.equal((await play(VIP, ['n1', 'n2'], '--check')).changed, '1', 'a dry run tells that it would name it now');
  const moved = await play(VIP, ['n1', 'n2']);
  assert.deepEqual([moved.server, moved.changed], [`${VIP}:${port}`, '1']);
  for (const words of [[], ['--check']])
    assert.equal((await play(VIP, ['n1', 'n2'], ...words)).changed, '0', 'a second play changes nothing');
  assert.doesNotMatch([foreign, silent, moved].map(({ output }) => output).join(''), /b2YtbWluZQ/, 'a key was printed');
});

test('without a virtual address the kubeconfig names the first server', { skip }, async (t) => {
  const play = player(t, await makeAuthority('k3s-server-ca', validity), 6443);
  const played = await play('', ['n2']);
  assert.equal(played.server, '192.0.2.1:6443');
});

test('the kubeconfig of another cluster with the same name is kept beside the new one, once', { skip }, async (t) => {
  const play = player(t, await makeAuthority('k3s-server-ca', validity), 6443);
  const { target } = play;
  const kept = (): readonly string[] => readdirSync(dirname(target)).filter((name) => name !== basename(target));
  await play('', ['n1']);
  await play('192.0.2.7', ['n1']); // another address of the same cluster
  assert.deepEqual(kept(), []);
  const foreign = ofServer(await makeAuthority('another-ca', validity));
  writeFileSync(target, foreign);
  for (let round = 0; round < 2; round += 1) assert.equal((await play('', ['n1'])).server, '192.0.2.1:6443');
  assert.deepEqual(
    kept().map((name) => readFileSync(join(dirname(target), name), 'utf8')),
    [foreign],
  );
  assert.match(kept()[0] ?? '', /^here\.yaml\..*~$/);
});
