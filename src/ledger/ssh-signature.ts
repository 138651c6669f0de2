/**
 * Signatures of `ssh-keygen -Y` (PROTOCOL.sshsig of OpenSSH): what is signed is the hash of a message together with the
 * namespace, so that a signature for one purpose is worth nothing for another.
 */
import { constants, createHash, verify as cryptoVerify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { publicKeyText, readSshPublicKey, type SshPublicKey } from './ssh-public-key.ts';
import { SshWireError, SshWireReader, wireString, wireUint32 } from './ssh-wire.ts';

const MAGIC = 'SSHSIG';
const VERSION = 1;
const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
const COLUMNS = 70;
/** What is longer is none: one by RSA with 16384 bits has 6 KiB. */
const LARGEST_CHARACTERS = 16_384;
/** FIDO: somebody touched the token. */
const USER_PRESENT = 0x01;

export type SignatureCheck =
  /** Made for this message and namespace by the holder of the key. Whose key it is, the caller knows. */
  { readonly kind: 'valid'; readonly publicKey: string } | { readonly kind: 'invalid'; readonly why: string };

export interface SignatureInput {
  readonly message: string;
  readonly namespace: string;
  /** Armored. */
  readonly signature: string;
}

/** Never throws: whatever stands where a signature should be is a reason. The arithmetic runs beside the main thread. */
export async function verifySignature(input: SignatureInput): Promise<SignatureCheck> {
  try {
    const parts = readArmored(input.signature);
    if (parts.namespace !== input.namespace) {
      return { kind: 'invalid', why: `is for ${JSON.stringify(parts.namespace)}, not for ${input.namespace}` };
    }
    const key = keyFor(parts.publicKey);
    const signed = signedBytes(input.message, input.namespace, parts.hash);
    const check = checkFor(key.parsed, new SshWireReader(parts.signature), signed);
    if (await arithmetic(check)) return { kind: 'valid', publicKey: key.text };
    return { kind: 'invalid', why: 'does not fit the text: text or signature were changed' };
  } catch (failure) {
    if (failure instanceof SshWireError) return { kind: 'invalid', why: failure.message };
    throw failure;
  }
}

/** The key that a signature says it is by; undefined where it is no signature. Proves nothing. */
export function claimedKey(armored: string): string | undefined {
  try {
    return publicKeyText(readArmored(armored).publicKey);
  } catch (failure) {
    if (failure instanceof SshWireError) return undefined;
    throw failure;
  }
}

type Hash = 'sha256' | 'sha512';

interface Parts {
  readonly publicKey: Buffer;
  readonly namespace: string;
  readonly hash: Hash;
  readonly signature: Buffer;
}

function readArmored(text: string): Parts {
  if (text.length > LARGEST_CHARACTERS) throw new SshWireError('is too long for a signature');
  if (!text.startsWith(`${BEGIN}\n`) || !text.endsWith(`\n${END}\n`))
    throw new SshWireError('is no armored ssh signature');
  const bytes = Buffer.from(text.slice(BEGIN.length, -END.length - 1), 'base64');
  // Nothing signs the armor: a second text of the same signature would be a change that nobody finds.
  if (armor(bytes) !== text) throw new SshWireError('is not laid out as ssh-keygen does, or is no base64');
  const reader = new SshWireReader(bytes);
  if (reader.take(MAGIC.length).toString('latin1') !== MAGIC) throw new SshWireError('is no ssh signature');
  const version = reader.uint32();
  if (version !== VERSION) throw new SshWireError(`has version ${version}, which is not supported`);
  const publicKey = reader.string();
  const namespace = reader.word();
  if (reader.string().length > 0) throw new SshWireError('fills a field that is reserved and that nothing signs');
  const hash = hashNamed(reader.word());
  const signature = reader.string();
  reader.end();
  return { publicKey, namespace, hash, signature };
}

function hashNamed(name: string): Hash {
  if (name === 'sha256' || name === 'sha512') return name;
  throw new SshWireError(`uses the hash ${name}, which is not supported`);
}

interface Key {
  readonly text: string;
  readonly parsed: SshPublicKey;
}

/** Operators are few, and their keys sign thousands of records. */
const keys = new Map<string, { readonly copies: readonly Key[]; next: number }>();
const KEYS_AT_MOST = 256;
/** Node locks a key while a thread computes with it, and whoever asks for the next check waits: so one for each thread of its pool. */
const COPIES = 4;

function keyFor(blob: Buffer): Key {
  const text = publicKeyText(blob);
  const known = keys.get(text) ?? keep(text, blob);
  const key = known.copies[known.next % COPIES];
  known.next += 1;
  return key ?? { text, parsed: readSshPublicKey(blob) };
}

function keep(text: string, blob: Buffer): { readonly copies: readonly Key[]; next: number } {
  const made = { copies: Array.from({ length: COPIES }, () => ({ text, parsed: readSshPublicKey(blob) })), next: 0 };
  if (keys.size >= KEYS_AT_MOST) keys.clear();
  keys.set(text, made);
  return made;
}

/** What a key signs for a message. */
export function signedBytes(message: string, namespace: string, hash: Hash = 'sha512'): Buffer {
  const digest = createHash(hash).update(message, 'utf8').digest();
  return Buffer.concat([
    Buffer.from(MAGIC),
    wireString(namespace),
    wireString(''),
    wireString(hash),
    wireString(digest),
  ]);
}

/** The armored text around what a key made of `signedBytes`; `signature` is its blob, algorithm and bytes. */
export function armoredSignature(publicKey: Uint8Array, namespace: string, signature: Uint8Array): string {
  const blob = Buffer.concat([
    Buffer.from(MAGIC),
    wireUint32(VERSION),
    wireString(publicKey),
    wireString(namespace),
    wireString(''),
    wireString('sha512'),
    wireString(signature),
  ]);
  return armor(blob);
}

function armor(blob: Buffer): string {
  const base64 = blob.toString('base64');
  let text = `${BEGIN}\n`;
  for (let at = 0; at < base64.length; at += COLUMNS) text += `${base64.slice(at, at + COLUMNS)}\n`;
  return `${text}${END}\n`;
}

interface Check {
  readonly algorithm: string | null;
  readonly data: Uint8Array;
  readonly key: KeyObject | VerifyKeyObjectInput;
  readonly signature: Uint8Array;
}

function checkFor(key: SshPublicKey, reader: SshWireReader, signed: Buffer): Check {
  const algorithm = reader.word();
  switch (key.kind) {
    case 'ed25519': {
      sameAlgorithm(algorithm, key.type);
      const signature = reader.string();
      return { algorithm: null, key: key.key, signature, data: told(key, reader, signed) };
    }
    case 'ecdsa': {
      sameAlgorithm(algorithm, key.type);
      const signature = halves(new SshWireReader(reader.string()), key.curve.bytes);
      const data = told(key, reader, signed);
      return { algorithm: key.curve.hash, key: { key: key.key, dsaEncoding: 'ieee-p1363' }, signature, data };
    }
    case 'rsa': {
      const hash = rsaHash(algorithm);
      const signature = padded(reader.string(), Math.ceil(key.bits / 8));
      reader.end();
      return { algorithm: hash, key: { key: key.key, padding: constants.RSA_PKCS1_PADDING }, signature, data: signed };
    }
    default:
      return key satisfies never;
  }
}

function sameAlgorithm(algorithm: string, type: string): void {
  if (algorithm !== type) throw new SshWireError(`is made by ${algorithm} and names a key of type ${type}`);
}

function rsaHash(algorithm: string): string {
  if (algorithm === 'rsa-sha2-512') return 'sha512';
  if (algorithm === 'rsa-sha2-256') return 'sha256';
  throw new SshWireError(`is made by ${algorithm}, which is not supported for RSA`);
}

/** What the key saw: a token adds for whom it signed, that somebody was there, and its counter (PROTOCOL.u2f). */
function told(key: { readonly application?: Buffer }, reader: SshWireReader, signed: Buffer): Buffer {
  if (key.application === undefined) {
    reader.end();
    return signed;
  }
  const flags = reader.byte();
  const counter = reader.uint32();
  reader.end();
  if ((flags & USER_PRESENT) === 0) throw new SshWireError('was made by a token that nobody touched');
  const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
  return Buffer.concat([sha256(key.application), Buffer.of(flags), wireUint32(counter), sha256(signed)]);
}

function halves(reader: SshWireReader, bytes: number): Buffer {
  const r = reader.natural();
  const s = reader.natural();
  reader.end();
  return Buffer.concat([padded(r, bytes), padded(s, bytes)]);
}

function padded(bytes: Buffer, length: number): Buffer {
  if (bytes.length > length) throw new SshWireError('has a number that is too large for its key');
  return Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}

function arithmetic({ algorithm, data, key, signature }: Check): Promise<boolean> {
  return new Promise((resolve) => {
    cryptoVerify(algorithm, data, key, signature, (failure, fits) => resolve(failure === null && fits));
  });
}
