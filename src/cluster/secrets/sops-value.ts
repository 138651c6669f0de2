/**
 * One value as sops writes it: AES-256-GCM with a nonce of 32 bytes, and the keys that lead to it as additional data, so that
 * it cannot be moved elsewhere. Source: getsops/sops v3.13.3, aes/cipher.go.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const DATA_KEY_BYTES = 32;
const NONCE_BYTES = 32;
const TAG_BYTES = 16;
const FORM = /^ENC\[AES256_GCM,data:([^,]+),iv:([^,]+),tag:([^,]+),type:([a-z]+)\]$/;

/** `type` as sops names it: of a value, or `comment`, or `bytes` of an older one. */
export interface SopsText {
  readonly type: string;
  readonly text: string;
}

export type Unsealed =
  | { readonly kind: 'unsealed'; readonly value: SopsText }
  /** It has not the form of an encrypted value. */
  | { readonly kind: 'plain' }
  /** It was changed, moved, or encrypted with another key. */
  | { readonly kind: 'foreign' };

/** The additional data of a value or a comment: the keys from the root, without the places in lists. */
export function additionalData(path: readonly string[]): string {
  return `${path.join(':')}:`;
}

/** An empty text stays empty, as sops has it. */
export function seal({ type, text }: SopsText, key: Uint8Array, data: string): string {
  if (text === '') return '';
  const iv = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(data));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const parts = [sealed, iv, cipher.getAuthTag()].map((bytes) => bytes.toString('base64'));
  return `ENC[AES256_GCM,data:${parts[0]},iv:${parts[1]},tag:${parts[2]},type:${type}]`;
}

export function unseal(sealed: string, key: Uint8Array, data: string): Unsealed {
  if (sealed === '') return { kind: 'unsealed', value: { type: 'str', text: '' } };
  const found = FORM.exec(sealed);
  if (!found) return { kind: 'plain' };
  const [, content = '', iv = '', tag = '', type = ''] = found;
  const tagBytes = Buffer.from(tag, 'base64');
  const ivBytes = Buffer.from(iv, 'base64');
  // A short tag would be quick to guess, and GCM takes one when it is told to.
  if (tagBytes.length !== TAG_BYTES || ivBytes.length === 0) return { kind: 'foreign' };
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, ivBytes, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(data));
    cipher.setAuthTag(tagBytes);
    const text = Buffer.concat([cipher.update(Buffer.from(content, 'base64')), cipher.final()]).toString('utf8');
    return { kind: 'unsealed', value: { type, text } };
  } catch {
    return { kind: 'foreign' }; // GCM says no more, and should not
  }
}
