/** A program of the system, run with its arguments as they are, without a shell, and for a limited time. */
import { spawn } from 'node:child_process';
import type { Clock } from '../../telemetry/clock.ts';

export interface CommandRequest {
  readonly program: string;
  readonly args: readonly string[];
  /** Open descriptors that the program finds as 3, 4, 5 …, in this order. Stay open here. */
  readonly descriptors?: readonly number[];
}

export type CommandResult =
  | { readonly kind: 'ran'; readonly code: number; readonly output: string; readonly errors: string }
  | { readonly kind: 'not-there' }
  /** Killed: what it was doing may have been done. */
  | { readonly kind: 'late'; readonly afterMs: number };

export type RunCommand = (request: CommandRequest) => Promise<CommandResult>;

const DEADLINE_MS = 20_000;
/** A report has some hundred bytes for each volume. */
const OUTPUT_BYTES = 32 * 1024 * 1024;
/** Where administrators' programs are; `path` of a process that was started without one has no sbin. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function createCommand(clock: Clock, path = SYSTEM_PATH): RunCommand {
  return ({ program, args, descriptors = [] }) =>
    new Promise((resolve) => {
      const child = spawn(program, args, {
        cwd: '/',
        env: { PATH: path, LC_ALL: 'C' }, // what they print is read by programs
        stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
      });
      const timer = clock.after(DEADLINE_MS, () => {
        child.kill('SIGKILL');
        for (const stream of child.stdio) stream?.destroy();
        child.unref(); // a program that hangs in the kernel is not waited for
        resolve({ kind: 'late', afterMs: DEADLINE_MS });
      });
      const output = collect(child.stdout);
      const errors = collect(child.stderr);
      child.on('error', () => {
        timer.cancel();
        resolve({ kind: 'not-there' });
      });
      child.on('close', (code) => {
        timer.cancel();
        resolve({ kind: 'ran', code: code ?? -1, output: output(), errors: errors() });
      });
    });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const parts: Buffer[] = [];
  let size = 0;
  stream?.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= OUTPUT_BYTES) parts.push(part);
  });
  return () => Buffer.concat(parts).toString();
}

/** The first line of what it complained about: some of these programs end with 0 all the same. Empty: all is well. */
export function complaintOf(program: string, result: CommandResult): string {
  switch (result.kind) {
    case 'not-there':
      return `${program} is not installed or cannot be run`;
    case 'late':
      return `${program} did not end within ${result.afterMs / 1000}s`;
    case 'ran': {
      const line = result.errors.split('\n').find((text) => text.trim() !== '') ?? '';
      if (line !== '') return line.startsWith(program) ? line.trim() : `${program}: ${line.trim()}`;
      return result.code === 0 ? '' : `${program} ended with code ${result.code}`;
    }
    default:
      return result satisfies never;
  }
}
