/** The cluster itself on the console: nodes, certificates, alerts, and what the records say. Whoever puts the process together brings what looks. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from '../../http/registry.ts';
import type { Client } from '../../kube/client.ts';
import type { TlsMaterial } from '../../kube/credentials.ts';
import { messageOf } from '../../kube/error.ts';
import type { ClusterRecords } from '../../ledger/cluster-records.ts';
import { needOf } from '../access/need.ts';
import type { Viewer } from '../access/viewer.ts';
import type { LedgerReader } from '../ledger/reader.ts';

/** What the ledger knows; a text says why it cannot be asked, or that there is none. */
export type KnownRecords = ClusterRecords | string;

/** Answers as `src/cluster/sight/answer.ts` has them. Rejects with HttpError where something cannot be asked. */
export interface ClusterSight {
  nodes(signal: AbortSignal): Promise<unknown>;
  certificates(signal: AbortSignal): Promise<unknown>;
  alerts(known: KnownRecords, signal: AbortSignal): Promise<unknown>;
  /** `body` as it came. */
  acknowledge(request: AcknowledgeOrder, signal: AbortSignal): Promise<unknown>;
}

export interface AcknowledgeOrder {
  readonly body: unknown;
  readonly viewer: Pick<Viewer, 'kind' | 'name'>;
  readonly known: KnownRecords;
}

/** Where the operator works. */
export interface SightWorld {
  readonly client: Client;
  /** As a person names it. */
  readonly cluster: string;
  readonly isEmbedded: boolean;
  /** Where it shows certificates; absent: nowhere. */
  readonly api?: () => Promise<{ readonly server: string; readonly tls: TlsMaterial }>;
}

export type OpenClusterSight = (world: SightWorld) => ClusterSight;

interface ClusterRoutes {
  /** Absent: nobody brought one, and the routes say so. */
  readonly sight: ClusterSight | undefined;
  /** Absent: this operator was given none. */
  readonly ledger: LedgerReader | undefined;
}

/** What `/api/cluster/records` answers. */
export type ClusterRecordsAnswer =
  | { readonly kind: 'known'; readonly value: ClusterRecords }
  /** This operator was given no ledger. */
  | { readonly kind: 'unset' }
  | { readonly kind: 'unusable'; readonly why: string };

export function clusterRoutes(app: FastifyInstance, { sight, ledger }: ClusterRoutes, signal: AbortSignal): void {
  const there = (): ClusterSight => {
    if (sight) return sight;
    throw new HttpError('LARDER_HTTP_REFUSED', 409, 'this process was started without what looks at the cluster');
  };
  const known = async (): Promise<KnownRecords> => {
    const answer = await recordsIn(ledger, signal);
    if (answer.kind === 'known') return answer.value;
    return answer.kind === 'unset' ? 'there is no ledger (--ledger)' : answer.why;
  };
  const nodes = { config: { needs: [needOf('see nodes')] } };
  app.get('/api/cluster/nodes', nodes, async () => there().nodes(signal));
  app.get('/api/cluster/certificates', nodes, async () => there().certificates(signal));
  app.get('/api/cluster/records', { config: { needs: [needOf('see ledger')] } }, async () => recordsIn(ledger, signal));
  app.get('/api/cluster/alerts', { config: { needs: [needOf('see alerts')] } }, async () =>
    there().alerts(await known(), signal),
  );
  const taking = { config: { needs: [needOf('acknowledge alerts')] } };
  app.post('/api/cluster/alerts/acknowledge', taking, async ({ viewer, body }: FastifyRequest) =>
    there().acknowledge({ body, viewer, known: await known() }, signal),
  );
}

async function recordsIn(ledger: LedgerReader | undefined, signal: AbortSignal): Promise<ClusterRecordsAnswer> {
  if (ledger === undefined) return { kind: 'unset' };
  try {
    const reply = await ledger.ask('cluster', {}, signal);
    if (reply.kind === 'failed') return { kind: 'unusable', why: `${reply.message} (${reply.code})` };
    return reply.value === null
      ? { kind: 'unusable', why: 'it has no records' }
      : { kind: 'known', value: reply.value };
  } catch (cause) {
    signal.throwIfAborted();
    return { kind: 'unusable', why: messageOf(cause) }; // the rest of the screen does not wait for a thread that failed
  }
}
