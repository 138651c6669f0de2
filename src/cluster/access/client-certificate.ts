/**
 * A certificate for the API of the cluster, signed by the cluster itself (CertificateSigningRequest, certificates.k8s.io/v1). It
 * ends by itself; nothing of Kubernetes can take it back before.
 */
import { createPrivateKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { errorOfResponse, KubeError } from '../../kube/error.ts';
import type { Client } from '../../kube/index.ts';
import { type Clock, sleep } from '../../telemetry/clock.ts';
import { type AccessRefused, accessRefused } from './access-refused.ts';

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
/** Of the server for clients of the API. */
const SIGNER = 'kubernetes.io/kube-apiserver-client';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const POLL_MS = 200;
const LIMIT_MS = 30_000;

export interface Asking {
  readonly client: Client;
  readonly clock: Clock;
  /** Of the object; unique. */
  readonly name: string;
  /** Who it is about: user and group of the API. */
  readonly user: string;
  readonly group: string;
  readonly lifeMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type ClientCertificate =
  | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string }
  | AccessRefused;

export async function clientCertificate(asking: Asking): Promise<ClientCertificate> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const request = await signingRequest(asking, { key, publicKey: publicKey.export({ type: 'spki', format: 'der' }) });
  try {
    await ask(asking, { method: 'POST', path: PATH, body: objectOf(asking, request) });
    const created = await ask(asking, { method: 'GET', path: `${PATH}/${asking.name}` });
    await ask(asking, { method: 'PUT', path: `${PATH}/${asking.name}/approval`, body: approved(created) });
    const certificate = await signed(asking);
    if (certificate !== undefined) return { kind: 'certificate', certificate, key };
    return refusal(`the cluster did not sign it within ${LIMIT_MS / 1000} s: is kube-controller-manager running?`);
  } catch (cause) {
    if (!(cause instanceof KubeError)) throw cause;
    return refusal(cause.message);
  }
}

function refusal(why: string): AccessRefused {
  return accessRefused('LARDER_ACCESS_KUBECONFIG', `no certificate for the API: ${why}`);
}

/** PKCS #10, PEM. */
async function signingRequest(
  { user, group }: Asking,
  { key, publicKey }: { readonly key: string; readonly publicKey: Buffer },
): Promise<string> {
  await import('reflect-metadata'); // before x509, which needs it
  const x509 = await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const der = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  const keys = {
    privateKey: await subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']),
    publicKey: await subtle.importKey('spki', publicKey, ALGORITHM, true, ['verify']),
  };
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [user] }, { O: [group] }],
    keys,
    signingAlgorithm: ALGORITHM,
  });
  return made.toString('pem');
}

function objectOf({ name, lifeMs }: Asking, request: string): object {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: SIGNER,
      expirationSeconds: Math.floor(lifeMs / 1000),
      usages: ['client auth'],
    },
  };
}

function approved(created: unknown): object {
  const object = isRecord(created) ? created : {};
  const status = isRecord(object['status']) ? object['status'] : {};
  const condition = {
    type: 'Approved',
    status: 'True',
    reason: 'LarderAccess',
    message: 'larder cluster access issue',
  };
  return { ...object, status: { ...status, conditions: [condition] } };
}

async function signed(asking: Asking): Promise<string | undefined> {
  const { clock, name, signal } = asking;
  const begun = clock.monotonic();
  while (clock.monotonic() - begun < LIMIT_MS) {
    const object = await ask(asking, { method: 'GET', path: `${PATH}/${name}` });
    const status = isRecord(object) && isRecord(object['status']) ? object['status'] : {};
    const { certificate } = status;
    if (typeof certificate === 'string' && certificate !== '') return Buffer.from(certificate, 'base64').toString();
    await sleep(clock, POLL_MS, signal);
  }
  return undefined;
}

interface Question {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: object;
}

/** @throws KubeError */
async function ask({ client, signal }: Asking, { method, path, body }: Question): Promise<unknown> {
  const request = {
    method,
    path,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const answer = await client.request(request, signal === undefined ? {} : { signal });
  const text = await answer.text();
  if (answer.status >= 300) {
    const { status, headers } = answer;
    throw errorOfResponse(`${method} ${path}`, { status, headers, body: text });
  }
  return JSON.parse(text);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
