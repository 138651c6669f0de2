/**
 * nfs-subdir-external-provisioner as a process of a test, from a ready program: `LARDER_TEST_PEER`, or its name in
 * `KUBEBUILDER_ASSETS`. It is not among the tools that are built here, because its Go module could not be had when
 * they were pinned. It finds its export at /persistentvolumes, so it gets a root folder of its own in a mount namespace.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'nfs-subdir-external-provisioner';

export type PeerProgram =
  | { readonly kind: 'ready'; readonly path: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Says why when it cannot be run here. */
export function findPeer(env: NodeJS.ProcessEnv = process.env): PeerProgram {
  const assets = env['KUBEBUILDER_ASSETS'];
  const candidates = [env['LARDER_TEST_PEER'], assets ? join(assets, NAME) : undefined];
  const path = candidates.find((candidate) => candidate && isProgram(candidate));
  if (path === undefined) {
    const reason = `${NAME} is not here: build it (CGO_ENABLED=0 go build ./cmd/${NAME}) and name it in LARDER_TEST_PEER`;
    return { kind: 'unavailable', reason };
  }
  const mayMount = spawnSync('unshare', ['--mount', 'true'], { stdio: 'ignore' }).status === 0;
  return mayMount
    ? { kind: 'ready', path }
    : { kind: 'unavailable', reason: `${NAME} needs a mount namespace: run as root` };
}

export interface PeerOptions {
  /** Statically linked; default what `findPeer` finds. */
  readonly program?: string;
  /** A file that holds all it needs, as `ControlPlane.kubeconfig` does. */
  readonly kubeconfig: string;
  /** The folder that it sees at /persistentvolumes. */
  readonly export: string;
  readonly provisionerName: string;
  /** What its volumes carry. Default 127.0.0.1 and /storage/v. */
  readonly server?: string;
  readonly path?: string;
  /** Default false: a lease that nobody released would make the next start wait. */
  readonly leaderElection?: boolean;
}

export interface Peer {
  readonly pid: number;
  readonly log: () => string;
  /** Resolves when it has ended and its folder is gone. May be called twice. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Mounts exist in the namespace of the process only, and end with it. */
const ENTER = `
mount --bind "$2" "$1/persistentvolumes"
exec chroot "$1" /peer
`;

/** Does not wait until it works: what it makes is to be waited for. */
export function startPeer(options: PeerOptions): Peer {
  const found = findPeer();
  const program = options.program ?? (found.kind === 'ready' ? found.path : undefined);
  if (program === undefined) throw new Error(found.kind === 'unavailable' ? found.reason : '');
  const folder = mkdtempSync(join(tmpdir(), 'larder-peer-'));
  const root = join(folder, 'root');
  for (const name of ['persistentvolumes', 'tmp']) mkdirSync(join(root, name), { recursive: true });
  copyFileSync(program, join(root, 'peer'));
  copyFileSync(options.kubeconfig, join(root, 'kubeconfig'));
  writeFileSync(join(folder, 'enter.sh'), ENTER);
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-eu', join(folder, 'enter.sh'), root, options.export],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        KUBECONFIG: '/kubeconfig',
        PROVISIONER_NAME: options.provisionerName,
        NFS_SERVER: options.server ?? '127.0.0.1',
        NFS_PATH: options.path ?? '/storage/v',
        ENABLE_LEADER_ELECTION: String(options.leaderElection ?? false),
      },
    },
  );
  return running(child, folder);
}

function running(child: ChildProcess, folder: string): Peer {
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await ended;
    rmSync(folder, { recursive: true, force: true }); // its mounts went with its namespace
  };
  process.once('exit', () => child.kill('SIGKILL'));
  return { pid: child.pid ?? 0, log: () => log, stop };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run
  }
}
