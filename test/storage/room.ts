/**
 * A mount namespace of its own: what is mounted in it is seen nowhere else, and is gone when its one process ends, however
 * that happens. The tests and the operator reach into it through /proc. As root, or as a user who may make namespaces.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { runChild } from '../tools/child.ts';

const LIMIT_MS = 60_000;

export interface Room {
  /** Runs a bash script inside, for a minute where nothing else is said; fails with what it said. */
  run(script: string, limitMs?: number): Promise<string>;
  /** A path of the room, as this process sees it. */
  at(path: string): string;
}

export interface RoomOptions {
  /** A network of its own too, with nothing but loopback, and processes of its own, which end with the room. */
  readonly isolated?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** The reason of a skip where this user may not make one. `/mnt` in it is an empty filesystem in memory. */
export async function roomOf(t: TestContext, options: RoomOptions = {}): Promise<Room | string> {
  const user = process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const own = options.isolated ? ['--net', '--pid', '--fork', '--mount-proc'] : [];
  const script = 'mount -t tmpfs tmpfs /mnt && echo ready $(readlink /proc/self) && exec cat';
  const words = [...user, ...own, '--mount', '--propagation', 'private', '--kill-child', '--', 'bash', '-c', script];
  const holder = spawn(
    'unshare',
    words.filter((word) => word !== '--kill-child' || options.isolated),
    {
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'], // it ends at the end of its input, which is ours
    },
  );
  const said = await firstWords(holder);
  if (said !== undefined) return `this user may not make a mount namespace: ${said}`;
  const inside = options.isolated ? childOf(holder.pid ?? 0) : (holder.pid ?? 0);
  const ended = new Promise<void>((done) => void holder.once('exit', () => done()));
  t.after(async () => {
    holder.kill('SIGKILL');
    await ended;
  });
  const room: Room = {
    at: (path) => `/proc/${inside}/root${path}`,
    async run(script, limitMs = LIMIT_MS) {
      const args = [
        '--target',
        String(inside),
        '--mount',
        ...(user.length > 0 ? ['--user', '--preserve-credentials'] : []),
      ];
      if (options.isolated) args.push('--net', '--pid');
      const { code, output } = await runChild({
        command: 'nsenter',
        args: [...args, '--', 'bash', '-euc', script],
        cwd: '/',
        env: { ...process.env, ...options.env },
        limitMs,
      });
      if (code !== 0) throw new Error(`in the room, ${script} ended with ${code}: ${output}`);
      return output;
    },
  };
  return room;
}

/** Undefined when it is ready, else why it is not. */
async function firstWords(holder: ChildProcess): Promise<string | undefined> {
  let stderr = '';
  holder.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((done) => {
    holder.stdout
      ?.setEncoding('utf8')
      .once('data', (text: string) => done(text.startsWith('ready') ? undefined : text));
    holder.once('error', (cause) => done(cause.message));
    holder.once('close', () => done(stderr.trim()));
  });
}

/** With a process namespace, `unshare` stays outside and its child is the first inside. */
function childOf(pid: number): number {
  const path = `/proc/${pid}/task/${pid}/children`;
  const [child] = existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : [];
  return Number(child ?? pid);
}
