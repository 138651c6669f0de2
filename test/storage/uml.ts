/**
 * User-Mode Linux: a kernel of its own as a process of this user, with an NFS server and client, XFS and ext4 with project
 * quota. Its root is this machine's files, read-only, with the Debian packages of the cache above them and memory above
 * both, so that nothing it writes is seen outside. It runs one TypeScript file of the checkout and powers off.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { debianEnv, installDebian } from '../tools/debian.ts';

const LIMIT_MS = 5 * 60_000;
const DISK_BYTES = 2 ** 29;
const MARK = '@@ ';

export interface UmlOptions {
  /** Absolute; its standard output is that of the kernel's console. */
  readonly program: string;
  /** Disks `/dev/ubda`, `/dev/ubdb` …, empty. */
  readonly disks: number;
}

/** What the program told by `tell`, in order; a string is the reason why there is no such kernel here. */
export async function runInUml(t: TestContext, { program, disks }: UmlOptions): Promise<readonly unknown[] | string> {
  const debian = await installDebian({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  if (debian.kind === 'unavailable') return debian.reason;
  const kernel = join(debian.path, 'usr/bin/linux.uml');
  const own = existsSync(kernel) ? kernel : '/usr/bin/linux.uml';
  if (!existsSync(own)) return 'no User-Mode Linux: apt has no package user-mode-linux for this machine';
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-uml-');
  const images = Array.from({ length: disks }, (_, index) => {
    const name = `ubd${String.fromCharCode('a'.charCodeAt(0) + index)}`;
    writeFileSync(join(folder, name), '');
    truncateSync(join(folder, name), DISK_BYTES);
    return `${name}=${join(folder, name)}`;
  });
  writeFileSync(join(folder, 'init'), initOf(debian.path, program), { mode: 0o755 });
  mkdirSync(join(folder, 'control'));
  const output = await boot(own, [
    ...['mem=1200M', ...images, 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', 'quiet'],
    ...[`init=${join(folder, 'init')}`, `uml_dir=${join(folder, 'control')}`, 'con=null', 'con0=null,fd:1'],
  ]);
  const lines = output.split(/\r?\n/);
  if (!lines.includes('up')) return `User-Mode Linux does not start here: ${lines.slice(-5).join('; ')}`;
  const told = lines
    .filter((line) => line.startsWith(MARK))
    .map((line): unknown => JSON.parse(line.slice(MARK.length)));
  if (!lines.includes('complete')) throw new Error(`the program in User-Mode Linux did not end well:\n${output}`);
  return told;
}

/** For the program inside: its words to the test outside. */
export function tell(value: unknown): void {
  process.stdout.write(`${MARK}${JSON.stringify(value)}\n`);
}

function boot(kernel: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // A group of its own, because the kernel's guests are processes too; it ends with this process, however that ends.
    const whole = process.geteuid?.() === 0 ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] : [];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...whole, kernel, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = child;
    let output = '';
    const collect = (text: string): void => {
      output += text;
    };
    const end = (): void => {
      try {
        if (pid !== undefined) process.kill(-pid, 'SIGKILL');
      } catch {
        // all of it has ended already
      }
    };
    process.once('exit', end);
    const timer = setTimeout(end, LIMIT_MS);
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      process.off('exit', end);
      end();
      resolve(output);
    });
  });
}

/** The first process: makes the root writable, loads what it needs as modules, runs the program, powers off. */
function initOf(debian: string, program: string): string {
  const env = Object.entries(debianEnv(debian)).map(([name, value]) => `export ${name}=${quote(value)}`);
  return `#!/bin/bash
${env.join('\n')}
mount -t proc proc /proc
trap 'echo o > /proc/sysrq-trigger; sleep 60' EXIT
mount -t tmpfs tmpfs /mnt
mkdir -p /mnt/up /mnt/work /mnt/root /mnt/debian /mnt/modules/lib
ln -s ${quote(join(debian, 'usr/lib/uml/modules'))} /mnt/modules/lib/modules
load() { (exec -a modprobe ${quote(join(debian, 'usr/bin/kmod'))} -d /mnt/modules "$@"); }
for each in overlay nfsd nfsv4; do load $each || exit; done
mount -t hostfs hostfs /mnt/debian -o ${quote(debian)} || exit
mount -t overlay overlay -o lowerdir=/mnt/debian:/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root || exit
for each in proc sys dev; do mount --rbind /$each /mnt/root/$each || mount -t $each\${each/proc/} $each /mnt/root/$each; done
mount -t sysfs sys /mnt/root/sys
mount -t tmpfs tmpfs /mnt/root/run
mount -t tmpfs tmpfs /mnt/root/mnt
ip link set lo up
echo up
cd ${quote(process.cwd())}
HOME=/run NODE_COMPILE_CACHE=/run/cache chroot /mnt/root ${quote(process.execPath)} --disable-warning=ExperimentalWarning ${quote(program)} && echo complete
`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
