/** `larder ledger serve` as it is installed, in a process of its own, with a home that has nothing in it. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const START = resolve(import.meta.dirname, '../../bin/start.js');
const START_DEADLINE_MS = 60_000;

export interface ServeRun {
  /** Where it runs; `--ledger` is not given. */
  readonly folder: string;
  readonly words?: readonly string[];
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface LedgerServer {
  readonly address: string;
  /** Empty where it printed none. */
  readonly token: string;
  readonly lines: readonly string[];
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** With the token. */
  ask(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
}

/** Resolves when it is ready; rejects with its stderr when it ends before. */
export async function startLedgerServer({ folder, words = [], home, env = {} }: ServeRun): Promise<LedgerServer> {
  const own = home ?? join(folder, '..', 'home');
  mkdirSync(own, { recursive: true });
  const args = ['--disable-warning=ExperimentalWarning', START, 'ledger', 'serve', '--port', '0', ...words];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', HOME: own, SSH_AUTH_SOCK: '', LARDER_LEDGER: '', ...env },
  });
  const lines: string[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | string>((ended) => {
    child.on('close', (code, signal) => ended(code ?? signal ?? 'unknown'));
  });
  await new Promise<void>((ready, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`not ready in time: ${stderr}`));
    }, START_DEADLINE_MS);
    let pending = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      pending += text;
      const complete = pending.split('\n');
      pending = complete.pop() ?? '';
      lines.push(...complete);
      if (!lines.includes('ready')) return;
      clearTimeout(timer);
      ready();
    });
    exited.then((code) => {
      clearTimeout(timer);
      fail(new Error(`larder ledger serve ended with ${code}: ${stderr}`));
    });
  });
  const after = (prefix: string): string => lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? '';
  const [address, token] = [after('address: '), after('token: ')];
  return {
    address,
    token,
    lines,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    exited,
    async ask(method, path, body) {
      const answer = await fetch(`${address}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    },
  };
}
