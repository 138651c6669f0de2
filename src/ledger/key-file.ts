/**
 * Private keys in files. One that is not encrypted signs in this process. For the others: an agent that holds the key, else
 * `ssh-keygen`, which asks for the passphrase at the terminal or talks to the token.
 */
import { createPublicKey, generateKeyPairSync, randomInt } from 'node:crypto';
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../kube/error.ts';
import { agentSigner } from './agent-signer.ts';
import { keySigner } from './key-signer.ts';
import { keygenSigner } from './keygen-signer.ts';
import { LedgerError } from './registry.ts';
import type { Signer } from './signer.ts';
import { readSshPrivateKey, sshPrivateKeyText } from './ssh-private-key.ts';
import { publicKeyText, readPublicKeyLine, sshBlob } from './ssh-public-key.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** RSA with 16384 bits has 13 KiB. */
const LARGEST_BYTES = 64 * 1024;

/**
 * The signer of a key file: a private key, or a public one (`….pub`) whose private half is beside it or in the agent.
 * Throws LedgerError LARDER_LEDGER_KEY_UNUSABLE, which never quotes the file.
 */
export async function fileSigner(path: string, env: Env = process.env): Promise<Signer> {
  const text = await keyText(path);
  const line = readPublicKeyLine(text);
  if (line.kind === 'key') return publicFileSigner(path, line.text, env);
  const key = readSshPrivateKey(text);
  switch (key.kind) {
    case 'open':
      await refuseReadable(path);
      return keySigner(key.key, key.publicKey);
    case 'guarded': {
      const publicKey = key.publicKey ?? (await publicKeyBeside(path));
      return (await agentSigner(publicKey, env)) ?? keygenSigner(path, publicKey, env);
    }
    case 'none':
      throw unusable(path, key.why);
    default:
      return key satisfies never;
  }
}

async function publicFileSigner(path: string, publicKey: string, env: Env): Promise<Signer> {
  const privatePath = path.endsWith('.pub') ? path.slice(0, -'.pub'.length) : undefined;
  if (privatePath !== undefined && (await isThere(privatePath))) {
    const signer = await fileSigner(privatePath, env);
    if (signer.publicKey === publicKey) return signer;
    throw unusable(path, `is another key than the private one beside it, ${privatePath}`);
  }
  const signer = await agentSigner(publicKey, env);
  if (signer) return signer;
  throw unusable(path, 'is a public key, and neither a private one beside it nor the ssh agent holds the other half');
}

async function keyText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_BYTES) throw unusable(path, 'is too large for a key');
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw unusable(path, `cannot be read: ${messageOf(cause)}`, cause);
  }
}

/** As ssh does: a key that others on this machine can read is theirs too. Of a file of somebody else we cannot ask that. */
async function refuseReadable(path: string): Promise<void> {
  const { mode, uid } = await stat(path);
  if (uid !== process.getuid?.() || (mode & 0o077) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  throw unusable(path, `can be read by others (mode ${octal}), so that it proves nothing: run chmod 600 ${path}`);
}

async function publicKeyBeside(path: string): Promise<string> {
  const line = readPublicKeyLine(await keyText(`${path}.pub`));
  if (line.kind === 'key') return line.text;
  throw unusable(`${path}.pub`, line.why);
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function unusable(path: string, why: string, cause?: unknown): LedgerError {
  return new LedgerError('LARDER_LEDGER_KEY_UNUSABLE', `The key ${path} ${why}.`, { cause });
}

/** Makes an Ed25519 key at `path`, not encrypted, mode 600, with its public half beside it; never over a file that is there. */
export async function createKeyFile(path: string, comment: string): Promise<Signer> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const blob = sshBlob(createPublicKey(privateKey)) ?? Buffer.alloc(0);
  const publicKey = publicKeyText(blob);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(sshPrivateKeyText(privateKey, comment, randomInt(2 ** 32)));
      await file.sync();
    } finally {
      await file.close();
    }
    await writeFile(`${path}.pub`, `${publicKey} ${comment}\n`, { flag: 'wx', mode: 0o644 });
  } catch (cause) {
    throw unusable(path, `cannot be made: ${messageOf(cause)}`, cause);
  }
  return keySigner(privateKey, publicKey);
}
