/** Signs with `ssh-keygen -Y sign`: it asks for a passphrase at the terminal, and knows tokens. */
import { spawn } from 'node:child_process';
import { collected } from './collected.ts';
import { LedgerError } from './registry.ts';
import type { Signer } from './signer.ts';
import { claimedKey } from './ssh-signature.ts';

type Env = Readonly<Record<string, string | undefined>>;

export function keygenSigner(path: string, publicKey: string, env: Env): Signer {
  return {
    publicKey,
    async sign(message, namespace, signal) {
      const signature = await keygen(['-q', '-Y', 'sign', '-f', path, '-n', namespace], { message, env, path, signal });
      if (claimedKey(signature) !== publicKey) {
        throw failed(path, 'ssh-keygen signed with another key than the file names');
      }
      return signature;
    },
  };
}

interface KeygenInput {
  readonly message: string;
  readonly env: Env;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
}

function keygen(args: readonly string[], { message, env, path, signal }: KeygenInput): Promise<string> {
  return new Promise((resolve, reject) => {
    // What it asks and why it refuses is for the person at the terminal, not for us.
    const child = spawn('ssh-keygen', [...args], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
      ...(signal && { signal }),
    });
    const output = collected(child.stdout);
    child.stdin.on('error', () => undefined); // it ended before it read all: its exit code says so
    child.on('error', (cause) => reject(failed(path, `ssh-keygen cannot be run: ${cause.message}`, cause)));
    child.on('close', (code) => {
      if (code === 0) resolve(output());
      else
        reject(
          failed(path, 'ssh-keygen could not sign with it; load it with ssh-add where nobody can type a passphrase'),
        );
    });
    child.stdin.end(message);
  });
}

function failed(path: string, why: string, cause?: unknown): LedgerError {
  return new LedgerError('LARDER_LEDGER_KEY_UNUSABLE', `The key ${path} cannot sign: ${why}.`, { cause });
}
