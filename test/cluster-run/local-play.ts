/** Plays tasks on this machine with the inventory of a cluster.yaml. What they may do here is theirs to say. */
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { type ChildResult, runChild } from '../tools/child.ts';
import { installPython } from '../tools/python.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const ANSIBLE = join(ROOT, 'deploy/ansible');
const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
/** Why nothing can be played here; false where it can. */
export const skip = python.kind === 'unavailable' ? python.reason : false;

/** Every host is this machine, and nobody becomes root. */
const HERE = { ansible_connection: 'local', ansible_become: false };

interface LocalPlay {
  /** The text of cluster.yaml. */
  readonly spec: string;
  readonly plays: readonly object[];
  /** They win over those of the inventory. */
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly options?: readonly string[];
}

export function localPlay(
  t: TestContext,
  { spec, plays, variables = {}, options = [] }: LocalPlay,
): Promise<ChildResult> {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-roles-');
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const start = [process.execPath, '--disable-warning=ExperimentalWarning', join(ROOT, 'bin/start.js')];
  const inventory = write(
    'inventory',
    `#!/bin/sh\nexec '${start.join("' '")}' cluster inventory --file ${write('cluster.yaml', spec)} "$@"\n`,
  );
  chmodSync(inventory, 0o755);
  const playbook = write('play.yml', JSON.stringify(plays));
  const given = write('variables.json', JSON.stringify({ ...HERE, ...variables }));
  const command = python.kind === 'ready' ? join(dirname(python.path), 'ansible-playbook') : '';
  const args = ['--inventory', inventory, '--extra-vars', `@${given}`, ...options, playbook];
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ANSIBLE_NOCOLOR: '1', ANSIBLE_FORCE_COLOR: '0' };
  return runChild({ command, args, cwd: ANSIBLE, env, limitMs: 120_000 });
}
