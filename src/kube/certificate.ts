/** Certificates for servers of our own: an authority, and what it signs. ECDSA on P-256, which every client knows. */
import { createPrivateKey, type webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type * as X509 from '@peculiar/x509';

/** PEM both. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  /** Epoch ms; certificates have whole seconds, so both are cut to them. */
  readonly from: number;
  readonly until: number;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** An authority that signs servers' certificates and nothing below them. Its name must not be that of a server: it would pass for signed by itself. */
export async function makeAuthority(name: string, { from, until }: Validity): Promise<KeyPair> {
  const x509 = await load();
  const keys = await globalThis.crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    notBefore: new Date(from),
    notAfter: new Date(until),
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pairOf(x509, certificate, keys.privateKey);
}

export interface ServerName {
  /** The common name, for people. */
  readonly name: string;
  /** DNS names and addresses. */
  readonly hosts: readonly string[];
}

/** The certificate of a server, signed by an authority of `makeAuthority`. */
export async function signServer(
  authority: KeyPair,
  { name, hosts }: ServerName,
  { from, until }: Validity,
): Promise<KeyPair> {
  const x509 = await load();
  const { subtle } = globalThis.crypto;
  const issuer = new x509.X509Certificate(authority.certificate);
  const pkcs8 = x509.PemConverter.decodeFirst(authority.key);
  const signingKey = await subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const alternatives = hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
  const certificate = await x509.X509CertificateGenerator.create({
    notBefore: new Date(from),
    notAfter: new Date(until),
    serialNumber: serialNumber(),
    subject: `CN=${name}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return pairOf(x509, certificate, keys.privateKey);
}

/** When a certificate holds; undefined for what is none. */
export function validityOf(pem: string): Validity | undefined {
  try {
    const { validFrom, validTo } = new X509Certificate(pem);
    return { from: Date.parse(validFrom), until: Date.parse(validTo) };
  } catch {
    return undefined; // the caller says where it stood and what happens now
  }
}

/** Whether the key belongs to the certificate; false for what is neither. */
export function isPair({ certificate, key }: KeyPair): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false; // as above
  }
}

async function pairOf(
  x509: typeof X509,
  certificate: X509.X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<KeyPair> {
  const key = await globalThis.crypto.subtle.exportKey('pkcs8', privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
  };
}

async function load(): Promise<typeof X509> {
  await import('reflect-metadata'); // the library needs it to be there first
  return import('@peculiar/x509'); // not for who needs no certificate
}

/** Positive, and never the same twice: clients remember issuer and serial number. */
function serialNumber(): string {
  const bytes = globalThis.crypto.getRandomValues(Buffer.alloc(16));
  return `0${bytes.toString('hex').slice(1)}`;
}
