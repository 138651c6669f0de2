/** Somebody who has a machine and Larder: a repository, a ledger, secrets, a cluster, and the tests that came with it. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { installPython } from '../tools/python.ts';
import { pathOf } from '../tools/run-tool.ts';
import { larderOnRig, REPOSITORY } from './larder-on-rig.ts';
import { k3sRig } from './rig.ts';

const VERSION = 'v1.34.2+k3s1';
const BIN = resolve(import.meta.dirname, '../../bin');
const KEY = '/mnt/home/.ssh/id_ed25519';
const LIMIT_MS = 8 * 60_000;

test('a repository as it is written makes a cluster that its own tests find well', async (t) => {
  const made = await k3sRig(t, ['pi-1']);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const larder = await larderOnRig(rig, k3s);
  if (typeof larder === 'string') return t.skip(larder);
  const python = await installPython({ env: process.env, say: () => undefined });
  assert.ok(python.kind === 'ready');
  const kubectl = await pathOf('kubectl');
  larder.release(VERSION);
  larder.describe({ k3s: { version: VERSION, channel: 'v1.34' } });
  const shell = async (script: string): Promise<string> => {
    const path = [BIN, resolve(python.path, '..'), resolve(kubectl, '..')].join(':');
    const env = `env -u PYTHONPATH -u LD_LIBRARY_PATH HOME=/mnt/home ANSIBLE_HOME=/mnt/ansible PATH='${path}':"$PATH"`;
    const output = await rig.room.run(
      `cd ${REPOSITORY}; ${env} sh -eu <<'STRANGER' 2>&1 && echo ended well\n${script}\nSTRANGER\ntrue`,
      LIMIT_MS,
    );
    assert.match(output, /ended well\s*$/, output);
    return output;
  };

  const written = await shell(`larder cluster init . --merge
    mkdir -p /mnt/home/.ssh && ssh-keygen -q -t ed25519 -N '' -f ${KEY}
    git init --quiet --initial-branch=main && git config user.email ana@example.com && git config user.name Ana
    echo artifacts/ >>.gitignore
    larder cluster secrets init --yes
    larder cluster render --check
    git add . && git commit --quiet -m 'the repository of the cluster'
    larder ledger init --operator ana`);
  assert.match(written, /files written/);

  const begun = performance.now();
  const bootstrap = await larder.larder(`bootstrap --yes --private-key /mnt/id --ledger-key ${KEY}`);
  assert.equal(bootstrap.code, 0, bootstrap.output);
  t.diagnostic(`bootstrap of one machine: ${((performance.now() - begun) / 1000).toFixed(0)} s`);

  const smoke = await shell('tests/automation/smoke.sh');
  assert.match(smoke, /ok {4}1 nodes are there \(1\)/);
  const idempotent = await shell('tests/automation/idempotence.sh --private-key /mnt/id');
  assert.equal(idempotent.match(/changed=0/g)?.length, idempotent.match(/changed=/g)?.length, idempotent);
  assert.match(await shell('larder ledger verify --no-cluster'), /^whole:/m);
  assert.match(await shell('larder ledger show'), /bootstrap-recorded|run-finished/);
});
