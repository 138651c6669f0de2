import { createHash } from 'node:crypto';
import { stringValue } from '../value.ts';
import { type HclFunction, type Outcome, one, oneThenMany, refuse, text, two, whole } from './hcl-function.ts';

const hash = (algorithm: string): HclFunction =>
  one(text, (value) => stringValue(createHash(algorithm).update(value).digest('hex')));

export const encodingFunctions: Readonly<Record<string, HclFunction>> = {
  base64decode: one(text, decodeBase64),
  base64encode: one(text, (value) => stringValue(Buffer.from(value).toString('base64'))),
  bcrypt: oneThenMany(text, whole, () => unrepeatable('bcrypt', 'a hash with a new salt each time')),
  md5: hash('md5'),
  rsadecrypt: two(text, text, () => ({
    ...refuse(
      'rsadecrypt() would put a decrypted secret into the manifests; keep it in Vault or a Nomad variable and read it from there',
    ),
    final: true,
  })),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
  sha512: hash('sha512'),
  urlencode: one(text, (value) => stringValue(encodeUrl(value))),
  uuidv4: { atLeast: 0, atMost: 0, run: () => unrepeatable('uuidv4', 'another identifier each time') },
  uuidv5: two(text, text, uuidOfName),
};

/** Two conversions of one job must not differ, and what runs now has a value that nobody can compute again. */
function unrepeatable(name: string, what: string): Outcome {
  const message = `${name}() makes ${what}, so the value that runs now cannot be had again; write that value into the job, or pass it as a variable`;
  return { ...refuse(message), final: true };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBase64(value: string): Outcome {
  const written = value.replace(/[\r\n]/g, '');
  if (!BASE64.test(written)) return refuse('the text is not in base64', 0);
  return decodeUtf8(Buffer.from(written, 'base64')) ?? refuse('what is in base64 is no text in UTF-8', 0);
}

/** Undefined for what is no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): Outcome | undefined {
  try {
    return stringValue(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** As in the query of a URL: a space is a plus, and more is escaped than for a path. */
function encodeUrl(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The namespaces of RFC 9562 that have names. */
const NAMESPACES: Readonly<Record<string, string>> = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
};
const UUID = /^(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

function uuidOfName(namespace: string, name: string): Outcome {
  const parts = UUID.exec((Object.hasOwn(NAMESPACES, namespace) && NAMESPACES[namespace]) || namespace);
  if (!parts) return refuse('the namespace must be dns, url, oid, x500 or a UUID', 0);
  const digest = createHash('sha1')
    .update(Buffer.from(parts.slice(1).join(''), 'hex'))
    .update(name)
    .digest('hex');
  const variant = ((Number.parseInt(digest.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return stringValue(
    [
      digest.slice(0, 8),
      digest.slice(8, 12),
      `5${digest.slice(13, 16)}`,
      variant + digest.slice(18, 20),
      digest.slice(20, 32),
    ].join('-'),
  );
}
