/** Certificates of OpenSSH for people. Source: openssh-portable, PROTOCOL.certkeys. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { publicKeyText, sshBlob } from '../../ledger/ssh-public-key.ts';
import { SshWireError, SshWireReader, wireString, wireUint32 } from '../../ledger/ssh-wire.ts';

export interface CertificateRequest {
  /** `type base64` of the key of the person. */
  readonly publicKey: string;
  /** For the log of sshd; not secret. */
  readonly keyId: string;
  /** Nobody gets in without one that the node names. */
  readonly principals: readonly string[];
  readonly serial: bigint;
  /** Epoch seconds. */
  readonly validAfter: number;
  readonly validBefore: number;
  /** 32 random bytes. */
  readonly nonce: Uint8Array;
}

const USER = 1;
/** No forwarding of agents, ports and X11: who comes in could otherwise pass on more than a shell. */
const EXTENSIONS = ['permit-pty'];

/** One line, as in a file `…-cert.pub`. `authority`: an Ed25519 key. */
export function certificateLine(request: CertificateRequest, authority: KeyObject): string {
  const { publicKey, keyId, principals, serial, validAfter, validBefore, nonce } = request;
  const [plainType = '', base64 = ''] = publicKey.split(' ');
  const reader = new SshWireReader(Buffer.from(base64, 'base64'));
  reader.word();
  const type = certificateType(plainType);
  const signer = sshBlob(createPublicKey(authority));
  if (signer === undefined) throw new SshWireError('is no key that can sign certificates');
  const body = Buffer.concat([
    ...[wireString(type), wireString(nonce), reader.rest()],
    ...[wireUint64(serial), wireUint32(USER), wireString(keyId)],
    wireString(Buffer.concat(principals.map(wireString))),
    ...[wireUint64(BigInt(validAfter)), wireUint64(BigInt(validBefore))],
    wireString(''), // no critical options
    wireString(Buffer.concat(EXTENSIONS.flatMap((name) => [wireString(name), wireString('')]))),
    ...[wireString(''), wireString(signer)],
  ]);
  const signature = Buffer.concat([wireString('ssh-ed25519'), wireString(sign(null, body, authority))]);
  return `${type} ${Buffer.concat([body, wireString(signature)]).toString('base64')} ${keyId}\n`;
}

/** `sk-ssh-ed25519@openssh.com` → `sk-ssh-ed25519-cert-v01@openssh.com`. */
function certificateType(type: string): string {
  return `${type.replace(/@openssh\.com$/, '')}-cert-v01@openssh.com`;
}

function wireUint64(value: bigint): Buffer {
  return Buffer.concat([wireUint32(Number(value >> 32n)), wireUint32(Number(value & 0xff_ff_ff_ffn))]);
}

/** The public half of an authority, `type base64`. */
export function authorityLine(authority: KeyObject): string {
  return publicKeyText(sshBlob(createPublicKey(authority)) ?? Buffer.alloc(0));
}
