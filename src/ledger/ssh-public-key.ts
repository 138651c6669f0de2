/** A public key of OpenSSH, `type base64`, as something that checks signatures. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { SshWireError, SshWireReader, wireNatural, wireString } from './ssh-wire.ts';

export interface Curve {
  readonly name: string;
  readonly jwk: string;
  readonly hash: string;
  /** Of a coordinate, and of each half of a signature. */
  readonly bytes: number;
}

/** RFC 5656: the curves, and the hash that goes with each. */
export const curves: readonly Curve[] = [
  { name: 'nistp256', jwk: 'P-256', hash: 'sha256', bytes: 32 },
  { name: 'nistp384', jwk: 'P-384', hash: 'sha384', bytes: 48 },
  { name: 'nistp521', jwk: 'P-521', hash: 'sha512', bytes: 66 },
];

/** What is shorter can be broken by who wants to badly enough; ssh itself warns of it. */
const LEAST_RSA_BITS = 2048;

/** What a key can check. `application`: it lives in a token (FIDO), whose signatures say for whom they were made. */
export type SshPublicKey =
  | { readonly kind: 'ed25519'; readonly type: string; readonly key: KeyObject; readonly application?: Buffer }
  | {
      readonly kind: 'ecdsa';
      readonly type: string;
      readonly key: KeyObject;
      readonly curve: Curve;
      readonly application?: Buffer;
    }
  | { readonly kind: 'rsa'; readonly type: string; readonly key: KeyObject; readonly bits: number };

/** Throws SshWireError for bytes that are no key of a type that is known here. */
export function readSshPublicKey(blob: Uint8Array): SshPublicKey {
  const reader = new SshWireReader(blob);
  const type = reader.word();
  switch (type) {
    case 'ssh-ed25519':
      return { kind: 'ed25519', type, key: edwardsKey(reader, true) };
    case 'sk-ssh-ed25519@openssh.com': {
      const key = edwardsKey(reader, false);
      return { kind: 'ed25519', type, key, application: lastString(reader) };
    }
    case 'ssh-rsa':
      return rsaKey(reader, type);
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const key = curveKey(reader, 'nistp256');
      return { kind: 'ecdsa', type, ...key, application: lastString(reader) };
    }
    default: {
      if (!type.startsWith('ecdsa-sha2-')) throw new SshWireError(`is a key of type ${type}, which is not supported`);
      const key = curveKey(reader, type.slice('ecdsa-sha2-'.length));
      reader.end();
      return { kind: 'ecdsa', type, ...key };
    }
  }
}

function lastString(reader: SshWireReader): Buffer {
  const bytes = reader.string();
  reader.end();
  return bytes;
}

function edwardsKey(reader: SshWireReader, last: boolean): KeyObject {
  const x = reader.string();
  if (last) reader.end();
  if (x.length !== 32) throw new SshWireError('is an Ed25519 key of another length than 32 bytes');
  return keyOf({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') });
}

function curveKey(reader: SshWireReader, expected: string): { readonly key: KeyObject; readonly curve: Curve } {
  const name = reader.word();
  const curve = curves.find((each) => each.name === expected && each.name === name);
  if (curve === undefined) throw new SshWireError(`is a key on the curve ${name}, which is not supported`);
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new SshWireError('has no uncompressed point');
  const x = point.subarray(1, 1 + curve.bytes).toString('base64url');
  const y = point.subarray(1 + curve.bytes).toString('base64url');
  return { key: keyOf({ kty: 'EC', crv: curve.jwk, x, y }), curve };
}

function rsaKey(reader: SshWireReader, type: string): SshPublicKey {
  const e = reader.natural();
  const n = reader.natural();
  reader.end();
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (bits < LEAST_RSA_BITS) throw new SshWireError(`uses RSA with ${bits} bits, too few to prove anything`);
  const key = keyOf({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') });
  return { kind: 'rsa', type, key, bits };
}

function keyOf(jwk: { readonly [member: string]: string }): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new SshWireError('holds numbers that make no key');
  }
}

/** The blob of a key of `node:crypto`; undefined for a kind that ssh has no name for. */
export function sshBlob(key: KeyObject): Buffer | undefined {
  const jwk = key.export({ format: 'jwk' });
  const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    return Buffer.concat([wireString('ssh-ed25519'), wireString(bytes(jwk.x))]);
  }
  if (jwk.kty === 'RSA') {
    return Buffer.concat([wireString('ssh-rsa'), wireNatural(bytes(jwk.e)), wireNatural(bytes(jwk.n))]);
  }
  const curve = curves.find((each) => each.jwk === jwk.crv);
  if (curve === undefined) return undefined;
  const point = Buffer.concat([Buffer.of(4), bytes(jwk.x), bytes(jwk.y)]);
  return Buffer.concat([wireString(`ecdsa-sha2-${curve.name}`), wireString(curve.name), wireString(point)]);
}

/** `type base64` of a blob: how keys are written in records and in allowed_signers. */
export function publicKeyText(blob: Uint8Array): string {
  return `${new SshWireReader(blob).word()} ${Buffer.from(blob).toString('base64')}`;
}

export type PublicKeyLine =
  | { readonly kind: 'key'; readonly text: string; readonly comment: string }
  | { readonly kind: 'invalid'; readonly why: string };

/** Reads a line as it stands in `id_ed25519.pub`: type, base64, and a comment that may be missing. */
export function readPublicKeyLine(line: string): PublicKeyLine {
  const [, type = '', base64 = '', comment = ''] =
    /^(\S+)[ \t]+([A-Za-z0-9+/]+=*)(?:[ \t]+(.*))?$/.exec(line.trim()) ?? [];
  if (type === '') return { kind: 'invalid', why: 'is no public key: expected `type base64`, as in id_ed25519.pub' };
  try {
    const blob = Buffer.from(base64, 'base64');
    const key = readSshPublicKey(blob);
    if (key.type !== type) return { kind: 'invalid', why: `says ${type} and holds a key of type ${key.type}` };
    return { kind: 'key', text: publicKeyText(blob), comment };
  } catch (failure) {
    if (failure instanceof SshWireError) return { kind: 'invalid', why: failure.message };
    throw failure;
  }
}

/** `SHA256:…` as `ssh-keygen -l` prints it: short enough to read out to somebody. */
export function fingerprint(publicKey: string): string {
  const [, base64 = ''] = publicKey.split(' ');
  return `SHA256:${createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64').replace(/=+$/, '')}`;
}
