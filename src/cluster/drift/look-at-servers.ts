/** The certificates that the API servers show, and the one that this machine shows them. */
import { X509Certificate } from 'node:crypto';
import type { TlsMaterial } from '../../kube/credentials.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { certificateFindings } from './certificates.ts';
import { blind, type Looked, nothing, together } from './finding.ts';
import { serverCertificate } from './server-certificate.ts';

export interface ServersOptions {
  readonly spec: ClusterSpec;
  /** Of the kubeconfig. */
  readonly server: string;
  readonly tls: TlsMaterial;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export async function lookAtServers(options: ServersOptions): Promise<Looked> {
  const places = placesOf(options);
  const shown = await Promise.all(places.map((place) => lookAt(place, options)));
  return together([...shown, ownCertificate(options)]);
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** The address of the kubeconfig, and every server by itself: a load balancer shows one of them. */
function placesOf({ spec, server }: ServersOptions): readonly Place[] {
  const url = new URL(server);
  const reached =
    url.protocol === 'https:' ? [{ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 443) }] : [];
  const servers = spec.nodes
    .filter(({ role }) => role === 'server-agent')
    .map(({ address }) => ({ host: address, port: spec.api.port }));
  const all = [...reached, ...servers];
  return all.filter(
    ({ host, port }, index) => all.findIndex((other) => other.host === host && other.port === port) === index,
  );
}

async function lookAt({ host, port }: Place, { tls, clock, signal }: ServersOptions): Promise<Looked> {
  const object = `API server ${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { ca, servername } = tls;
  if (ca === undefined) return blind('certificate', object, 'the kubeconfig has no CA to check it with');
  const said = await serverCertificate({
    ...{ host, port, ca, clock },
    ...(servername === undefined ? {} : { servername }),
    ...(signal === undefined ? {} : { signal }),
  });
  switch (said.kind) {
    case 'shown':
      return { ...nothing, findings: certificateFindings([{ object, endsAt: said.endsAt }], clock.now()) };
    case 'refused':
      return {
        ...nothing,
        findings: [{ kind: 'certificate', object, message: `shows a certificate that no client takes: ${said.why}` }],
      };
    case 'strange':
      return blind('certificate', object, `something else answers there, not signed by the cluster's CA: ${said.why}`);
    case 'unreachable':
      return blind('certificate', object, said.why);
    default:
      return said satisfies never;
  }
}

function ownCertificate({ tls, clock }: ServersOptions): Looked {
  if (tls.cert === undefined) return nothing;
  const endsAt = Date.parse(new X509Certificate(tls.cert).validTo);
  // Of a person's own certificate of some hours nobody is to be told every time.
  if (endsAt - Date.parse(new X509Certificate(tls.cert).validFrom) < SHORT_MS) return nothing;
  return {
    ...nothing,
    findings: certificateFindings([{ object: 'client certificate of the kubeconfig', endsAt }], clock.now()),
  };
}

const SHORT_MS = 7 * 86_400_000;
