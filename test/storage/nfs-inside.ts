/** Runs inside User-Mode Linux: exports of a real NFS server, mounted by a real NFS client, as Larder finds them. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createExport } from '../../src/provision/export/export.ts';
import { requestFor } from '../../src/provision/export/operations.fixture.ts';
import { failureOf } from '../../src/provision/failure.ts';
import type { EnsureResult, Storage } from '../../src/provision/storage.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { libraryName } from '../tools/debian.ts';
import { tell } from './uml.ts';

const SERVED = '/mnt/served';
/** The profile of docs/guides/ganesha-gluster.md. */
const PROFILE = 'vers=4.1,nosharecache,softerr,timeo=30,retrans=3';
/** Whom a squashing server takes root for. */
const NOBODY = 65534;
const end = new AbortController();

const GANESHA = `
NFS_Core_Param { NFS_Protocols = 4; NFS_Port = 2050; Enable_NLM = false; Enable_RQUOTA = false; Plugins_Dir = LIBRARIES/ganesha; }
NFSV4 { Graceless = true; RecoveryBackend = fs; }
EXPORT { Export_Id = 1; Path = ${SERVED}/ganesha; Pseudo = /ganesha; Access_Type = RW; Squash = No_Root_Squash; FSAL { Name = VFS; } }
`;

const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

const serveAs = (name: string, options: string): string =>
  run('exportfs', '-o', `no_subtree_check,insecure,${options}`, `127.0.0.1:/${name}`);

/** Serves a directory of the disk with these options and mounts it. */
function mounted(name: string, options: string): string {
  const root = `/mnt/${name}`;
  mkdirSync(`${SERVED}/${name}`, { recursive: true });
  mkdirSync(root);
  serveAs(name, options);
  run('mount.nfs', `127.0.0.1:/${name}`, root, '-o', PROFILE);
  return root;
}

function open(name: string): Storage {
  const description = { backend: 'nfs', server: '127.0.0.1', path: `/${name}`, root: `/mnt/${name}` } as const;
  const common = { allowLocal: false, clock: systemClock, random: systemRandom, log: silentLog };
  const storage = createExport({ description, ...common });
  void storage.run(end.signal);
  return storage;
}

/** What a claim would be told, or what was made. */
function words(storage: Storage, result: EnsureResult): string {
  if (result.kind !== 'problem') return result.kind;
  const subject = { export: storage.description, path: ['x'], doing: 'creating', uid: 0, mode: 0o777, namespace: 'n' };
  return failureOf(result, subject).message;
}

const ask = async (storage: Storage, name = 'x'): Promise<string> =>
  words(storage, await storage.ensure(requestFor(name)));

/** Asks until the answer is not that there is none: the first process of an export takes seconds here. */
async function settled(storage: Storage, name = 'x', silence = /did not answer|has not answered/): Promise<string> {
  for (let left = 200; ; left -= 1) {
    const said = await ask(storage, name);
    if (!silence.test(said) || left === 0) return said;
    await new Promise((next) => setTimeout(next, 200));
  }
}

/** Asks until the directory is made, or is there. */
const healed = (storage: Storage, name: string): Promise<string> => settled(storage, name, /^(?!created$|existed$)/);

/** Why the export is down, as its own health and `doctor` say it. */
function reasonOf(storage: Storage): string {
  const health = storage.health();
  return health.kind === 'up' ? 'up' : health.problem.detail;
}

function serve(): void {
  for (const name of ['/proc/fs/nfsd', '/var/lib/nfs', '/run/lock', SERVED]) mkdirSync(name, { recursive: true });
  for (const name of ['etab', 'rmtab', 'state']) writeFileSync(`/var/lib/nfs/${name}`, '');
  writeFileSync('/etc/exports', '');
  writeFileSync('/etc/nfs.conf', `[exports]\nrootdir=${SERVED}\n`);
  for (const name of ['v4recovery', 'rpc_pipefs', 'sm']) mkdirSync(`/var/lib/nfs/${name}`, { recursive: true });
  run('mkfs.xfs', '-q', '-f', '/dev/ubda');
  run('mount', '-o', 'prjquota', '/dev/ubda', SERVED);
  run('mount', '-t', 'nfsd', 'nfsd', '/proc/fs/nfsd');
  for (const name of ['nfsv4gracetime', 'nfsv4leasetime']) writeFileSync(`/proc/fs/nfsd/${name}`, '10');
  run('rpc.nfsd', '-N', '3', '2');
  run('rpc.mountd', '-N', '2', '-N', '3');
}

/** A directory is made, moved away and back, and measured. */
async function tryAll(row: string, root: string, storage: Storage): Promise<void> {
  const made = await settled(storage, 'data');
  const { mode, uid } = statSync(`${root}/data`);
  writeFileSync(`${root}/data/letter`, 'dear');
  const move = { path: ['data'], volumeUid: 'u', volumeName: 'v', claim: 'n/c', at: Date.UTC(2026, 0) };
  const moved = await storage.trash(move);
  const back = moved.kind === 'moved' ? await storage.restore({ entry: moved.entry }) : moved;
  const usage = await storage.usage({ path: ['data'], maxOperations: 1000 });
  tell({
    row,
    said: [made, moved.kind, back.kind],
    mode: (mode & 0o7777).toString(8),
    uid,
    letter: readFileSync(`${root}/data/letter`, 'utf8'),
    inodes: usage.kind === 'usage' ? Number(usage.inodes) : usage.detail,
  });
}

const works = (): Promise<void> => tryAll('no_root_squash', mounted('well', 'rw,no_root_squash'), open('well'));

/** NFS-Ganesha on the same disk, by FSAL_VFS. */
async function ganesha(): Promise<void> {
  mkdirSync(`${SERVED}/ganesha`);
  mkdirSync('/mnt/ganesha');
  mkdirSync('/run/ganesha', { recursive: true });
  writeFileSync('/run/ganesha/conf', GANESHA.replaceAll('LIBRARIES', `/usr/lib/${libraryName}`));
  run('ldconfig');
  const daemon = spawn('ganesha.nfsd', ['-F', '-L', '/run/ganesha/log', '-f', '/run/ganesha/conf'], {
    stdio: 'ignore',
  });
  for (let left = 50; ; left -= 1) {
    try {
      run('mount.nfs', '127.0.0.1:/ganesha', '/mnt/ganesha', '-o', `${PROFILE},port=2050,retry=0`);
      break;
    } catch (cause) {
      if (left === 0) throw new Error(readFileSync('/run/ganesha/log', 'utf8'), { cause });
      await new Promise((next) => setTimeout(next, 200));
    }
  }
  const storage = open('ganesha');
  await tryAll('NFS-Ganesha', '/mnt/ganesha', storage);
  daemon.kill('SIGSTOP');
  const said = [await ask(storage, 'during')];
  daemon.kill('SIGCONT');
  said.push(await healed(storage, 'during'));
  tell({ row: 'stopped NFS-Ganesha', said });
}

/** Twice: a root that only root may write, and one that all may. */
/** Twice: a root that only root may write, and one that all may, where the owner that the server gives can be asked for. */
async function squashed(): Promise<void> {
  mounted('squashed', 'rw,root_squash');
  const storage = open('squashed');
  tell({ row: 'root_squash', said: [await settled(storage)], health: reasonOf(storage) });
  const root = mounted('open', 'rw,root_squash');
  chmodSync(`${SERVED}/open`, 0o777);
  const other = open('open');
  const said = [await settled(other)];
  const health = reasonOf(other);
  const left = readdirSync(root).filter((name) => name !== '.larder');
  said.push(words(other, await other.ensure({ ...requestFor('x'), uid: NOBODY, gid: NOBODY })));
  tell({ row: 'root_squash, open to all', said, health, left, uid: statSync(`${root}/x`).uid });
}

async function readOnly(): Promise<void> {
  mounted('frozen', 'ro,no_root_squash');
  tell({ row: 'ro', said: [await settled(open('frozen'))] });
}

async function full(): Promise<void> {
  mounted('limited', 'rw,no_root_squash');
  const storage = open('limited');
  const said = [await settled(storage, 'fits')];
  run('xfs_quota', '-x', '-c', `project -s -p ${SERVED}/limited 7`, '-c', 'limit -p bhard=1m ihard=10 7', SERVED);
  for (let each = 0; each < 10 && said.length === 1; each += 1) {
    const answer = await ask(storage, `more-${each}`);
    if (answer !== 'created') said.push(answer);
  }
  tell({ row: 'project quota', said });
}

/** A directory that the server limits tells what it holds without being walked, also what others have written meanwhile. */
async function metered(): Promise<void> {
  mounted('metered', 'rw,no_root_squash');
  const storage = open('metered');
  await settled(storage, 'data');
  const data = `${SERVED}/metered/data`;
  run('xfs_quota', '-x', '-c', `project -s -p ${data} 8`, '-c', 'limit -p bhard=300m 8', SERVED);
  for (let each = 0; each < 1_000; each += 1) writeFileSync(`${data}/${each}`, '');
  const write = (name: string, size: string): string => run('fallocate', '-l', size, `${data}/${name}`);
  write('large', '220m');
  const ways: string[] = [];
  const ask = async (): Promise<bigint> => {
    const usage = await storage.usage({ path: ['data'], maxOperations: 100_000, freshMs: 1 });
    if (usage.kind === 'problem') throw new Error(usage.detail);
    ways.push(usage.operations < 10 ? 'asked' : 'walked');
    return usage.usedBytes;
  };
  const walked = await ask();
  await ask();
  const asked = await ask();
  write('more', '20m');
  const grown = await ask();
  const mebibytes = (bytes: bigint): number => Math.round(Number(bytes) / 2 ** 20);
  tell({
    row: 'limit of a directory, on the server',
    said: ways,
    mebibytes: [walked, asked, grown].map(mebibytes),
  });
}

/** The server forgets the export, and has it again; then the directory itself is another one. */
async function stale(): Promise<void> {
  const root = mounted('forgotten', 'rw,no_root_squash');
  const storage = open('forgotten');
  const said = [await settled(storage, 'before')];
  run('exportfs', '-u', '127.0.0.1:/forgotten');
  run('exportfs', '-f');
  said.push(await ask(storage, 'during'));
  serveAs('forgotten', 'rw,no_root_squash');
  said.push(await healed(storage, 'during'));
  tell({ row: 'ESTALE', said });
  replace(`${SERVED}/forgotten`);
  const replaced = [await ask(storage, 'after')];
  run('umount', '-l', root);
  run('mount.nfs', '127.0.0.1:/forgotten', root, '-o', PROFILE);
  replaced.push(await healed(storage, 'after'));
  tell({ row: 'root replaced on the server', said: replaced });
}

/** Another directory at a path. What its export writes there meanwhile may keep the old one from going at once. */
function replace(path: string): void {
  const old = statSync(path).ino;
  for (let left = 50; existsSync(path) && statSync(path).ino === old; left -= 1) {
    if (left === 0) throw new Error(`${path} cannot be removed: ${readdirSync(path).join(', ')}`);
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  }
  mkdirSync(path, { recursive: true });
}

async function stopped(): Promise<void> {
  mounted('gone', 'rw,no_root_squash');
  const storage = open('gone');
  const said = [await settled(storage, 'before')];
  run('rpc.nfsd', '0');
  said.push(await ask(storage, 'during'));
  run('rpc.nfsd', '-N', '3', '2');
  said.push(await healed(storage, 'during'));
  tell({ row: 'stopped server', said });
}

serve();
await works();
await squashed();
await readOnly();
await full();
await metered();
await stale();
await stopped();
await ganesha();
process.exit(0); // what still waits for a server is the kernel's, and goes with it
