/** The driver with the real Ansible, on this machine alone. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type AnsiblePlay, type Played, playAnsible } from '../../src/cluster/run/ansible.ts';
import type { RunEvent } from '../../src/cluster/run/run-event.ts';
import { readSpec } from '../../src/cluster/spec/read-spec.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { eventually, temporaryFolder } from '../e2e/larder.ts';
import { installPython } from '../tools/python.ts';

const SECRET = 'K10planted::server:5e884898da2804';
const SPEC = `name: here
nodes:
  - {name: n1.local, address: 192.0.2.1, role: server-agent, storage: ssd}
  - {name: n2.local, address: 192.0.2.2, role: worker, storage: ssd}
`;

const small = `- name: Small
  hosts: k3s_cluster
  gather_facts: false
  tasks:
    - name: Write
      ansible.builtin.copy: {dest: "{{ place }}/{{ inventory_hostname }}", content: "of the cluster\\n", mode: "0600"}
    - name: Hide
      ansible.builtin.copy: {dest: "{{ place }}/hidden-{{ inventory_hostname }}", content: "${SECRET}\\n", mode: "0600"}
      no_log: true
    - name: Facts
      ansible.builtin.debug: {var: larder_facts}
      vars: {larder_facts: {memory_mib: 7800}}
    - name: Stop one
      ansible.builtin.fail: {msg: "n2 holds ${SECRET}"}
      when: inventory_hostname == 'n2.local'
`;
const slow = `- name: Slow
  hosts: n1.local
  gather_facts: false
  tasks:
    - name: Wait for ever
      ansible.builtin.command: {cmd: "sh -c 'echo $$ >{{ place }}/pid; sleep 600'"}
      changed_when: false
`;

/** As the roles ask other servers, from one that is this machine. */
const asking = `- name: Ask
  hosts: n1.local
  connection: local
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - name: Ask the other one
      ansible.builtin.command: {cmd: "true"}
      delegate_to: n2.local
      ignore_unreachable: true
      ignore_errors: true
      vars: {ansible_connection: ssh, ansible_ssh_timeout: 1}
    - name: Go on
      ansible.builtin.debug: {msg: on}
`;

interface Stage {
  readonly play: AnsiblePlay;
  readonly place: string;
}

async function stage(t: TestContext, playbook: string): Promise<Stage | string> {
  const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (python.kind === 'unavailable') return python.reason;
  const repository = temporaryFolder((remove) => t.after(remove), 'larder-stage-');
  const place = join(repository, 'place');
  const ansible = join(repository, 'automation', 'ansible');
  for (const folder of [place, join(ansible, 'playbooks')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(repository, 'cluster.yaml'), SPEC);
  writeFileSync(join(ansible, 'ansible.cfg'), '[defaults]\ninterpreter_python = /usr/bin/python3\n');
  writeFileSync(join(ansible, 'playbooks', 'small.yml'), small);
  writeFileSync(join(ansible, 'playbooks', 'slow.yml'), slow);
  writeFileSync(join(ansible, 'playbooks', 'asking.yml'), asking);
  const read = readSpec(SPEC, '2026-03-01');
  if (read.kind !== 'spec') assert.fail(JSON.stringify(read.findings));
  const { PYTHONPATH: _, ...env } = process.env;
  return {
    place,
    play: {
      repository,
      spec: read.spec,
      playbook,
      variables: { place, ansible_connection: 'local' },
      secrets: [],
      env: { ...env, PATH: `${dirname(python.path)}:${env['PATH']}` },
      clock: systemClock,
    },
  };
}

function played(outcome: Played): Extract<Played, { kind: 'played' }> {
  return outcome.kind === 'played' ? outcome : assert.fail(JSON.stringify(outcome));
}

test('a play: what each host did, a failure with its words, facts, and no secret', async (t) => {
  const made = await stage(t, 'small.yml');
  if (typeof made === 'string') return t.skip(made);
  const events: RunEvent[] = [];
  const play = { ...made.play, onEvent: (event: RunEvent) => void events.push(event) };

  const checked = played(await playAnsible({ ...play, check: true }));
  assert.equal(existsSync(join(made.place, 'n1.local')), false, 'check mode changed something');
  const write = checked.results.find(({ host, task }) => host === 'n1.local' && task === 'Write');
  assert.equal(write?.outcome, 'changed');
  assert.match(write?.diff ?? '', /^\+of the cluster$/m);

  const outcome = played(await playAnsible(play));
  assert.equal(outcome.code, 'failed');
  assert.deepEqual([outcome.hosts['n1.local']?.failed, outcome.hosts['n2.local']?.failed], [0, 1]);
  assert.equal(readFileSync(join(made.place, 'n1.local'), 'utf8'), 'of the cluster\n');
  assert.deepEqual(outcome.results.find(({ task }) => task === 'Facts')?.facts, { memory_mib: 7800 });
  const hidden = outcome.results.find(({ task }) => task === 'Hide');
  assert.deepEqual([hidden?.outcome, hidden?.noLog, hidden?.diff], ['changed', true, undefined]);
  assert.match(outcome.log, /^PLAY RECAP/m);

  const masked = played(await playAnsible({ ...play, secrets: [SECRET], limit: ['n2.local'] }));
  assert.match(masked.results.find(({ outcome: how }) => how === 'failed')?.message ?? '', /n2 holds \*\*\*/);
  assert.deepEqual(Object.keys(masked.hosts), ['n2.local']);
  assert.ok(!JSON.stringify([masked, events.slice(-8)]).includes(SECRET), 'a secret was told');
});

test('a host that asks a silent one is not told to be silent itself', async (t) => {
  const made = await stage(t, 'asking.yml');
  if (typeof made === 'string') return t.skip(made);
  const outcome = played(await playAnsible({ ...made.play, variables: { place: made.place } }));
  assert.deepEqual(
    outcome.results.map(({ host, task, outcome: how }) => [host, task, how]),
    [
      ['n1.local', 'Ask the other one', 'ignored'],
      ['n1.local', 'Go on', 'ok'],
    ],
  );
  assert.match(outcome.results[0]?.message ?? '', /reach|connect/i);
  assert.deepEqual([outcome.code, outcome.hosts['n1.local']?.unreachable], ['ok', 0]);
});

test('a play that is stopped ends, and so does one whose operator is gone', async (t) => {
  const made = await stage(t, 'slow.yml');
  if (typeof made === 'string') return t.skip(made);
  const pidFile = join(made.place, 'pid');
  const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`);
  const pidOf = (): Promise<number> =>
    eventually(
      'the task begins',
      async () => (existsSync(pidFile) && Number(readFileSync(pidFile, 'utf8'))) || undefined,
    );

  const controller = new AbortController();
  const running = playAnsible({ ...made.play, signal: controller.signal });
  const first = await pidOf();
  controller.abort();
  assert.equal((await running).kind, 'interrupted');
  await eventually('the stopped task ends', async () => isGone(first) || undefined);

  writeFileSync(pidFile, '');
  const script = join(made.place, 'operator.mjs');
  const driver = resolve(import.meta.dirname, '../../src/cluster/run/ansible.ts');
  const { clock: _, ...rest } = made.play;
  writeFileSync(
    script,
    `import { playAnsible } from ${JSON.stringify(driver)};
    const clock = { now: Date.now, monotonic: Date.now, after: () => ({ cancel() {} }) };
    await playAnsible({ ...${JSON.stringify(rest)}, clock });`,
  );
  const operator = spawn(process.execPath, [script], { stdio: 'inherit' });
  const second = await pidOf();
  operator.kill('SIGKILL');
  await eventually('the task of a killed operator ends', async () => isGone(second) || undefined);
  const left = (): boolean => readdirSync(tmpdir()).some((name) => name.includes(`-${operator.pid?.toString(36)}-`));
  assert.ok(left(), 'what a killed operator leaves is looked for under another name');
  await playAnsible({ ...made.play, playbook: 'none.yml' });
  assert.ok(!left(), 'the next play leaves what a killed operator left');
});

test('what is missing is told with what to do', async (t) => {
  const made = await stage(t, 'gone.yml');
  if (typeof made === 'string') return t.skip(made);
  const outcome = played(await playAnsible(made.play));
  assert.equal(outcome.code, 'error');
  assert.match(outcome.log, /gone\.yml could not be found/);
  const without = await playAnsible({ ...made.play, env: { PATH: '/nowhere' } });
  assert.deepEqual(without.kind === 'unavailable' && /pip install/.test(without.reason), true, JSON.stringify(without));
});
