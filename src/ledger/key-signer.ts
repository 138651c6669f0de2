/** Signs with a private key that this process holds. */
import { constants, type KeyObject, sign } from 'node:crypto';
import type { Signer } from './signer.ts';
import { type Curve, curves } from './ssh-public-key.ts';
import { armoredSignature, signedBytes } from './ssh-signature.ts';
import { wireNatural, wireString } from './ssh-wire.ts';

export function keySigner(key: KeyObject, publicKey: string): Signer {
  const [type = '', base64 = ''] = publicKey.split(' ');
  const blob = Buffer.from(base64, 'base64');
  return {
    publicKey,
    sign: async (message, namespace) =>
      armoredSignature(blob, namespace, signatureBlob(key, type, signedBytes(message, namespace))),
  };
}

function signatureBlob(key: KeyObject, type: string, data: Buffer): Buffer {
  if (type === 'ssh-ed25519') return Buffer.concat([wireString(type), wireString(sign(null, data, key))]);
  if (type === 'ssh-rsa') {
    const bytes = sign('sha512', data, { key, padding: constants.RSA_PKCS1_PADDING });
    return Buffer.concat([wireString('rsa-sha2-512'), wireString(bytes)]);
  }
  const curve = curveOf(type);
  const both = sign(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' });
  const numbers = [wireNatural(both.subarray(0, curve.bytes)), wireNatural(both.subarray(curve.bytes))];
  return Buffer.concat([wireString(type), wireString(Buffer.concat(numbers))]);
}

function curveOf(type: string): Curve {
  const curve = curves.find(({ name }) => type === `ecdsa-sha2-${name}`);
  if (curve === undefined) throw new RangeError(`${type} is no type of key that is held in a file`);
  return curve;
}
