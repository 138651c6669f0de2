/** Starts the product as a user does, in a process of its own, and reads what it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const main = resolve(import.meta.dirname, '../../bin/start.js');
const START_DEADLINE_MS = 60_000;

export interface Larder {
  readonly pid: number;
  /** All of stdout so far, by line. */
  readonly lines: readonly string[];
  readonly stderr: () => string;
  readonly server: string;
  readonly kubeconfig: string;
  readonly console: URL;
  readonly export: string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
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
export async function runLarder(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const child = spawnLarder(args, env);
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
export async function startLarder(data: string, args: readonly string[] = []): Promise<Larder> {
  const child = spawnLarder(['up', '--data', data, '--port', '0', '--console-port', '0', ...args]);
  const lines: string[] = [];
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready in time: ${stderr}`)), START_DEADLINE_MS);
    let pending = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      pending += text;
      const complete = pending.split('\n');
      pending = complete.pop() ?? '';
      lines.push(...complete);
      if (lines.some((line) => line.startsWith('ready'))) resolve();
    });
    exited.then((code) => reject(new Error(`larder up ended with ${code}: ${stderr}`)));
    const stop = (): void => clearTimeout(timer);
    exited.then(stop, stop);
  });
  const after = (prefix: string): string =>
    lines
      .find((line) => line.startsWith(prefix))
      ?.slice(prefix.length)
      .trim() ?? '';
  return {
    pid: child.pid ?? 0,
    lines,
    stderr: () => stderr,
    server: after('Kubernetes API'),
    kubeconfig: after('export KUBECONFIG='),
    console: new URL(after('Console')),
    export: after('Export'),
    kill: (signal) => {
      child.kill(signal);
    },
    exited,
  };
}

export function spawnLarder(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
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
