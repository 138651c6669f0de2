/** What the playbook restore.yml refuses, before it stops anything. Its hosts are all this machine, and it only rehearses. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { runChild } from '../tools/child.ts';
import { installPython } from '../tools/python.ts';

const ANSIBLE = resolve(import.meta.dirname, '../../deploy/ansible');
const LIMIT_MS = 120_000;

test('a restore is refused before anything is stopped', async (t) => {
  const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (python.kind === 'unavailable') return t.skip(python.reason);
  const home = temporaryFolder((remove) => t.after(remove), 'larder-restore-');
  const snapshots = join(home, 'data/server/db/snapshots');
  mkdirSync(snapshots, { recursive: true });
  writeFileSync(join(snapshots, 'held'), 'a snapshot');
  writeFileSync(join(snapshots, 'empty'), '');
  const inventory = join(home, 'hosts.ini');
  const settings = [
    'ansible_connection=local',
    'ansible_become=false',
    `ansible_python_interpreter=${join(dirname(python.path), 'python3')}`,
    `restore_data=${join(home, 'data')}`,
  ];
  writeFileSync(inventory, ['[k3s_server]', 'a', 'b', 'c', '[k3s_server:vars]', ...settings, ''].join('\n'));
  const play = async (...words: readonly string[]): Promise<string> => {
    const { PYTHONPATH: _path, LD_LIBRARY_PATH: _libraries, ...env } = process.env;
    const { code, output } = await runChild({
      command: join(dirname(python.path), 'ansible-playbook'),
      args: ['--inventory', inventory, '--check', 'playbooks/restore.yml', ...words],
      cwd: ANSIBLE,
      env: { ...env, LC_ALL: 'C.UTF-8', ANSIBLE_NOCOLOR: '1', ANSIBLE_HOME: join(home, '.ansible') },
      limitMs: LIMIT_MS,
    });
    assert.equal(code, 2, output);
    assert.doesNotMatch(output, /TASK \[restore : Stop k3s/);
    return output.replaceAll(/\s+/g, ' ');
  };
  const named = (name: string): readonly string[] => ['-e', `larder_snapshot=${name}`];
  const sha256 = createHash('sha256').update('a snapshot').digest('hex');

  await t.test('for a part of the servers', async () => {
    assert.match(await play(...named('held'), '--limit', 'a'), /A restore is for all servers together/);
  });
  await t.test('without a snapshot, with one that is not there, and with an empty one', async () => {
    assert.match(await play(), /Name the snapshot: -e larder_snapshot=NAME/);
    assert.match(await play(...named('lost')), /a has no snapshot lost\. Nothing was changed/);
    assert.match(await play(...named('empty')), /a has no snapshot empty\. Nothing was changed/);
  });
  await t.test('with a snapshot of other bytes, and it says of which', async () => {
    const output = await play(...named('held'), '-e', `larder_snapshot_sha256=${'0'.repeat(64)}`);
    assert.match(output, new RegExp(`has the sha256 ${sha256}, not 0{64}: it was changed or damaged`));
  });
  await t.test('without the token that the snapshot is read with', async () => {
    assert.match(await play(...named(join(snapshots, 'held'))), /a has no .*server\/token, and without the token/);
  });
});
