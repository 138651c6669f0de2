/** Larder itself at the operator's place of a rig: a repository with a cluster.yaml, artifacts, and the command line. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { installPython } from '../tools/python.ts';
import { type K3s, writeK3s } from './k3s.ts';
import { nodesOf } from './operator.ts';
import type { Rig } from './rig.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const REPOSITORY = '/mnt/repository';
const LIMIT_MS = 15 * 60_000;

export interface Said {
  readonly code: number;
  /** What was printed, in the order in which it was. */
  readonly output: string;
}

export interface LarderOnRig {
  /** Of the repository, as this process sees it. */
  readonly folder: string;
  /** Merges into cluster.yaml. */
  describe(part: object): void;
  /** Of cluster.yaml, as it was described last. */
  nodes(): readonly { readonly name: string; readonly address: string }[];
  /** Puts a release of the stand-in beside the others. */
  release(version: string): void;
  /** Runs one command line of Larder to its end. */
  larder(args: string): Promise<Said>;
  /** Begins one, and resolves to its process id in the rig. Its words go to `log`. */
  begin(args: string, log: string): Promise<number>;
  /** Lines of the newest journal. */
  journal(): readonly string[];
}

interface Described {
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
}

/** The reason of a skip where Ansible cannot be had. */
export async function larderOnRig(rig: Rig, k3s: K3s): Promise<LarderOnRig | string> {
  const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (python.kind === 'unavailable') return python.reason;
  const folder = rig.room.at(REPOSITORY);
  const ansible = join(folder, 'automation', 'ansible');
  cpSync(join(ROOT, 'deploy', 'ansible'), ansible, { recursive: true });
  mkdirSync(join(ansible, 'playbooks', 'group_vars'), { recursive: true });
  // Containers load no modules, and their kernel's memory controller belongs to the machine that they run on.
  writeFileSync(
    join(ansible, 'playbooks', 'group_vars', 'all.yml'),
    'base_os_kernel_modules: []\nbase_os_controllers_file: /etc/rig-controllers\n',
  );
  for (const { name } of rig.machines) await rig.on(name, 'echo cpu memory pids >/etc/rig-controllers');
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  let spec: Described = { nodes: (await nodesOf(rig)).map((node) => ({ ...node, arch })) };
  const describe = (part: object): void => {
    spec = { ...spec, ...part };
    writeFileSync(join(folder, 'cluster.yaml'), stringify(spec));
  };
  describe({ name: 'rig', artifacts: { folder: 'artifacts', lock: 'artifacts/sha256sum.txt' } });
  const command = (args: string): string =>
    `cd ${REPOSITORY}; env -u PYTHONPATH -u LD_LIBRARY_PATH HOME=/mnt/home ANSIBLE_HOME=/mnt/ansible PATH='${dirname(python.path)}':"$PATH" '${join(ROOT, 'bin', 'larder')}' cluster ${args}`;
  return {
    folder,
    describe,
    nodes: () => spec.nodes,
    release: (version) => release(k3s, join(folder, 'artifacts'), version),
    async larder(args) {
      const script = `code=0; (${command(args)}) 2>&1 || code=$?; echo "ended with $code"`;
      const output = await rig.room.run(script, LIMIT_MS);
      const [, words = '', code] = /^([\s\S]*)ended with (\d+)\s*$/.exec(output) ?? [];
      return { code: Number(code), output: words };
    },
    async begin(args, log) {
      // In a session of its own: a command of the room takes its group along when it ends.
      const script = `echo $$ >/mnt/begun; ${command(args).replace(/; env/, '; exec env')}`;
      writeFileSync(rig.room.at('/mnt/begin.sh'), script);
      const start = `rm -f /mnt/begun; setsid bash /mnt/begin.sh </dev/null >${log} 2>&1 & while [ ! -s /mnt/begun ]; do sleep 0.02; done; cat /mnt/begun`;
      return Number((await rig.room.run(start)).trim());
    },
    journal: () => newestJournal(join(folder, '.larder', 'runs')),
  };
}

function release(k3s: K3s, artifacts: string, version: string): void {
  const aside = join(artifacts, version);
  writeK3s(k3s, aside, version);
  const sums = readdirSync(aside).filter((name) => name.startsWith('sha256sum'));
  const lock = join(artifacts, 'sha256sum.txt');
  const before = existsSync(lock) ? readFileSync(lock, 'utf8') : '';
  const lines = sums.map((name) => readFileSync(join(aside, name), 'utf8').replace(/ {2}(?=\S+$)/m, `  ${version}/`));
  writeFileSync(`${lock}.new`, `${before}${lines.join('')}`);
  renameSync(`${lock}.new`, lock);
}

function newestJournal(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const newest = texts.toSorted((a, b) => begunAt(a).localeCompare(begunAt(b))).at(-1) ?? '';
  return newest.split('\n').filter((line) => line !== '');
}

function begunAt(text: string): string {
  return /"startedAt":"([^"]+)"/.exec(text)?.[1] ?? '';
}
