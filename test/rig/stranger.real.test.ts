/** Somebody who has four machines, the example and the guide: its commands as they stand there, until a cluster is there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { readGuide } from '../guides/guide.ts';
import { installPython } from '../tools/python.ts';
import { pathOf } from '../tools/run-tool.ts';
import { REPOSITORY as GIVEN, type LarderOnRig, larderOnRig } from './larder-on-rig.ts';
import { k3sRig, type Rig } from './rig.ts';
import { type Secrets, secretsLeft, watchSecrets } from './secret-watch.ts';

const VERSION = 'v1.34.2+k3s1';
const ROOT = resolve(import.meta.dirname, '../..');
const BIN = resolve(ROOT, 'bin');
const HOME = '/mnt/home';
const REPOSITORY = `${HOME}/home-cluster`;
const LIMIT_MS = 15 * 60_000;
const EXAMPLE = resolve(ROOT, 'examples/cluster/cluster.example.yaml');
const GUIDE = resolve(ROOT, 'docs/guides/cluster-quickstart.md');

const example = z.looseObject({
  k3s: z.looseObject({}),
  os: z.looseObject({}),
  // Of which computer it is says where the kernel's command line is; these machines have none.
  nodes: z.array(z.looseObject({}).transform(({ hardware: _hardware, ...node }) => node)).length(4),
});

/** What is another word here: the machines and the answer of the person at the terminal. Ansible is installed already. */
const OTHERWISE: readonly (readonly [RegExp, string])[] = [
  [/--nodes pi-1\.lan=.*$/m, `--from ${GIVEN}/cluster.yaml`],
  [/^uv sync$/m, 'ansible-playbook --version >/dev/null'],
  // Its warnings, of clocks that nothing keeps yet, end it with 1; who reads them goes on.
  [/^larder cluster preflight$/m, 'larder cluster preflight || [ $? = 1 ]'],
  // Policies and the example are for a person to read before they are applied, and a container keeps no clock.
  [/^larder cluster drift$/m, 'larder cluster drift || [ $? = 1 ]'],
  [/^larder cluster bootstrap$/m, 'larder cluster bootstrap --yes'],
];

/** The commands of the guide, block by block, each of the words above in exactly one place. */
function commands(): readonly string[] {
  const steps = readGuide(GUIDE).steps.flatMap((step) =>
    step.kind === 'command' || step.kind === 'passed over' ? [step.text] : [],
  );
  for (const [words] of OTHERWISE)
    assert.equal(steps.filter((text) => words.test(text)).length, 1, `the guide says ${words}`);
  return steps.map((text) => OTHERWISE.reduce((said, [words, here]) => said.replace(words, here), text));
}

interface Stranger {
  /** From one command to the next in the same folder. Fails with what was printed. */
  type(script: string): Promise<string>;
}

async function strangerOn(rig: Rig): Promise<Stranger> {
  const python = await installPython({ env: process.env, say: () => undefined });
  assert.ok(python.kind === 'ready');
  const path = [BIN, resolve(python.path, '..'), resolve(await pathOf('kubectl'), '..')].join(':');
  const env = `env -u PYTHONPATH -u LD_LIBRARY_PATH HOME=${HOME} SSH_AUTH_SOCK=/mnt/agent ANSIBLE_HOME=/mnt/ansible PATH='${path}':"$PATH"`;
  await rig.room.run(
    `mkdir -p ${HOME}/.ssh; cp /mnt/id ${HOME}/.ssh/id_ed25519; cp /mnt/id.pub ${HOME}/.ssh/id_ed25519.pub
    printf '[user]\n\tname = Ana\n\temail = ana@example.com\n[init]\n\tdefaultBranch = main\n' >${HOME}/.gitconfig
    ssh-agent -a /mnt/agent >/dev/null; SSH_AUTH_SOCK=/mnt/agent ssh-add -q /mnt/id
    echo ${HOME} >/mnt/where`,
  );
  return {
    async type(script) {
      const output = await rig.room.run(
        `cd "$(cat /mnt/where)"; ${env} bash -eu <<'STRANGER' 2>&1 && echo ended well\n${script}\npwd >/mnt/where\nSTRANGER\ntrue`,
        LIMIT_MS,
      );
      assert.match(output, /ended well\s*$/, `${script}\n${output}`);
      return output;
    },
  };
}

/** The example with the names, addresses and host keys of these machines, and a release of the stand-in. */
function describe(larder: LarderOnRig): void {
  larder.release(VERSION);
  const given = example.parse(parse(readFileSync(EXAMPLE, 'utf8')));
  const machines = larder.nodes();
  larder.describe({
    ...given,
    k3s: { ...given.k3s, version: VERSION, channel: 'v1.34' },
    os: { ...given.os, reboot: 'allowed' },
    nodes: given.nodes.map((node, index) => ({ ...node, ...machines[index] })),
  });
}

/** What only machines that are containers need, before anything is committed. */
const SURROUNDINGS = `cp -r ${GIVEN}/artifacts ${REPOSITORY}/; echo artifacts/ >>${REPOSITORY}/.gitignore
mkdir -p ${REPOSITORY}/automation/ansible/playbooks/group_vars
cp ${GIVEN}/automation/ansible/playbooks/group_vars/all.yml ${REPOSITORY}/automation/ansible/playbooks/group_vars/all.yml`;

async function secretsOf(stranger: Stranger): Promise<Secrets> {
  const token = await stranger.type(
    `larder cluster secrets show secrets/k3s.sops.yaml --reveal token --yes --file ${REPOSITORY}/cluster.yaml`,
  );
  const key = await stranger.type('grep -rhao "AGE-SECRET-KEY-1[A-Z0-9]*" ~ 2>/dev/null | sort -u');
  const pager = 'pager.example.org/hook';
  const secrets = { token: token.split('\n')[0] ?? '', key: key.split('\n')[0] ?? '', pager };
  assert.match(secrets.token, /^[0-9a-zA-Z]{20,}$/);
  assert.match(secrets.key, /^AGE-SECRET-KEY-1[A-Z0-9]{50,}$/);
  return secrets;
}

test('the guide of the first evening makes a cluster that its own tests find well', async (t: TestContext) => {
  const made = await k3sRig(t, ['pi-1', 'pi-2', 'pi-3', 'pi-4']);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const larder = await larderOnRig(rig, k3s);
  if (typeof larder === 'string') return t.skip(larder);
  const stranger = await strangerOn(rig);
  describe(larder);

  const [init = '', ...rest] = commands();
  const bootstrap = rest.findIndex((text) => /larder cluster bootstrap/.test(text));
  assert.match(await stranger.type(init), /files written/);
  await stranger.type(SURROUNDINGS);
  for (const text of rest.slice(0, bootstrap)) await stranger.type(text);

  const secrets = await secretsOf(stranger);
  const watch = await watchSecrets(rig, secrets);
  const begun = performance.now();
  await stranger.type(rest[bootstrap] ?? '');
  t.diagnostic(`preflight and bootstrap of four machines: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  for (const text of rest.slice(bootstrap + 1)) {
    const output = await stranger.type(text);
    if (!text.includes('smoke.sh')) continue;
    assert.match(output, /ok {4}4 nodes are there \(4\)/);
    assert.match(output, /^clean: host, orphan, node, version, certificate, unlogged-change$/m);
    for (const [, place = ''] of output.matchAll(/^ {4}(\S+):\d+: is not in the cluster$/gm))
      assert.match(place, /^cluster\/(policies|apps\/example)$/);
  }
  assert.deepEqual(await watch.end(), [], 'seen by everybody who lists processes');
  const left = await secretsLeft(rig, secrets, [HOME, '/mnt/ansible']);
  assert.deepEqual(
    left.filter((place) => !/\/keys\.txt$/.test(place)),
    [],
    'left behind',
  );

  const idempotent = await stranger.type('tests/automation/idempotence.sh');
  assert.equal(idempotent.match(/changed=0/g)?.length, idempotent.match(/changed=/g)?.length, idempotent);
  await stranger.type('automation/scripts/drift-daily.sh || [ $? = 1 ]');
  const figures = await rig.on(
    'pi-1',
    'stat -c "%U %a" /var/lib/larder/textfile/drift.prom; cat /var/lib/larder/textfile/*',
  );
  assert.match(figures, /^root 644\n[\s\S]*^larder_cluster_drift_findings\{[^}]*kind="host"\} 0$/m);
  assert.match(await stranger.type('larder ledger verify --no-cluster'), /^whole:/m);
  assert.match(await stranger.type('larder ledger show'), /bootstrap-recorded|run-finished/);
});
