/** What Ansible itself says of the arguments of every role, with the inventory of a cluster.yaml. No task of a role runs. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { temporaryFolder } from '../e2e/larder.ts';
import { type ChildResult, runChild } from '../tools/child.ts';
import { installPython } from '../tools/python.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ANSIBLE = join(ROOT, 'deploy/ansible');
const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
const skip = python.kind === 'unavailable' ? python.reason : false;

const SPEC = `name: here
nodes:
  - {name: n1.local, address: 192.0.2.1, role: server-agent, storage: ssd}
  - {name: n2.local, address: 192.0.2.2, role: worker, storage: ssd}
`;
const GIVEN = {
  ansible_connection: 'local',
  ansible_become: false,
  ansible_facts: { architecture: 'aarch64' },
  larder_rebuild_node: 'n2.local',
  larder_snapshot: 'on-demand',
  larder_nomad_token: 'of-nobody-at-nomad',
  larder_k3s_token: 'of-nobody',
  larder_k3s_new_token: 'of-nobody-either',
  larder_access_authority: 'ssh-ed25519 AAAA',
  larder_access_revoked: '',
};

/** Role and entry, as their folders have them. */
const entries = readdirSync(join(ANSIBLE, 'roles')).flatMap((role) => {
  const text = readFileSync(join(ANSIBLE, 'roles', role, 'meta/argument_specs.yml'), 'utf8');
  return Object.keys(parse(text).argument_specs).map((entry) => ({ role, entry }));
});

/** Of a role whose tasks all have a tag that is not asked for, the look at its arguments is left. */
function validated(t: TestContext, wrong: Readonly<Record<string, unknown>> = {}): Promise<ChildResult> {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-roles-');
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const spec = write('cluster.yaml', SPEC);
  const start = [process.execPath, '--disable-warning=ExperimentalWarning', join(ROOT, 'bin/start.js')];
  const inventory = write(
    'inventory',
    `#!/bin/sh\nexec '${start.join("' '")}' cluster inventory --file ${spec} "$@"\n`,
  );
  chmodSync(inventory, 0o755);
  const tasks = entries.map(({ role, entry }) => ({
    name: `Ask ${role}`,
    'ansible.builtin.include_role': { name: role, tasks_from: entry, apply: { tags: ['none'] } },
    tags: ['always'],
  }));
  const playbook = write('play.yml', JSON.stringify([{ hosts: 'k3s_cluster', gather_facts: false, tasks }]));
  const variables = write('variables.json', JSON.stringify({ ...GIVEN, ...wrong }));
  const command = python.kind === 'ready' ? join(dirname(python.path), 'ansible-playbook') : '';
  const args = ['--inventory', inventory, '--extra-vars', `@${variables}`, '--tags', 'asked', playbook];
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ANSIBLE_NOCOLOR: '1', ANSIBLE_FORCE_COLOR: '0' };
  return runChild({ command, args, cwd: ANSIBLE, env, limitMs: 120_000 });
}

test('the variables of an inventory are what every role takes', { skip }, async (t) => {
  const { code, output } = await validated(t);
  assert.equal(code, 0, output);
  for (const { role, entry } of entries)
    assert.match(output, new RegExp(`TASK \\[${role} : Validating arguments against arg spec '${entry}'`));
  assert.doesNotMatch(output, /of-nobody/, 'a token was printed');
});

test('a variable that is none of its kind stops a host before the first task, by its name', { skip }, async (t) => {
  for (const [wrong, said] of [
    [{ larder_api_port: 'six' }, /argument 'k3s_agent_port' is of type .* unable to convert to int/],
    [{ larder_access_keys: 'maybe' }, /value of access_keys must be one of: as they are, off, on, got: maybe/],
  ] as const) {
    const { code, output } = await validated(t, wrong);
    assert.equal(code, 2, output);
    assert.match(output, said);
  }
});
