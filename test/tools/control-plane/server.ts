/** One program of a control plane as a process: started, watched until it is ready, ended by its own id. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';

export interface ServerOptions {
  readonly name: string;
  /** The program. */
  readonly path: string;
  readonly flags: readonly string[];
  /** Working folder, also for its log, `NAME.log`. */
  readonly folder: string;
  readonly health: {
    readonly url: string;
    /** A bearer token. */
    readonly token: string;
    /** In place of it: the whole header. */
    readonly authorization?: string;
  };
}

const READY_LIMIT_MS = 60_000;
const POLL_MS = 25;
const STOP_LIMIT_MS = 10_000;
const TAIL_LINES = 25;

/** Resolves when it is ready. @throws Error with the end of its log when it ends before, or takes too long. */
export async function startServer(options: ServerOptions): Promise<ChildProcess> {
  const { name, folder } = options;
  const child = launch(options);
  const limit = performance.now() + READY_LIMIT_MS;
  const agent = new Agent({ connect: { rejectUnauthorized: false } }); // the managers sign their own certificates
  try {
    while (!ended(child) && performance.now() < limit) {
      if (await healthy(options.health, agent)) return child;
      await wait(POLL_MS);
    }
  } finally {
    await agent.destroy();
  }
  const how = ended(child) ? `ended with ${child.exitCode ?? child.signalCode}` : 'was not ready in time';
  await stopServer(child, 'SIGKILL');
  throw new Error(`${name} ${how}:\n${logTail(folder, name)}`);
}

async function healthy(health: ServerOptions['health'], dispatcher: Agent): Promise<boolean> {
  const { url, token, authorization = `Bearer ${token}` } = health;
  const headers = { authorization };
  const answer = await request(url, { dispatcher, headers }).catch(() => undefined);
  await answer?.body.dump();
  return answer?.statusCode === 200;
}

function launch({ name, path, flags, folder }: ServerOptions): ChildProcess {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const [command, ...prefix] = [...leash(), path];
  const child = spawn(command, [...prefix, ...flags], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  running.add(child);
  child.once('close', () => running.delete(child));
  child.on('error', () => undefined); // seen as an end without an exit code
  return child;
}

/** A test process that ends takes its servers with it: by this, and where even that is too late, by the kernel. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

let leashWords: readonly string[] | undefined;

/**
 * Words before a command that let the kernel end it when this process is gone, however it went. They replace themselves
 * by the command, so its process id is the child's. None where util-linux has no such option.
 */
function leash(): readonly [] | readonly [string, ...string[]] {
  const words = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;
  leashWords ??= spawnSync(words[0], [...words.slice(1), 'true'], { stdio: 'ignore' }).status === 0 ? words : [];
  return leashWords.length === 0 ? [] : words;
}

function ended(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

/** Resolves when it has ended; one that does not listen is killed. */
export async function stopServer(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || ended(child)) return;
  const closed = once(child, 'close');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await closed;
  clearTimeout(timer);
}

export function logTail(folder: string, name: string): string {
  const path = join(folder, `${name}.log`);
  if (!existsSync(path)) return '';
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
