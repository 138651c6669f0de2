/** ssh and ssh-keygen as programs: who asks reads their code and what they said. */
import { spawn } from 'node:child_process';
import { collected } from '../../ledger/collected.ts';

export interface SshRun {
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface SshResult {
  /** -1: it could not be started, or was ended. */
  readonly code: number;
  /** Both streams. */
  readonly output: string;
}

export function runSsh(program: 'ssh' | 'ssh-keygen', args: readonly string[], run: SshRun): Promise<SshResult> {
  const { env, input = '', signal } = run;
  return new Promise((resolve) => {
    const child = spawn(program, [...args], { env, stdio: ['pipe', 'pipe', 'pipe'], ...(signal && { signal }) });
    const [output, errors] = [collected(child.stdout), collected(child.stderr)];
    child.stdin.on('error', () => undefined); // it ended before it read all: its exit code says so
    child.on('error', (cause) => resolve({ code: -1, output: `${program} cannot be run: ${cause.message}` }));
    child.on('close', (code) => resolve({ code: code ?? -1, output: output() + errors() }));
    child.stdin.end(input);
  });
}
