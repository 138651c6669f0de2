/**
 * A real hung mount: a FUSE filesystem whose daemon is stopped holds every system call that touches it, and those that it
 * had read cannot even be killed; and one that answers with an errno of choice. Needs /dev/fuse and the right to mount;
 * fusepy comes from the cache of Debian packages. Says what is missing elsewhere.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianEnv, installDebian } from '../tools/debian.ts';

const PYTHON = ['/usr/bin/python3', 'python3'];
const IMPORT = `
try:
    import fusepy as fuse
except ImportError:
    import fuse
assert hasattr(fuse, 'FUSE')`;

const DAEMON = `${IMPORT}
import os, sys
root, target = sys.argv[1:]
class Loopback(fuse.Operations):
    def fail(self, op, path):
        try:
            with open(root + '.fault') as file:
                number, ops, prefix, times = file.read().split(' ')
        except (OSError, ValueError):
            return
        if (ops != '*' and op not in ops.split(',')) or not path.startswith(prefix):
            return
        if times == '1':
            os.unlink(root + '.fault')
        raise fuse.FuseOSError(int(number))
    def __call__(self, op, path, *args):
        self.fail(op, path)
        return super().__call__(op, root + path, *args)
    def getattr(self, path, fh=None):
        st = os.lstat(path)
        names = ('st_atime', 'st_ctime', 'st_gid', 'st_ino', 'st_mode', 'st_mtime', 'st_nlink', 'st_size', 'st_uid', 'st_blocks')
        return {name: getattr(st, name) for name in names}
    def readdir(self, path, fh):
        return ['.', '..'] + os.listdir(path)
    def rename(self, old, new):
        return os.rename(old, root + new)
    def statfs(self, path):
        st = os.statvfs(path)
        names = ('f_bavail', 'f_bfree', 'f_blocks', 'f_bsize', 'f_favail', 'f_ffree', 'f_files', 'f_flag', 'f_frsize', 'f_namemax')
        return {name: getattr(st, name) for name in names}
    def create(self, path, mode, fi=None):
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    def open(self, path, flags):
        return os.open(path, flags)
    def read(self, path, size, offset, fh):
        return os.pread(fh, size, offset)
    def write(self, path, data, offset, fh):
        return os.pwrite(fh, data, offset)
    def fsync(self, path, datasync, fh):
        return os.fsync(fh)
    def release(self, path, fh):
        return os.close(fh)
    def mkdir(self, path, mode):
        return os.mkdir(path, mode)
    def chmod(self, path, mode):
        return os.chmod(path, mode)
    def chown(self, path, uid, gid):
        return os.chown(path, uid, gid)
    rmdir = lambda self, path: os.rmdir(path)
    unlink = lambda self, path: os.unlink(path)
os.umask(0)
fuse.FUSE(Loopback(), target, foreground=True, use_ino=True, attr_timeout=0, entry_timeout=0)
`;

export interface Mount {
  /** What the daemon serves. */
  readonly source: string;
  readonly root: string;
  readonly daemon: ChildProcess;
  /** From now on the filesystem answers with this errno; undefined: it is well again. */
  fault(fault: Fault | undefined): void;
}

export interface Fault {
  /** From asm-generic/errno.h. */
  readonly errno: number;
  /** Names of FUSE operations; absent: all of them. */
  readonly operations?: readonly string[];
  /** Only what begins so, seen from the mount: `/x-`. */
  readonly prefix?: string;
  readonly once?: boolean;
}

/** Who uses a mount, a test or a bench, and says when it is over. */
interface Use {
  after(end: () => Promise<void>): void;
}

/** The reason of a skip instead of a mount, where this machine has no FUSE. */
export async function mountOf(t: Use): Promise<Mount | string> {
  if (!fs.existsSync('/dev/fuse')) return 'there is no /dev/fuse';
  const debian = await installDebian({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
  const env = { ...process.env, ...(debian.kind === 'ready' ? debianEnv(debian.path) : {}) };
  const python = PYTHON.find((candidate) => succeeds(candidate, ['-c', IMPORT], env));
  if (!python) return `Python has no fusepy${debian.kind === 'ready' ? '' : `: ${debian.reason}`}`;
  const folder = fs.mkdtempSync(join(tmpdir(), 'larder-hung-'));
  const [source, root] = [join(folder, 'source'), join(folder, 'export')];
  for (const made of [source, root]) fs.mkdirSync(made);
  const device = fs.statSync(root).dev;
  const daemon = spawn(python, ['-c', DAEMON, source, root], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  daemon.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((done) => daemon.once('exit', () => done()));
  t.after(async () => {
    daemon.kill('SIGKILL');
    await ended;
    succeeds('umount', ['-l', root]) || succeeds('fusermount3', ['-uz', root]);
    fs.rmSync(folder, { recursive: true, force: true });
  });
  while (fs.statSync(root).dev === device) {
    if (daemon.exitCode !== null) return `this user may not mount FUSE filesystems: ${said.trim()}`;
    await new Promise((again) => setTimeout(again, 20));
  }
  return { source, root, daemon, fault: (fault) => writeFault(`${source}.fault`, fault) };
}

/** In one step, because the daemon reads it at any time. */
function writeFault(path: string, fault: Fault | undefined): void {
  if (fault === undefined) {
    fs.rmSync(path, { force: true });
    return;
  }
  const words = [fault.errno, fault.operations?.join(',') ?? '*', fault.prefix ?? '/', fault.once ? 1 : 0];
  fs.writeFileSync(`${path}.new`, words.join(' '));
  fs.renameSync(`${path}.new`, path);
}

function succeeds(command: string, args: readonly string[], env = process.env): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', env });
    return true;
  } catch {
    return false; // not installed, or it failed: both mean that it cannot be used
  }
}
