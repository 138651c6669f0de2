/** Signed tokens of ServiceAccounts: JSON web tokens with a key that is made when it is first needed and then kept. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { isObject, type JsonObject, parseJson, textAt } from '../json.ts';
import { readPrivateFile, writePrivateFile } from '../private-file.ts';

export type Verified =
  | { readonly kind: 'claims'; readonly claims: JsonObject }
  /** Not a token of this shape; some other authenticator may know it. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Signing {
  sign(claims: JsonObject): string;
  /** Whether the signature is ours; says nothing about what is claimed. */
  verify(token: string, issuer: string): Verified;
}

/** `path` is where the key is kept; absent = it lives as long as the process. @throws EmbeddedError when it cannot be read or written. */
export function createSigning(path?: string): Signing {
  let keys: Keys | undefined;
  const ownKeys = (): Keys => {
    keys ??= keysFrom(openKey(path));
    return keys;
  };
  return {
    sign(claims) {
      const { secret, id } = ownKeys();
      const signed = `${encoded({ alg: 'ES256', kid: id })}.${encoded(claims)}`;
      const signature = sign('sha256', Buffer.from(signed), { key: secret, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${signature.toString('base64url')}`;
    },
    verify(token, issuer) {
      const [head = '', body = '', signature = '', ...more] = token.split('.');
      const claims = decoded(body);
      if (!decoded(head) || !claims || more.length > 0 || textAt(claims, 'iss') !== issuer) return { kind: 'foreign' };
      const key = { key: ownKeys().open, dsaEncoding: 'ieee-p1363' as const };
      const good = verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
      if (good) return { kind: 'claims', claims };
      return { kind: 'refused', reason: 'go-jose/go-jose: error in cryptographic primitive' };
    },
  };
}

interface Keys {
  readonly secret: KeyObject;
  readonly open: KeyObject;
  readonly id: string;
}

function openKey(path: string | undefined): KeyObject {
  const kept = path === undefined ? undefined : readPrivateFile(path);
  if (kept) return createPrivateKey(kept);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (path !== undefined) writePrivateFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

function keysFrom(secret: KeyObject): Keys {
  const open = createPublicKey(secret);
  const id = createHash('sha256')
    .update(open.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { secret, open, id };
}

function encoded(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(part: string): JsonObject | undefined {
  try {
    const value = parseJson(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // the caller says that it is no token of ours
  }
}
