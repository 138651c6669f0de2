/**
 * Runs in the ledger, with the real Ansible and small playbooks on this machine: what is recorded before and after, what a
 * failure asks for before the next run, and that no secret is in any of it.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Run } from '../e2e/larder.ts';
import { ledgerSite, type Person, readJson, type Site } from '../e2e/ledger-person.ts';
import { installPython } from '../tools/python.ts';

const TOKEN = 'K10e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855::server:q7Rk2mVx9LpTz4Ws';

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
  ...{ ports: [], names: {}, k3s_version: 'v1.35.1+k3s1', k3s_active: true },
};

const play = (tasks: string): string => `- name: Small
  hosts: k3s_cluster
  gather_facts: false
  tasks:
${tasks}`;

/** Each phase leaves a mark where it was; the workers' fails while a file says so, and talks too much. */
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
    'k3s-first-server.yml': mark('k3s-first-server'),
    'k3s-agents.yml': `${mark('k3s-agents')}    - name: Start the worker
      ansible.builtin.fail: {msg: "the token ${TOKEN} was refused"}
      when: not ansible_check_mode and '${place}/broken' is file
`,
    'post-bootstrap.yml': mark('post-bootstrap'),
  };
}

interface Stage {
  readonly site: Site;
  readonly ana: Person;
  readonly place: string;
  larder(...words: readonly string[]): Promise<Run>;
}

async function stage(t: TestContext): Promise<Stage | string> {
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
    ...{ site, ana, place },
    larder: (...words) => site.larder(['cluster', ...words, '--file', file, '--ledger-key', ana.key], undefined, env),
  };
}

function events(site: Site): readonly Record<string, unknown>[] {
  return site.records().map((path) => readJson(join(site.root, path)));
}

/** Everything that is kept of a run, evidence unpacked. */
function everything(site: Site): string {
  const below = ['docs', '.larder'].map((folder) => join(site.root, folder));
  return below
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
    .map((content) => (content[0] === 0x1f ? gunzipSync(content) : content).toString())
    .join('\n');
}

test('a run that fails is recorded with its evidence, opens an incident, and the next one needs its remediation', async (t) => {
  const made = await stage(t);
  if (typeof made === 'string') return t.skip(made);
  const { site, ana, place, larder } = made;
  writeFileSync(join(place, 'broken'), '');
  const first = await larder('bootstrap', '--yes');
  assert.equal(first.code, 1, first.stderr);
  assert.match(first.stderr, /w\.local: task "Start the worker" \(playbooks\/k3s-agents\.yml:\d+\)/);
  assert.ok(existsSync(join(place, 'base-os-w.local')) && existsSync(join(place, 'post-bootstrap-s.local')));
  assert.equal(existsSync(join(place, 'post-bootstrap-w.local')), false, 'a later phase began on the host that failed');
  const [, started, incident, finished] = events(site);
  assert.deepEqual(
    [started?.['type'], incident?.['type'], finished?.['type']],
    ['run-started', 'incident-opened', 'run-finished'],
  );
  const data = Object(started?.['data']);
  assert.equal(data.triggerType, 'bootstrap');
  assert.match(
    readFileSync(join(site.root, data.diffArtifactsPath), 'utf8'),
    /# base-os: s\.local, w\.local[\s\S]*\+made/,
  );
  const incidentId: string = Object(incident?.['data']).incidentId;
  assert.equal(Object(finished?.['data']).incidentId, incidentId);
  assert.match(readFileSync(join(site.root, Object(finished?.['data']).logsPath), 'utf8'), /PLAY RECAP/);

  const again = await larder('bootstrap', '--yes');
  assert.deepEqual([again.code, /says what is done about that/.test(again.stderr)], [3, true], again.stderr);
  const resumed = await larder('resume', '--yes');
  assert.deepEqual([resumed.code, /says what is done about that/.test(resumed.stderr)], [3, true], resumed.stderr);
  const event = join(site.folder, 'remedy.json');
  const remedy = { type: 'incident-updated', data: { incidentId, remediation: 'another token' } };
  writeFileSync(event, JSON.stringify(remedy));
  assert.equal((await site.ledger(['append', event], ana)).code, 0);
  rmSync(join(place, 'broken'));

  assert.ok(first.stderr.includes('refused'), 'the failure says nothing');
  for (const [where, text] of [
    ['what was printed', first.stdout + first.stderr],
    ['what is kept', everything(site)],
  ] as const)
    assert.ok(
      !text.includes(TOKEN) && !text.includes(Buffer.from(TOKEN).toString('base64')),
      `the token is in ${where}`,
    );

  // The cluster itself is not there: what is left comes through, and is found out at the API.
  const third = await larder('resume', '--yes', '--incident', incidentId);
  assert.equal(third.code, 1, third.stderr);
  assert.match(third.stderr, /the API cannot be asked.*\(LARDER_RUN_VERIFY\)/s);
  assert.ok(existsSync(join(place, 'post-bootstrap-w.local')), 'the rest was not played');
  assert.doesNotMatch(third.stderr, /\] base-os/, 'a phase was repeated');
  assert.equal((await site.ledger(['verify', '--no-cluster'], undefined)).code, 0);
});
