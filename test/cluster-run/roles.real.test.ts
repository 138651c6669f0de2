/** What Ansible itself says of the arguments of every role, with the inventory of a cluster.yaml. No task of a role runs. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import type { ChildResult } from '../tools/child.ts';
import { ANSIBLE, localPlay, skip } from './local-play.ts';

const SPEC = `name: here
nodes:
  - {name: n1.local, address: 192.0.2.1, role: server-agent, storage: ssd}
  - {name: n2.local, address: 192.0.2.2, role: worker, storage: ssd}
`;
const GIVEN = {
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
  const tasks = entries.map(({ role, entry }) => ({
    name: `Ask ${role}`,
    'ansible.builtin.include_role': { name: role, tasks_from: entry, apply: { tags: ['none'] } },
    tags: ['always'],
  }));
  return localPlay(t, {
    spec: SPEC,
    plays: [{ hosts: 'k3s_cluster', gather_facts: false, tasks }],
    variables: { ...GIVEN, ...wrong },
    options: ['--tags', 'asked'],
  });
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
