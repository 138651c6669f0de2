/** Starts the product as a user does, in a process of its own, and reads what it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** How the product is started: a command and the words before its own. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** The product as it runs from the checkout. */
const checkout: Program = {
  command: process.execPath,
  args: [
    '--max-old-space-size=1024', // as bin/larder has it
    '--disable-warning=ExperimentalWarning',
    resolve(import.meta.dirname, '../../bin/start.js'),
  ],
};
/** As bin/larder has it too. */
const FRUGAL = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };
const START_DEADLINE_MS = 60_000;

/** A process that has said `ready`. */
export interface RunningOperator {
  readonly pid: number;
  /** All of stdout so far, by line. */
  readonly lines: readonly string[];
  readonly stderr: () => string;
  /** URL of the API server. */
  readonly server: string;
  /** With its token. */
  readonly console: URL;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
}

/** `larder up`: the API server and the operator in one process. */
export interface Larder extends RunningOperator {
  readonly kubeconfig: string;
  readonly export: string;
}

export interface Run {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export function temporaryFolder(after: (remove: () => void) => void, name = 'larder-e2e-'): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs one command line of the product to its end. */
export async function runLarder(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  program = checkout,
): Promise<Run> {
  const child = spawnLarder(program, args, env);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | string>((resolve) => {
    child.on('close', (exit, signal) => resolve(exit ?? signal ?? 'unknown'));
  });
  return { code, stdout, stderr };
}

/** `larder up` on free ports; resolves at its `ready` line, rejects with its stderr when it ends before. */
export async function startLarder(
  data: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Larder> {
  const words = ['up', '--data', data, '--port', '0', '--console-port', '0', ...args];
  const started = await startProgram(checkout, words, env);
  return {
    ...started,
    kubeconfig: started.after('export KUBECONFIG='),
    export: started.after('Export'),
  };
}

/** `larder operator` on a free port; resolves when it is ready, leader or not. */
export async function startOperator(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<RunningOperator> {
  return startProgram(checkout, ['operator', '--port', '0', ...args], env);
}

export interface Started extends RunningOperator {
  /** The rest of the line that begins so. */
  after(prefix: string): string;
}

/** `up` or `operator` of any program; resolves when it is ready, rejects with its stderr when it ends before. */
export async function startProgram(
  program: Program,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Started> {
  const child = spawnLarder(program, args, env);
  const lines: string[] = [];
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  await new Promise<void>((resolve, reject) => {
    const late = (): void => {
      child.kill('SIGKILL');
      reject(new Error(`not ready in time: ${stderr}`));
    };
    const timer = setTimeout(late, START_DEADLINE_MS);
    let pending = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      pending += text;
      const complete = pending.split('\n');
      pending = complete.pop() ?? '';
      lines.push(...complete);
      if (!lines.some((line) => line.startsWith('ready'))) return;
      clearTimeout(timer);
      resolve();
    });
    exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`larder ${args[0]} ended with ${code}: ${stderr}`));
    });
  });
  const after = (prefix: string): string =>
    lines
      .find((line) => line.startsWith(prefix))
      ?.slice(prefix.length)
      .trim() ?? '';
  return {
    pid: child.pid ?? 0,
    lines,
    after,
    stderr: () => stderr,
    server: after('Kubernetes API'),
    console: new URL(after('Console')),
    kill: (signal) => {
      child.kill(signal);
    },
    exited,
  };
}

function spawnLarder(program: Program, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(program.command, [...program.args, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...FRUGAL, NO_COLOR: '1', ...env },
  });
}

/** Asks again until `check` gives something, or fails with what it waited for. Bounded by attempts, not by a time that a slow machine breaks. */
export async function eventually<T>(what: string, check: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  for (let attempt = 0; attempt < seconds * 5; attempt += 1) {
    const value = await check();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`waited in vain for: ${what}`);
}
