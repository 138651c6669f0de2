/** A repository with a ledger and small playbooks, which the real Ansible plays on this machine alone. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Run } from '../e2e/larder.ts';
import { ledgerSite, type Person, type Site } from '../e2e/ledger-person.ts';
import { installPython } from '../tools/python.ts';

export const TOKEN = 'K10e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855::server:q7Rk2mVx9LpTz4Ws';

const SPEC = `name: a
cidrs: {pods: 10.42.0.0/16}
nodes:
  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd, arch: amd64}
  - {name: w.local, address: 192.0.2.2, role: worker, storage: ssd, arch: amd64}
`;

const facts = {
  ...{ uid: 0, architecture: 'x86_64', distribution: 'Debian', distribution_release: 'bookworm', memory_mib: 8000 },
  ...{ cgroup_version: 2, cgroup_controllers: ['memory'], clock_synchronized: true, swap: [], boot_command_line: '' },
  ...{ addresses: ['192.0.2.1', '192.0.2.2'], disk_free_mib: 90_000, disk_total_mib: 99_000, fsync_p99_ms: 1 },
  ...{ ports: [], names: {}, k3s_version: 'v1.35.1+k3s1', k3s_active: true, etcd_version: '3.6.6' },
};

const play = (tasks: string): string => `- name: Small
  hosts: k3s_cluster
  gather_facts: false
  tasks:
${tasks}`;

/** Each phase leaves a mark where it was. While a file says so the workers' fails and talks too much, and the first server's takes long. */
function playbooks(place: string): Readonly<Record<string, string>> {
  const mark = (name: string): string =>
    play(`    - name: Mark
      ansible.builtin.copy: {dest: "${place}/${name}-{{ inventory_hostname }}", content: "made\\n", mode: "0600"}
`);
  return {
    'facts.yml': play(`    - name: Facts
      ansible.builtin.debug: {var: larder_facts}
      vars: {larder_facts: ${JSON.stringify(facts)}, now: "{{ {'time': 1, 'time_controller': 1} }}"}
`).replace('larder_facts: {', 'larder_facts: {"time": 5, "time_controller": 5, '),
    'base-os.yml': mark('base-os'),
    'k3s-first-server.yml': `${mark('k3s-first-server')}    - name: Take a while
      ansible.builtin.command: sleep 300
      when: not ansible_check_mode and '${place}/slow' is file
`,
    'k3s-agents.yml': `${mark('k3s-agents')}    - name: Start the worker
      ansible.builtin.fail: {msg: "the token ${TOKEN} was refused"}
      when: not ansible_check_mode and '${place}/broken' is file
`,
    'post-bootstrap.yml': mark('post-bootstrap'),
    'rebuild-remove.yml': mark('rebuild-remove'),
    'rebuild-wipe.yml': mark('rebuild-wipe'),
    'upgrade.yml': mark('upgrade'),
  };
}

export interface Stage {
  readonly site: Site;
  readonly ana: Person;
  /** Where playbooks leave what they did. */
  readonly place: string;
  /** Of a process that runs there. */
  readonly env: Readonly<Record<string, string>>;
  larder(...words: readonly string[]): Promise<Run>;
  /** A verb that records nothing, and so takes no key. */
  unsigned(...words: readonly string[]): Promise<Run>;
}

export async function stage(t: TestContext): Promise<Stage | string> {
  const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (python.kind === 'unavailable') return python.reason;
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  const place = join(site.folder, 'place');
  const folder = join(site.root, 'automation/ansible/playbooks');
  for (const each of [place, join(folder, 'group_vars')]) mkdirSync(each, { recursive: true });
  writeFileSync(join(site.root, 'cluster.yaml'), SPEC);
  writeFileSync(join(folder, '../ansible.cfg'), '[defaults]\n');
  writeFileSync(join(folder, 'group_vars/all.yml'), 'ansible_connection: local\n');
  for (const [name, text] of Object.entries(playbooks(place))) writeFileSync(join(folder, name), text);
  assert.equal((await site.ledger(['init', '--operator', 'ana'], ana)).code, 0);
  const env = { PATH: `${dirname(python.path)}:${process.env['PATH']}`, LARDER_LEDGER: '' };
  const file = join(site.root, 'cluster.yaml');
  return {
    ...{ site, ana, place, env },
    unsigned: (...words) => site.larder(['cluster', ...words, '--file', file], undefined, env),
    larder: (...words) => site.larder(['cluster', ...words, '--file', file, '--ledger-key', ana.key], undefined, env),
  };
}
