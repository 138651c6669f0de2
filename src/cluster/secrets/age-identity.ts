/** The age keys of the person at the keyboard, and what they open. Looked for where sops looks for them. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../kube/error.ts';
import { codeOf } from '../../ledger/disk.ts';
import { type Refused, refused } from './refused.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface AgeIdentity {
  /** `AGE-SECRET-KEY-1…`: a secret. */
  readonly identity: string;
  /** `age1…`: the public half. */
  readonly recipient: string;
  /** The variable or the file that it stands in. */
  readonly from: string;
}

/** The data key of a file, encrypted to one recipient. */
export interface AgeEntry {
  readonly recipient: string;
  /** Armored. */
  readonly enc: string;
}

export type FoundIdentities = { readonly kind: 'identities'; readonly identities: readonly AgeIdentity[] } | Refused;

/** Where sops keeps keys on Linux, and looks for them last. */
export function identityFile(env: Env): string {
  return join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'sops/age/keys.txt');
}

/** SOPS_AGE_KEY, SOPS_AGE_KEY_FILE and the usual file: all that there are, as sops does. */
export async function findIdentities(env: Env): Promise<FoundIdentities> {
  const found: AgeIdentity[] = [];
  const looked: string[] = [];
  for (const { from, text } of [ofVariable(env), ofFile(env['SOPS_AGE_KEY_FILE']), ofFile(identityFile(env))]) {
    if (text === undefined) {
      looked.push(from);
      continue;
    }
    const read = await readIdentities(text, from);
    if (read.kind === 'refused') return read;
    found.push(...read.identities);
  }
  if (found.length > 0) return { kind: 'identities', identities: found };
  const message = `there is no age key here: looked at ${looked.join(', ')}. Bring yours, or make one: larder cluster secrets init`;
  return refused('LARDER_SECRET_NO_IDENTITY', message);
}

interface Place {
  readonly from: string;
  /** Absent: nothing is there. */
  readonly text?: string;
}

function ofVariable(env: Env): Place {
  const text = env['SOPS_AGE_KEY'];
  return { from: 'SOPS_AGE_KEY', ...(text ? { text } : {}) };
}

function ofFile(path: string | undefined): Place {
  if (!path) return { from: 'SOPS_AGE_KEY_FILE' };
  try {
    return { from: path, text: readFileSync(path, 'utf8') };
  } catch (cause) {
    return { from: codeOf(cause) === 'ENOENT' ? path : `${path} (${messageOf(cause)})` };
  }
}

async function readIdentities(text: string, from: string): Promise<FoundIdentities> {
  const { identityToRecipient } = await import('age-encryption');
  if (text.includes('-----BEGIN AGE ENCRYPTED FILE-----') || text.startsWith('age-encryption.org/')) {
    const message = `${from} holds age keys under a passphrase, which cannot be asked for here: decrypt it with age, and give it as SOPS_AGE_KEY`;
    return refused('LARDER_SECRET_IDENTITY', message);
  }
  const words = text.split(/\s*\n\s*|,/).map((line) => line.replace(/#.*/, '').trim());
  const identities: AgeIdentity[] = [];
  for (const identity of words.filter((word) => /^AGE-SECRET-KEY-/.test(word))) {
    try {
      identities.push({ identity, recipient: await identityToRecipient(identity), from });
    } catch {
      // Never the cause: it may quote the key.
      return refused('LARDER_SECRET_IDENTITY', `${from} holds an age key that cannot be read: it was cut or mistyped`);
    }
  }
  if (identities.length > 0) return { kind: 'identities', identities };
  const plugin = words.some((word) => word.startsWith('AGE-PLUGIN-'));
  const why = plugin ? 'only keys of plug-ins, which Larder does not run' : 'no age key (AGE-SECRET-KEY-1…)';
  return refused('LARDER_SECRET_IDENTITY', `${from} holds ${why}`);
}

/** The data key of a file, or why none of these identities opens it. `file`: for the message. */
export async function openDataKey(
  file: string,
  entries: readonly AgeEntry[],
  identities: readonly AgeIdentity[],
): Promise<{ readonly kind: 'opened'; readonly dataKey: Uint8Array } | Refused> {
  const { Decrypter, armor } = await import('age-encryption');
  for (const { recipient, enc } of entries) {
    const own = identities.find((each) => each.recipient === recipient);
    if (own === undefined) continue;
    const decrypter = new Decrypter();
    decrypter.addIdentity(own.identity);
    try {
      const dataKey = await decrypter.decrypt(armor.decode(enc));
      if (dataKey.length === 32) return { kind: 'opened', dataKey };
    } catch {
      // Said below: the header was changed, which says nothing that a person could use.
    }
    const message = `${file} was changed by hand: its data key for ${recipient} cannot be opened. Take the file from git as it was`;
    return refused('LARDER_SECRET_EDITED', message);
  }
  const message = `${file} is encrypted to ${entries.map(({ recipient }) => recipient).join(', ')}, and the keys here are ${identities.map(({ recipient }) => recipient).join(', ')}. Somebody who can read it must add yours: secrets.recipients in cluster.yaml, then larder cluster secrets rotate`;
  return refused('LARDER_SECRET_NOT_RECIPIENT', message);
}

/** Encrypted to each recipient by itself, as sops does. */
export async function wrapDataKey(
  dataKey: Uint8Array,
  recipients: readonly string[],
): Promise<{ readonly kind: 'wrapped'; readonly entries: readonly AgeEntry[] } | Refused> {
  const { Encrypter, armor } = await import('age-encryption');
  const entries: AgeEntry[] = [];
  for (const recipient of recipients) {
    try {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      entries.push({ recipient, enc: armor.encode(await encrypter.encrypt(dataKey)) });
    } catch (cause) {
      const message = `nothing can be encrypted to ${recipient}: ${messageOf(cause)}. Only age recipients (age1…) can be written by Larder`;
      return refused('LARDER_SECRET_RECIPIENTS', message);
    }
  }
  return { kind: 'wrapped', entries };
}

export async function newIdentity(): Promise<AgeIdentity> {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity), from: 'made now' };
}
