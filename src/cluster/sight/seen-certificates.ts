/** The certificates that a cluster shows to whoever connects, and the one that this process shows it. Nothing is sent but a greeting. */
import { X509Certificate } from 'node:crypto';
import type { TlsMaterial } from '../../kube/credentials.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { serverCertificate } from '../drift/server-certificate.ts';
import type { CertificateRow } from './answer.ts';
import type { LiveNode } from './live-node.ts';

export interface SeenCertificatesOptions {
  /** URL of the API server. */
  readonly server: string;
  readonly tls: TlsMaterial;
  readonly nodes: readonly LiveNode[];
  readonly clock: Clock;
}

interface Place {
  readonly object: string;
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

/** So many are greeted at once; who does not answer takes ten seconds. */
const AT_ONCE = 16;
/** Then no more are greeted: somebody waits for the answer. */
const ENOUGH_MS = 20_000;

/** That of the API server first, then the nodes in their order. Rejects only when the caller aborted. */
export async function seenCertificates(
  options: SeenCertificatesOptions,
  signal?: AbortSignal,
): Promise<readonly CertificateRow[]> {
  const places = placesOf(options);
  const rows: CertificateRow[] = [];
  const begun = options.clock.monotonic();
  for (let at = 0; at < places.length; at += AT_ONCE) {
    const some = places.slice(at, at + AT_ONCE);
    const isLate = options.clock.monotonic() - begun > ENOUGH_MS;
    rows.push(...(isLate ? some.map(unseen) : await Promise.all(some.map((place) => rowOf(place, options, signal)))));
  }
  return [...rows, ...ownCertificate(options)];
}

function placesOf({ server, nodes }: SeenCertificatesOptions): readonly Place[] {
  const url = new URL(server);
  const kubelets = nodes.flatMap(({ name, addresses: [host], kubeletPort: port }): readonly Place[] =>
    host === undefined || port === 0 ? [] : [{ object: 'kubelet', node: name, host, port }],
  );
  if (url.protocol !== 'https:') return kubelets;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return [{ object: `API server ${url.host}`, node: '', host, port: Number(url.port || 443) }, ...kubelets];
}

function unseen({ object, node }: Place): CertificateRow {
  return { object, node, isRefused: false, why: 'not looked at: those before it took too long to answer' };
}

async function rowOf(
  { object, node, host, port }: Place,
  { tls, clock }: SeenCertificatesOptions,
  signal?: AbortSignal,
): Promise<CertificateRow> {
  const about = { object, node, isRefused: false };
  const { ca, servername } = tls;
  if (ca === undefined) return { ...about, why: 'there is no CA of the cluster to check it with' };
  const said = await serverCertificate({
    ...{ host, port, ca, clock },
    ...(servername === undefined || node !== '' ? {} : { servername }),
    ...(signal === undefined ? {} : { signal }),
  });
  switch (said.kind) {
    case 'shown':
      return Number.isNaN(said.endsAt)
        ? { ...about, why: 'its end cannot be read' }
        : { ...about, endsAt: said.endsAt };
    case 'refused':
      return { ...about, why: said.why, isRefused: true };
    case 'strange':
      return { ...about, why: `the CA of the cluster has not signed it: ${said.why}` };
    case 'unreachable':
      return { ...about, why: said.why };
    default:
      return said satisfies never;
  }
}

function ownCertificate({ tls: { cert } }: SeenCertificatesOptions): readonly CertificateRow[] {
  if (cert === undefined) return [];
  const endsAt = Date.parse(new X509Certificate(cert).validTo);
  return [{ object: 'client certificate of Larder', node: '', endsAt, isRefused: false }];
}
