/** Programs that render manifests: helm and kubectl, as they are on PATH. */
import { spawn } from 'node:child_process';
import { collected } from '../../ledger/collected.ts';
import { ChangeError } from '../registry.ts';

export interface ToolOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal;
}

/** Resolves with its stdout. @throws ChangeError LARDER_CHANGE_TOOL with what it said. */
export function runTool(program: string, args: readonly string[], { cwd, signal }: ToolOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], ...(signal ? { signal } : {}) });
    const output = collected(child.stdout);
    const errors = collected(child.stderr);
    child.on('error', (cause) => {
      if (signal?.aborted) return reject(signal.reason);
      const why = 'code' in cause && cause.code === 'ENOENT' ? 'it is not on PATH' : cause.message;
      reject(new ChangeError('LARDER_CHANGE_TOOL', `${program} cannot be run: ${why}`, { cause }));
    });
    child.on('close', (code) => {
      if (code === 0) return resolve(output());
      const said = errors().trim().slice(0, LONGEST);
      reject(new ChangeError('LARDER_CHANGE_TOOL', `${program} ${args[0]} ended with ${code}: ${said}`));
    });
  });
}
const LONGEST = 2000;
