/** The server's certificate and the authority that signed it, made at the first start and renewed before they end. */
import { X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../telemetry/clock.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

/** All PEM. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 24 * 60 * 60_000;
const LIFETIME_MS = 3650 * DAY_MS;
/** A certificate with less than this left is replaced at the next start. */
const RENEWAL_MS = 90 * DAY_MS;
/** Clients' clocks may be behind. */
const BACKDATE_MS = DAY_MS;

/** Names and addresses under which the server is reached. */
const NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
const ADDRESSES = ['127.0.0.1', '::1'];

/**
 * Reads them from the folder, or makes them there.
 * @throws EmbeddedError when the folder cannot be read or written.
 */
export async function openCertificates(folder: string, clock: Clock): Promise<Certificates> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const paths = {
    authority: join(folder, 'ca.crt'),
    certificate: join(folder, 'server.crt'),
    key: join(folder, 'server.key'),
  };
  const [authority, certificate, key] = [paths.authority, paths.certificate, paths.key].map(readPrivateFile);
  if (authority && certificate && key && [authority, certificate].every((pem) => isGood(pem, clock.now()))) {
    return { authority, certificate, key };
  }
  const made = await makeCertificates(clock.now());
  writePrivateFile(paths.key, made.key);
  writePrivateFile(paths.certificate, made.certificate);
  writePrivateFile(paths.authority, made.authority);
  return made;
}

/** Readable, begun, and not about to end. */
function isGood(pem: string, nowMs: number): boolean {
  try {
    const { validFrom, validTo } = new X509Certificate(pem);
    return Date.parse(validFrom) <= nowMs && nowMs < Date.parse(validTo) - RENEWAL_MS;
  } catch {
    return false; // a damaged file is replaced
  }
}

/** The authority's key is not kept: nothing else is ever signed with it. */
async function makeCertificates(nowMs: number): Promise<Certificates> {
  await import('reflect-metadata'); // the library below needs it to be there first
  const x509 = await import('@peculiar/x509');
  const { subtle } = globalThis.crypto;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const authorityKeys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serverKeys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const dates = { notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + LIFETIME_MS) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    serialNumber: serialNumber(),
    name: 'CN=larder-embedded-ca',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const alternatives = [
    ...NAMES.map((value) => ({ type: 'dns' as const, value })),
    ...ADDRESSES.map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    ...dates,
    serialNumber: serialNumber(),
    subject: 'CN=larder-embedded',
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const key = await subtle.exportKey('pkcs8', serverKeys.privateKey);
  return {
    authority: `${authority.toString('pem')}\n`,
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
  };
}

/** Positive, and never the same twice: clients remember issuer and serial number. */
function serialNumber(): string {
  const bytes = globalThis.crypto.getRandomValues(Buffer.alloc(16));
  return `0${bytes.toString('hex').slice(1)}`;
}
