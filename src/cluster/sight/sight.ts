/** What can be seen of the cluster itself from where the operator runs: looked at when somebody asks, and changed by nothing here. */
import type { TlsMaterial } from '../../kube/credentials.ts';
import { type Client, defineResource } from '../../kube/index.ts';
import { isObject } from '../../kube/reader.ts';
import type { Acknowledgement } from '../../ledger/entity.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { alertRows } from '../alerts/alert-rows.ts';
import type { Alertmanager } from '../alerts/alertmanager.ts';
import type { WholeObject } from '../change/compare.ts';
import { WatchError } from '../registry.ts';
import type { AlertsAnswer, CertificatesAnswer, NodesAnswer } from './answer.ts';
import { liveNode } from './live-node.ts';
import { recently } from './recently.ts';
import { seenCertificates } from './seen-certificates.ts';
import { wantedOf } from './wanted.ts';

export interface SightOptions {
  readonly client: Client;
  /** As a person names it. */
  readonly cluster: string;
  readonly isEmbedded: boolean;
  /** The API server and what is trusted of it; absent: it shows no certificate. */
  readonly api?: () => Promise<{ readonly server: string; readonly tls: TlsMaterial }>;
  /** cluster.yaml of the operators' repository. */
  readonly file?: string;
  readonly alerts?: Alertmanager;
  readonly clock: Clock;
}

/** What the ledger knows of alerts that somebody took; a text says why it cannot be asked. */
export type Acknowledgements = ReadonlyMap<string, Acknowledgement> | string;

/** Methods reject with KubeError where the API cannot be asked. */
export interface Sight {
  nodes(signal: AbortSignal): Promise<NodesAnswer>;
  certificates(signal: AbortSignal): Promise<CertificatesAnswer>;
  alerts(acknowledgements: Acknowledgements): Promise<AlertsAnswer>;
}

/** Several open pages are one reader. */
const NODES_MS = 3_000;
/** A certificate ends in months. */
const CERTIFICATES_MS = 5 * 60_000;

const nodeResource = defineResource<WholeObject>(
  { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false },
  (raw) => ({ whole: isObject(raw) ? raw : {} }),
);

export function createSight(options: SightOptions): Sight {
  const { client, clock, cluster, isEmbedded, api, file } = options;
  const nodes = recently(clock, NODES_MS, async (signal): Promise<NodesAnswer> => {
    const [{ items }, wanted] = await Promise.all([client.list(nodeResource, { signal }), wantedOf(file, clock.now())]);
    const live = items.map(({ whole }) => liveNode(whole)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return { at: clock.now(), cluster, isEmbedded, nodes: live, wanted };
  });
  const certificates = recently(clock, CERTIFICATES_MS, async (signal): Promise<CertificatesAnswer> => {
    if (api === undefined) return { at: clock.now(), isEmbedded, certificates: [] };
    // The node that stands in for one speaks no TLS.
    const shown = isEmbedded ? [] : (await nodes(signal)).nodes;
    const seen = await seenCertificates({ ...(await api()), nodes: shown, clock }, signal);
    return { at: clock.now(), isEmbedded, certificates: seen };
  });
  return { nodes, certificates, alerts: (acknowledgements) => alertsOf(options, acknowledgements) };
}

async function alertsOf({ alerts, clock }: SightOptions, known: Acknowledgements): Promise<AlertsAnswer> {
  const now = clock.now();
  if (alerts === undefined) return { at: now, alerts: { kind: 'unset' } };
  const seen = await Promise.all([alerts.alerts(), alerts.silences()]).catch((cause: unknown) => {
    if (cause instanceof WatchError) return `${cause.message} (${cause.code})`;
    throw cause;
  });
  if (typeof seen === 'string') return { at: now, alerts: { kind: 'unusable', why: seen } };
  const [all, silences] = seen;
  const acknowledgements = typeof known === 'string' ? new Map<string, Acknowledgement>() : known;
  const rows = alertRows(all, { silences, acknowledgements, now });
  const unrecorded = typeof known === 'string' ? known : '';
  return { at: now, alerts: { kind: 'known', value: { name: alerts.name, rows, unrecorded } } };
}
