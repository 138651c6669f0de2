/** What is made of what Ansible and ssh say, with a program in the place of Ansible that says it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { git } from '../../ledger/git.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import type { RunSession } from '../run/carry-out.ts';
import { readSpec } from '../spec/read-spec.ts';
import { type Preflight, preflight } from './look.ts';

const NAMES = ['n1.local', 'n2.local', 'n3.local', 'n4.local', 'n5.local'];
const NODES = NAMES.map(
  (name, index) =>
    `  - {name: ${name}, address: 192.0.2.${index + 1}, role: ${index < 3 ? 'server-agent' : 'worker'}}\n`,
);

interface Said {
  readonly host: string;
  readonly outcome: 'ok' | 'failed' | 'unreachable';
  readonly message?: string;
  readonly facts?: object;
}

interface World {
  readonly repository: string;
  look(said: readonly Said[], code: number): Promise<Preflight>;
}

function world(t: TestContext, rest = ''): World {
  const repository = mkdtempSync(join(tmpdir(), 'larder-look-'));
  t.after(() => rmSync(repository, { recursive: true }));
  const read = readSpec(`name: a\nnodes:\n${NODES.join('')}${rest}`, '2026-03-01');
  const spec = read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
  const bin = join(repository, '.venv', 'bin');
  mkdirSync(bin, { recursive: true });
  const { PATH = '', HOME = '' } = process.env;
  const session: RunSession = {
    ...{ repository, file: join(repository, 'cluster.yaml'), spec, secrets: [], env: { PATH, HOME } },
    ...{ clock: systemClock, random: systemRandom },
  };
  return {
    repository,
    look(said, code) {
      const events = said.map((each) =>
        JSON.stringify({ event: 'result', task: 'Ask', path: 'x:1', elapsedMs: 5, ...each }),
      );
      const script = `#!/bin/sh\n[ "$1" = --version ] && echo 'ansible-playbook [core 2.19.1]' && exit\ncat >&3 <<'SAID'\n${events.join('\n')}\nSAID\nexit ${code}\n`;
      writeFileSync(join(bin, 'ansible-playbook'), script, { mode: 0o755 });
      return preflight({ session, hosts: NAMES, measure: false });
    },
  };
}

function findingsOf(looked: Preflight): readonly string[] {
  assert.equal(looked.kind, 'looked', JSON.stringify(looked));
  return looked.kind === 'looked'
    ? looked.findings.map(
        ({ severity, host, code, message }) =>
          `${severity} ${host} ${code.slice('LARDER_PREFLIGHT_'.length)}: ${message}`,
      )
    : [];
}

test('a host that says nothing of itself: why is told from the words of ssh and sudo', async (t) => {
  const { look } = world(t);
  const looked = await look(
    [
      {
        host: 'n1.local',
        outcome: 'unreachable',
        message: 'Failed to connect to the host via ssh:\n  Connection timed out',
      },
      { host: 'n2.local', outcome: 'failed', message: 'Missing sudo password\n' },
      {
        host: 'n3.local',
        outcome: 'unreachable',
        message: 'No ED25519 host key is known for 192.0.2.3 and you have requested strict checking.',
      },
      { host: 'n4.local', outcome: 'failed', message: 'MODULE FAILURE: /usr/bin/python3: not found' },
    ],
    4,
  );
  const told = findingsOf(looked);
  const expected = [
    /^error n1\.local UNREACHABLE: Failed to connect to the host via ssh: Connection timed out$/,
    /^error n2\.local SUDO: Missing sudo password$/,
    /^error n3\.local HOST_KEY: the ssh host key of n3\.local is not pinned/,
    /^unknown n4\.local UNTOLD: MODULE FAILURE: \/usr\/bin\/python3: not found$/,
    /^unknown n5\.local UNTOLD: it said nothing of itself$/,
  ];
  assert.equal(told.length, expected.length, told.join('\n'));
  for (const [index, pattern] of expected.entries()) assert.match(told[index] ?? '', pattern);
});

test('facts that are none are not taken for an answer, and an Ansible that breaks down is no finding', async (t) => {
  const { look } = world(t);
  const odd = await look([{ host: 'n1.local', outcome: 'ok', facts: { memory_mib: 'much' } }], 0);
  assert.ok(findingsOf(odd).includes('unknown n1.local UNTOLD: it said nothing of itself'), findingsOf(odd).join('\n'));
  assert.equal(odd.kind === 'looked' && odd.facts.size, 0);
  const uid = { uid: 1000, cgroup_version: 2, cgroup_controllers: ['memory'] };
  const asUser = await look([{ host: 'n1.local', outcome: 'ok', facts: uid }], 0);
  assert.match(findingsOf(asUser).join('\n'), /^error n1\.local SUDO: sudo does not make root of this user$/m);
  const broken = await look([], 1);
  assert.equal(broken.kind, 'unavailable');
});

test('the repository: files that are not committed are a warning, artifacts that are not of the lock an error', async (t) => {
  const { repository, look } = world(t, 'artifacts: {folder: artifacts, lock: artifacts/lock}\n');
  const ofRepository = async (): Promise<readonly string[]> =>
    findingsOf(await look([], 0)).filter((line) => line.includes(' the repository '));
  assert.match(
    (await ofRepository()).join('\n'),
    /^error the repository ARTIFACT: the lock artifacts\/lock cannot be read: ENOENT[^\n]*$/,
  );
  mkdirSync(join(repository, 'artifacts'));
  writeFileSync(join(repository, 'artifacts/lock'), `${'0'.repeat(64)}  k3s\n`);
  writeFileSync(join(repository, 'artifacts/k3s'), 'k3s');
  writeFileSync(join(repository, '.gitignore'), '.venv/\nartifacts/\n');
  await git(repository, ['init', '-q']);
  assert.deepEqual(await ofRepository(), [
    'error the repository ARTIFACT: artifacts/k3s is not the file of artifacts/lock',
    'warning the repository GIT: 1 files are not committed: .gitignore',
  ]);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(repository, name), name);
  const told = (await ofRepository()).at(-1);
  assert.equal(told, 'warning the repository GIT: 4 files are not committed: .gitignore, a, b, …');
});
