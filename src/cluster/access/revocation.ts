/**
 * What nodes must no longer let in: a list for people, in the form that `ssh-keygen -k` takes. Each node makes of it the
 * revocation list (KRL) that its sshd reads.
 */
import { join } from 'node:path';
import { privateFolder } from '../secrets/private-folder.ts';
import type { Refused } from '../secrets/refused.ts';
import { readSecretFile, writeSecretFile } from '../secrets/secret-file.ts';
import { type AccessRefused, accessRefused } from './access-refused.ts';
import { AUTHORITY_PUBLIC } from './authority.ts';
import { runSsh } from './run-ssh.ts';

export const REVOKED_LIST = 'access/revoked.txt';
const HEAD =
  '# Revoked ssh certificates and keys, one in a line, as ssh-keygen -k reads them. larder cluster access revoke adds to it.\n';

export type Revocation =
  | { readonly kind: 'serial'; readonly serial: string }
  /** Also every certificate of this key, whenever it was issued. */
  | { readonly kind: 'key'; readonly publicKey: string };

/** A line with the reason above it. */
export function revocationText(revocation: Revocation, reason: string, day: string): string {
  const said = `# ${day}: ${reason.replaceAll(/\s+/g, ' ')}\n`;
  return said + (revocation.kind === 'serial' ? `serial: ${revocation.serial}\n` : `key: ${revocation.publicKey}\n`);
}

type ReadRevoked = { readonly kind: 'revoked'; readonly text: string } | Refused;

export function readRevoked(repository: string): ReadRevoked {
  const read = readSecretFile(repository, REVOKED_LIST);
  if (read.kind === 'refused') return read;
  return { kind: 'revoked', text: read.kind === 'text' ? read.text : HEAD };
}

export async function addRevocation(repository: string, line: string): Promise<{ readonly kind: 'written' } | Refused> {
  const read = readRevoked(repository);
  if (read.kind === 'refused') return read;
  return writeSecretFile(repository, REVOKED_LIST, `${read.text.replace(/\n?$/, '\n')}${line}`);
}

/** The list, when `ssh-keygen` can make a revocation list of it: nodes make theirs by the same program. */
export async function checkedRevoked(repository: string, env: NodeJS.ProcessEnv): Promise<ReadRevoked | AccessRefused> {
  const read = readRevoked(repository);
  if (read.kind === 'refused') return read;
  using folder = privateFolder(env);
  const args = ['-q', '-k', '-f', join(folder.path, 'krl'), '-s', join(repository, AUTHORITY_PUBLIC), '-'];
  const { code, output } = await runSsh('ssh-keygen', args, { env, input: read.text });
  if (code === 0) return read;
  const message = `${REVOKED_LIST} cannot be made into a revocation list: ${output.trim()}. Nothing was deployed`;
  return accessRefused('LARDER_ACCESS_FILE', message);
}

/** Whether a serial stands in the list. */
export function isRevoked(text: string, serial: string): boolean {
  return text.split('\n').some((line) => line.trim() === `serial: ${serial}`);
}

/** Whether a key stands in it, whatever comment follows. */
export function revokedKey(text: string, publicKey: string): boolean {
  return text.split('\n').some((line) => line.startsWith(`key: ${publicKey}`));
}
