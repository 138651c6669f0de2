/** Somebody who has four machines and the example: a repository, a ledger, secrets, a cluster, and the tests that came with it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { installPython } from '../tools/python.ts';
import { pathOf } from '../tools/run-tool.ts';
import { larderOnRig, REPOSITORY } from './larder-on-rig.ts';
import { k3sRig } from './rig.ts';

const VERSION = 'v1.34.2+k3s1';
const BIN = resolve(import.meta.dirname, '../../bin');
const KEY = '/mnt/home/.ssh/id_ed25519';
const LIMIT_MS = 15 * 60_000;
const EXAMPLE = resolve(import.meta.dirname, '../../examples/cluster/cluster.example.yaml');

const example = z.looseObject({
  k3s: z.looseObject({}),
  os: z.looseObject({}),
  // Of which computer it is says where the kernel's command line is; these machines have none.
  nodes: z.array(z.looseObject({}).transform(({ hardware: _hardware, ...node }) => node)).length(4),
});

test('a repository as it is written makes a cluster that its own tests find well', async (t) => {
  const made = await k3sRig(t, ['pi-1', 'pi-2', 'pi-3', 'pi-4']);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const larder = await larderOnRig(rig, k3s);
  if (typeof larder === 'string') return t.skip(larder);
  const python = await installPython({ env: process.env, say: () => undefined });
  assert.ok(python.kind === 'ready');
  const kubectl = await pathOf('kubectl');
  larder.release(VERSION);
  const given = example.parse(parse(readFileSync(EXAMPLE, 'utf8')));
  const machines = larder.nodes();
  larder.describe({
    ...given,
    k3s: { ...given.k3s, version: VERSION, channel: 'v1.34' },
    os: { ...given.os, reboot: 'allowed' },
    nodes: given.nodes.map((node, index) => ({ ...node, ...machines[index] })),
  });
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
  t.diagnostic(`bootstrap of four machines: ${((performance.now() - begun) / 1000).toFixed(0)} s`);

  const smoke = await shell('tests/automation/smoke.sh');
  assert.match(smoke, /ok {4}4 nodes are there \(4\)/);
  const idempotent = await shell('tests/automation/idempotence.sh --private-key /mnt/id');
  assert.equal(idempotent.match(/changed=0/g)?.length, idempotent.match(/changed=/g)?.length, idempotent);
  const drift = await larder.larder(`drift --private-key /mnt/id --ledger-key ${KEY} -o json 2>/mnt/drift.log`);
  const looked = z
    .looseObject({ durationMs: z.number(), unknown: z.array(z.unknown()) })
    .parse(JSON.parse(drift.output));
  t.diagnostic(`drift of four machines: ${(looked.durationMs / 1000).toFixed(1)} s`);
  assert.deepEqual(looked.unknown, []);
  assert.match(await shell('larder ledger verify --no-cluster'), /^whole:/m);
  assert.match(await shell('larder ledger show'), /bootstrap-recorded|run-finished/);
});
