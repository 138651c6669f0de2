/**
 * A real hung mount: a FUSE filesystem whose daemon is stopped holds every system call that touches it, and those that it
 * had read cannot even be killed. Needs /dev/fuse, the right to mount, and Python with fusepy (Debian: fuse3,
 * python3-fusepy); says what is missing elsewhere.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createExport } from '../../src/provision/export.ts';
import type { EnsureRequest, Storage } from '../../src/provision/storage.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';

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
    def __call__(self, op, path, *args):
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

interface Mount {
  /** What the daemon serves. */
  readonly source: string;
  readonly root: string;
  readonly daemon: ChildProcess;
}

/** The reason of a skip instead of a mount, where this machine has no FUSE. */
async function mountOf(t: TestContext): Promise<Mount | string> {
  if (!fs.existsSync('/dev/fuse')) return 'there is no /dev/fuse';
  const python = PYTHON.find((candidate) => succeeds(candidate, ['-c', IMPORT]));
  if (!python) return 'Python has no fusepy: apt-get install fuse3 python3-fusepy';
  const folder = fs.mkdtempSync(join(tmpdir(), 'larder-hung-'));
  const [source, root] = [join(folder, 'source'), join(folder, 'export')];
  for (const made of [source, root]) fs.mkdirSync(made);
  const device = fs.statSync(root).dev;
  const daemon = spawn(python, ['-c', DAEMON, source, root], { stdio: ['ignore', 'ignore', 'pipe'] });
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
  return { source, root, daemon };
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false; // not installed, or it failed: both mean that it cannot be used
  }
}

function exportOn(root: string, t: TestContext): { readonly storage: Storage; readonly stop: () => Promise<void> } {
  const storage = createExport({
    description: { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root },
    allowLocal: false,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  const end = new AbortController();
  const running = storage.run(end.signal);
  t.after(() => end.abort());
  return {
    storage,
    async stop() {
      end.abort();
      await running;
    },
  };
}

const request = (name: string): EnsureRequest => ({
  path: [name],
  mode: 0o777,
  uid: process.geteuid?.() ?? 0,
  gid: process.getegid?.() ?? 0,
  adoption: 'allowed',
  existing: 'correct',
  minFreeBytes: 1n,
  minFreeInodes: 0n,
});

const elapsedSince = (startMs: number): number => performance.now() - startMs;

describe('an export whose server does not answer', () => {
  it('is reported within 10 s while this process stays responsive, and used again within 5 s of healing', async (t) => {
    const mount = await mountOf(t);
    if (typeof mount === 'string') return t.skip(mount);
    const { storage, stop } = exportOn(mount.root, t);
    assert.equal((await storage.ensure(request('before'))).kind, 'created');
    assert.equal(fs.statSync(join(mount.source, 'before')).mode & 0o7777, 0o777);
    assert.equal((await storage.ensure(request('moving'))).kind, 'created');

    mount.daemon.kill('SIGSTOP');
    const hungAt = performance.now();
    const move = { path: ['moving'], volumeUid: 'u', volumeName: 'v', claim: 'c/d', at: 1e12 };
    const pending = [storage.ensure(request('during')), storage.trash(move)];
    let longestPauseMs = 0;
    let last = performance.now();
    const ticking = setInterval(() => {
      longestPauseMs = Math.max(longestPauseMs, elapsedSince(last));
      last = performance.now();
    }, 10);
    const results = await Promise.all(pending);
    clearInterval(ticking);
    for (const result of results) {
      assert.ok(result.kind === 'problem');
      assert.deepEqual(
        [result.problem, result.detail, result.landed],
        ['unavailable', 'did not answer within 5s', 'maybe'],
      );
    }
    assert.ok(elapsedSince(hungAt) < 10_000, 'told within 10 s');
    assert.ok(longestPauseMs < 1_000, `the event loop stood still for ${longestPauseMs} ms`);
    const askedAt = performance.now();
    for (let index = 0; index < 100; index += 1) await storage.ensure(request(`x${index}`));
    assert.ok(elapsedSince(askedAt) < 1_000, 'the open breaker answers at once');
    assert.equal(storage.health().kind, 'down');

    const healed = new Promise<void>((done) => void storage.onHealthy(done));
    mount.daemon.kill('SIGCONT');
    const healedAt = performance.now();
    await healed;
    assert.ok(elapsedSince(healedAt) < 5_000, `found healthy after ${elapsedSince(healedAt)} ms`);
    const after = await storage.ensure(request('during'));
    assert.ok(after.kind === 'created' || after.kind === 'existed', JSON.stringify(after));
    assert.equal(fs.statSync(join(mount.source, 'during')).mode & 0o7777, 0o777);
    await stop();
  });

  it('does not hold up the end of the process', async (t) => {
    const mount = await mountOf(t);
    if (typeof mount === 'string') return t.skip(mount);
    const { storage, stop } = exportOn(mount.root, t);
    await storage.ensure(request('before'));
    mount.daemon.kill('SIGSTOP');
    const pending = storage.ensure(request('during'));
    const stoppedAt = performance.now();
    await stop();
    assert.ok(elapsedSince(stoppedAt) < 1_000);
    assert.equal((await pending).kind, 'problem');
  });

  it('is unavailable, not missing, when its daemon is gone', async (t) => {
    const mount = await mountOf(t);
    if (typeof mount === 'string') return t.skip(mount);
    const { storage, stop } = exportOn(mount.root, t);
    await storage.ensure(request('before'));
    mount.daemon.kill('SIGKILL');
    await new Promise((done) => mount.daemon.once('exit', done));
    const result = await storage.inspect(['before']);
    assert.ok(result.kind === 'problem');
    assert.deepEqual([result.problem, result.errno], ['unavailable', 'ENOTCONN']);
    await stop();
  });
});
