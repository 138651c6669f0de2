/** The server's certificate and the authority that signed it, made at the first start and renewed before they end. */
import { X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority, signServer } from '../kube/certificate.ts';
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
  const validity = { from: nowMs - BACKDATE_MS, until: nowMs + LIFETIME_MS };
  const authority = await makeAuthority('larder-embedded-ca', validity);
  const names = { name: 'larder-embedded', hosts: [...NAMES, ...ADDRESSES] };
  return { authority: authority.certificate, ...(await signServer(authority, names, validity)) };
}
