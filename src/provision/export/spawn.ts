/** The export's process as its parent holds it: lines in, lines out, and an end that is never waited for. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Lines } from '../../kube/lines.ts';
import type { Log } from '../../telemetry/log.ts';

export interface ChildEvents {
  /** A line that the child wrote, without its newline. */
  readonly onLine: (line: string) => void;
  /** Once, when it has ended or could not be started, never before the factory has returned; `why` is for the log. */
  readonly onExit: (why: string) => void;
}

export interface Child {
  /** For the log; 0 where there is no process. */
  readonly pid: number;
  /** Returns at once and never throws, also when the child has ended. */
  send(line: string): void;
  /** SIGKILL, and nothing more is heard but `onExit`, which may never come: a thread in a hung mount cannot be killed. */
  kill(): void;
}

export type ChildFactory = (events: ChildEvents) => Child;

/** Beside this file, in the sources and in a bundle. */
const ENTRY = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.mjs', import.meta.url));

/** Threads of the child's file operations: hung ones must not hold up all others. */
const THREADS = '16';

/** With a single malloc arena for all threads: 65 MB instead of 110 after 30,000 requests, at the same speed (Node 24). */
const FRUGAL = ['--max-semi-space-size=1', '--optimize-for-size'] as const;

export const spawnChild =
  (log: Log): ChildFactory =>
  ({ onLine, onExit }) => {
    const child = spawn(process.execPath, [...FRUGAL, ENTRY], {
      cwd: '/',
      // Nothing else of the environment: it may hold secrets, and the child needs none of it.
      env: { UV_THREADPOOL_SIZE: THREADS, MALLOC_ARENA_MAX: '1', ...compileCache() },
      // stderr is a pipe too: an inherited one, held by a child that hangs, would keep the terminal's pipe open.
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const lines = new Lines();
    child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(text).forEach(onLine));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log.warn({ pid: child.pid ?? 0, text: text.trimEnd() }, 'the process of the export wrote to stderr');
    });
    child.stdin.on('error', () => undefined); // EPIPE: it has ended, which onExit tells
    child.on('error', (cause) => {
      if (child.pid === undefined) onExit(cause.message); // else it is a signal that could not be sent
    });
    let unsent = '';
    const flush = (): void => {
      if (unsent !== '') child.stdin.write(unsent);
      unsent = '';
    };
    child.on('exit', (code, signal) => onExit(signal ?? `exit code ${code ?? 'unknown'}`));
    return {
      pid: child.pid ?? 0,
      send(line) {
        // What is asked in one turn of the event loop goes in one write: each wakes the child, and that costs more than the
        // rest of it. A turn reads many answers of the API server, so the next tick would be too soon.
        if (unsent === '') setImmediate(flush);
        unsent += `${line}\n`;
      },
      kill() {
        unsent = '';
        child.kill('SIGKILL');
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
        child.unref();
      },
    };
  };

/** Where Node keeps compiled code, when it does: the child then starts sooner and weighs 35 MB less. */
function compileCache(): Readonly<Record<string, string>> {
  const folder = process.env['NODE_COMPILE_CACHE'];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}
