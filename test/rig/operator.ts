/** The operator's own machine in a rig: Ansible, the roles, and a cluster.yaml that describes the rig's machines. */
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { installPython } from '../tools/python.ts';
import type { Rig } from './rig.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PLACE = '/mnt/operator';
const LIMIT_MS = 10 * 60_000;
/** Beside Ansible's own, which keep a connection for the next task. One to a machine that lost its power ends soon. */
const SSH = '-o UserKnownHostsFile=/mnt/known_hosts -o ServerAliveInterval=2 -o ServerAliveCountMax=3';

/** What Ansible says of each host at the end. */
export interface Recap {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
}

interface Play {
  readonly code: number;
  readonly output: string;
  readonly hosts: Readonly<Record<string, Recap>>;
}

export interface Operator {
  /** Merges into cluster.yaml. */
  describe(part: object): void;
  /** As cluster.yaml has them now. */
  nodes(): readonly object[];
  play(playbook: string, options?: readonly string[]): Promise<Play>;
}

/** The reason of a skip where Ansible cannot be had. The first machines are servers, the last a worker. */
export async function operatorOf(rig: Rig): Promise<Operator | string> {
  const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (python.kind === 'unavailable') return python.reason;
  const place = rig.room.at(PLACE);
  cpSync(join(ROOT, 'deploy', 'ansible'), place, { recursive: true });
  let spec: { readonly nodes: readonly object[] } = { nodes: await nodesOf(rig) };
  const describe = (part: object): void => {
    spec = { ...spec, ...part };
    writeFileSync(join(place, 'cluster.yaml'), stringify({ name: 'rig', ...spec }));
  };
  describe({});
  return {
    describe,
    nodes: () => spec.nodes,
    async play(playbook, options = []) {
      // ssh keeps its connections below HOME by address, and machines of another rig have the same.
      const ansible = join(python.path, '..', 'ansible-playbook');
      const command = `cd ${PLACE}; code=0; env -u PYTHONPATH -u LD_LIBRARY_PATH LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 HOME=/mnt/home ANSIBLE_HOME=/mnt/ansible LARDER='${join(ROOT, 'bin', 'larder')}' ANSIBLE_SSH_COMMON_ARGS='${SSH}' \\
        '${ansible}' --private-key ${rig.key} playbooks/${playbook} ${options.join(' ')} || code=$?; echo "ended with $code"`;
      const output = await rig.room.run(command, LIMIT_MS);
      const code = Number(/ended with (\d+)\s*$/.exec(output)?.[1]);
      return { code, output, hosts: recapOf(output) };
    },
  };
}

export async function nodesOf(rig: Rig): Promise<readonly { readonly name: string; readonly address: string }[]> {
  const known = await rig.room.run('cat /mnt/known_hosts');
  return rig.machines.map(({ name, address }, index) => ({
    name: `${name}.rig`,
    address,
    role: index < rig.machines.length - 1 || rig.machines.length === 1 ? 'server-agent' : 'worker',
    storage: 'ssd',
    ssh: { user: 'larder', hostKey: new RegExp(`^${address.replaceAll('.', '\\.')} (.*)$`, 'm').exec(known)?.[1] },
  }));
}

function recapOf(output: string): Readonly<Record<string, Recap>> {
  const lines = output.matchAll(/^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/gm);
  return Object.fromEntries(
    [...lines].map(([, host = '', ...counts]) => {
      const [ok = 0, changed = 0, unreachable = 0, failed = 0] = counts.map(Number);
      return [host, { ok, changed, unreachable, failed }];
    }),
  );
}
