/** The desk of an operator in a rig: a repository with a cluster.yaml of its machines, Ana's key, and the command line. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { installPython } from '../tools/python.ts';
import { nodesOf } from './operator.ts';
import type { Rig } from './rig.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const REPOSITORY = '/mnt/repository';
export const HOME = '/mnt/home';
const LIMIT_MS = 4 * 60_000;

export interface Desk {
  /** `larder cluster …`; its code and all that it printed. */
  larder(words: string): Promise<{ readonly code: number; readonly output: string }>;
  /** Begins one, and resolves to its process id in the rig. Its words go to `log`. */
  begin(words: string, log: string): Promise<number>;
  /** ssh with the key of Ana and the certificate beside it, nothing else: what the command printed. */
  ssh(user: string, machine: string, command: string): Promise<string>;
}

export async function deskOf(rig: Rig): Promise<Desk | string> {
  const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (python.kind === 'unavailable') return python.reason;
  const folder = rig.room.at(REPOSITORY);
  cpSync(join(ROOT, 'deploy', 'ansible'), join(folder, 'automation', 'ansible'), { recursive: true });
  mkdirSync(rig.room.at(`${HOME}/.ssh`), { recursive: true });
  await rig.room.run(`ssh-keygen -q -t ed25519 -N '' -C ana -f ${HOME}/.ssh/id_ed25519`);
  const sshKey = (await rig.room.run(`cat ${HOME}/.ssh/id_ed25519.pub`)).trim();
  const spec = { name: 'rig', nodes: await nodesOf(rig), operators: [{ id: 'ana', sshKey, role: 'admin' }] };
  writeFileSync(join(folder, 'cluster.yaml'), stringify(spec));
  const env = `env -u PYTHONPATH -u LD_LIBRARY_PATH -u SSH_AUTH_SOCK HOME=${HOME} ANSIBLE_HOME=/mnt/ansible PATH='${dirname(python.path)}':"$PATH"`;
  const known =
    '-o UserKnownHostsFile=/mnt/known_hosts -o StrictHostKeyChecking=yes -o BatchMode=yes -o ConnectTimeout=5';
  return {
    async larder(words) {
      const script = `cd ${REPOSITORY}; code=0; (${env} '${join(ROOT, 'bin', 'larder')}' cluster ${words}) </dev/null 2>&1 || code=$?; echo "ended with $code"`;
      const said = await rig.room.run(script, LIMIT_MS);
      const [, output = '', code] = /^([\s\S]*)ended with (\d+)\s*$/.exec(said) ?? [];
      return { code: Number(code), output };
    },
    async begin(words, log) {
      // In a session of its own: a command of the room takes its group along when it ends.
      const script = `echo $$ >/mnt/begun; cd ${REPOSITORY}; exec ${env} '${join(ROOT, 'bin', 'larder')}' cluster ${words}`;
      writeFileSync(rig.room.at('/mnt/begin.sh'), script);
      const start = `rm -f /mnt/begun; setsid bash /mnt/begin.sh </dev/null >${log} 2>&1 & while [ ! -s /mnt/begun ]; do sleep 0.02; done; cat /mnt/begun`;
      return Number((await rig.room.run(start)).trim());
    },
    ssh(user, machine, command) {
      const { address } = rig.machines.find(({ name }) => name === machine) ?? assert.fail(machine);
      return rig.room.run(
        `ssh -F none ${known} -o IdentitiesOnly=yes -i ${HOME}/.ssh/id_ed25519 ${user}@${address} '${command}'`,
      );
    },
  };
}

export async function succeeded(desk: Desk, words: string): Promise<string> {
  const { code, output } = await desk.larder(words);
  assert.equal(code, 0, output);
  return output;
}
