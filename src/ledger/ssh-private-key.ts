/** The text of a private key: PROTOCOL.key of OpenSSH, and the older PEM forms. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { curves, publicKeyText, sshBlob } from './ssh-public-key.ts';
import { SshWireError, SshWireReader, wireString, wireUint32 } from './ssh-wire.ts';

export type SshPrivateKey =
  | { readonly kind: 'open'; readonly key: KeyObject; readonly publicKey: string }
  /** A passphrase or a token guards it; the public key is known where the form tells it. */
  | { readonly kind: 'guarded'; readonly by: 'passphrase' | 'token'; readonly publicKey?: string }
  | { readonly kind: 'none'; readonly why: string };

const MAGIC = 'openssh-key-v1\0';
const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const END = '-----END OPENSSH PRIVATE KEY-----';

export function readSshPrivateKey(text: string): SshPrivateKey {
  try {
    if (text.includes(BEGIN)) return readContainer(text);
    if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return { kind: 'none', why: 'holds no private key' };
    if (text.includes('ENCRYPTED')) return { kind: 'guarded', by: 'passphrase' };
    return opened(createPrivateKey(text));
  } catch (failure) {
    if (failure instanceof SshWireError) return { kind: 'none', why: failure.message };
    return { kind: 'none', why: 'holds a private key that cannot be read' }; // never the cause: it may quote the key
  }
}

function opened(key: KeyObject): SshPrivateKey {
  const blob = sshBlob(createPublicKey(key));
  if (blob === undefined) return { kind: 'none', why: 'holds a key of a type that ssh does not use' };
  return { kind: 'open', key, publicKey: publicKeyText(blob) };
}

function readContainer(text: string): SshPrivateKey {
  const base64 = text.slice(text.indexOf(BEGIN) + BEGIN.length, text.lastIndexOf(END));
  const reader = new SshWireReader(Buffer.from(base64, 'base64'));
  if (reader.take(MAGIC.length).toString('latin1') !== MAGIC) throw new SshWireError('is no key file of OpenSSH');
  const cipher = reader.word();
  reader.word(); // how the passphrase becomes a key
  reader.string(); // and with what
  if (reader.uint32() !== 1) throw new SshWireError('holds several keys');
  const publicKey = publicKeyText(reader.string());
  if (cipher !== 'none') return { kind: 'guarded', by: 'passphrase', publicKey };
  if (publicKey.startsWith('sk-')) return { kind: 'guarded', by: 'token', publicKey };
  const key = readSection(new SshWireReader(reader.string()));
  const made = opened(key);
  if (made.kind === 'open' && made.publicKey !== publicKey) throw new SshWireError('holds two halves that do not fit');
  return made;
}

function readSection(reader: SshWireReader): KeyObject {
  const check = reader.uint32(); // twice the same number, so that a wrong passphrase shows
  if (check !== reader.uint32()) throw new SshWireError('is damaged');
  const type = reader.word();
  if (type === 'ssh-ed25519') return edwardsKey(reader);
  if (type === 'ssh-rsa') return rsaKey(reader);
  return curveKey(reader, type);
}

const url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

function edwardsKey(reader: SshWireReader): KeyObject {
  const x = reader.string();
  const seed = reader.string().subarray(0, 32);
  return createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(seed) }, format: 'jwk' });
}

function curveKey(reader: SshWireReader, type: string): KeyObject {
  const name = reader.word();
  const curve = curves.find((each) => each.name === name);
  if (curve === undefined) throw new SshWireError(`holds a key of type ${type}, which is not supported`);
  const point = reader.string();
  const scalar = reader.natural();
  const d = Buffer.concat([Buffer.alloc(Math.max(0, curve.bytes - scalar.length)), scalar]);
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
  return createPrivateKey({ key: { kty: 'EC', crv: curve.jwk, x: url(x), y: url(y), d: url(d) }, format: 'jwk' });
}

function rsaKey(reader: SshWireReader): KeyObject {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => reader.natural());
  if (!n || !e || !d || !qi || !p || !q) throw new SshWireError('lacks a part');
  const less = (prime: Buffer): Buffer => remainder(d, prime);
  const parts = { n, e, d, p, q, dp: less(p), dq: less(q), qi };
  const jwk = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, url(bytes)]));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
}

/** d modulo (prime - 1): OpenSSH leaves these two out, the other forms want them. */
function remainder(d: Buffer, prime: Buffer): Buffer {
  const hex = (BigInt(`0x${d.toString('hex')}`) % (BigInt(`0x${prime.toString('hex')}`) - 1n)).toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

/** The text of a key file for an Ed25519 key, not encrypted: what `ssh-keygen -N ''` writes. */
export function sshPrivateKeyText(key: KeyObject, comment: string, check: number): string {
  const jwk = key.export({ format: 'jwk' });
  const x = Buffer.from(jwk.x ?? '', 'base64url');
  const secret = Buffer.concat([Buffer.from(jwk.d ?? '', 'base64url'), x]);
  const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(x)]);
  const section = Buffer.concat([
    ...[wireUint32(check), wireUint32(check), wireString('ssh-ed25519'), wireString(x)],
    ...[wireString(secret), wireString(comment)],
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (section.length % 8)) % 8 }, (_each, index) => index + 1));
  const none = [wireString('none'), wireString('none'), wireString(''), wireUint32(1)];
  const bytes = [Buffer.from(MAGIC), ...none, wireString(blob), wireString(Buffer.concat([section, padding]))];
  const lines =
    Buffer.concat(bytes)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return `${[BEGIN, ...lines, END].join('\n')}\n`;
}
