/** A process of the test runner: a group of its own with a time limit, so that nothing it started outlives it. */
import { spawn } from 'node:child_process';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** After this long the whole group is killed. */
  readonly limitMs: number;
}

export interface ChildResult {
  /** `late` when the limit ended it, else its exit code or the signal's name. */
  readonly code: number | string;
  /** stdout and stderr as they came. */
  readonly output: string;
}

const running = new Set<number>();

export function runChild({ command, args, cwd, env, limitMs }: ChildOptions): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(pid, 'SIGKILL');
    }, limitMs);
    let output = '';
    const collect = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      killGroup(pid, 'SIGKILL'); // whatever a test left behind
      if (pid !== undefined) running.delete(pid);
      resolve({ code: late ? 'late' : (code ?? signal ?? 'unknown'), output });
    });
  });
}

/** The end of what a command said, on one line. */
export function lastLines(output: string, count = 5): string {
  return output.trim().split('\n').slice(-count).join('; ');
}

/** Ends every process that is still running; for the runner's own end by a signal. */
export function killChildren(): void {
  for (const pid of running) killGroup(pid, 'SIGTERM');
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // the group is gone, as it should be
  }
}
