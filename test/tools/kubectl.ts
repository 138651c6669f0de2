/** The pinned real kubectl, as a test runs it: by its path, with a HOME of its own. */
import { spawn } from 'node:child_process';
import { type InstallOptions, install } from './install.ts';

export type KubectlFound =
  | { readonly kind: 'ready'; readonly path: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Builds it when it is not there yet. `reason` says what a user can do about it. */
export async function findKubectl(options?: Partial<InstallOptions>): Promise<KubectlFound> {
  const say = options?.say ?? ((line: string): void => void process.stderr.write(`${line}\n`));
  return install('kubectl', { env: options?.env ?? process.env, say });
}

export interface KubectlRun {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end, at most a minute; what lasts longer is killed, which shows as its code. */
export type Kubectl = (args: readonly string[], options?: KubectlRunOptions) => Promise<KubectlRun>;

export interface KubectlRunOptions {
  /** Its stdin, for `-f -`. */
  readonly input?: string;
  /** For commands that never end, such as a watch: ended by SIGTERM once stdout matches. */
  readonly until?: RegExp;
  /** Called with all of stdout so far, whenever more has come. */
  readonly onOutput?: (stdout: string) => void;
  /** Beside what every run gets. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface KubectlOptions {
  readonly path: string;
  readonly kubeconfig: string;
  /** Its caches and preferences go here; the user's own are neither read nor written. */
  readonly home: string;
}

const LIMIT_MS = 60_000;

export function createKubectl({ path, kubeconfig, home }: KubectlOptions): Kubectl {
  const common = {
    HOME: home,
    KUBECONFIG: kubeconfig,
    PATH: process.env['PATH'] ?? '',
    LANG: 'C.UTF-8',
    KUBECTL_EXTERNAL_DIFF: 'diff -u',
  };
  return (args, { input = '', until, onOutput, env = {} } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(path, args, {
        env: { ...common, ...env },
        cwd: home,
        stdio: ['pipe', 'pipe', 'pipe'],
        timeout: LIMIT_MS,
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        onOutput?.(stdout);
        if (until?.test(stdout)) child.kill('SIGTERM');
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.stdin.on('error', () => undefined); // it may end without reading its input
      child.stdin.end(input);
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout, stderr }));
    });
}
