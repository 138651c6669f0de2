/** Looks at the whole cluster, and changes nothing in it. */

import type { TlsMaterial } from '../../kube/credentials.ts';
import type { Client } from '../../kube/index.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Tree } from '../change/tree.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { blind, type DriftKind, type Looked, nothing, together } from './finding.ts';
import { type HostsOptions, lookAtHosts } from './look-at-hosts.ts';
import { lookAtObjects, type SeenLedger } from './look-at-objects.ts';
import { lookAtServers } from './look-at-servers.ts';

/** The cluster's API; a text says why it cannot be asked. */
export interface ReachedApi {
  readonly client: Client;
  /** URL. */
  readonly server: string;
  readonly tls: TlsMaterial;
}

export interface LookOptions {
  readonly spec: ClusterSpec;
  readonly kinds: readonly DriftKind[];
  readonly api: ReachedApi | string;
  readonly tree: Tree;
  readonly ledger: SeenLedger;
  readonly hosts: Omit<HostsOptions, 'spec' | 'kinds' | 'clock' | 'signal'>;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

const OF_API: readonly DriftKind[] = ['manifest', 'orphan', 'node', 'version', 'unlogged-change'];
const OF_HOSTS: readonly DriftKind[] = ['host', 'host-state', 'certificate'];

/** Findings of kinds that were not asked for may be among them. Rejects only when the caller aborted. */
export async function look(options: LookOptions): Promise<Looked> {
  const { spec, kinds, hosts, clock, signal } = options;
  const calling = signal === undefined ? {} : { signal };
  const asks = (some: readonly DriftKind[]): boolean => some.some((kind) => kinds.includes(kind));
  return together(
    await Promise.all([
      asks(OF_API) ? objects(options) : nothing,
      asks(['certificate']) ? servers(options) : nothing,
      asks(OF_HOSTS) ? lookAtHosts({ ...hosts, ...calling, spec, kinds, clock }) : nothing,
    ]),
  );
}

async function objects({ api, spec, tree, ledger, kinds, clock, signal }: LookOptions): Promise<Looked> {
  if (typeof api === 'string') return together(OF_API.map((kind) => blind(kind, 'API server', api)));
  return lookAtObjects({ client: api.client, clock, spec, tree, ledger, kinds, ...(signal && { signal }) });
}

async function servers({ api, spec, clock, signal }: LookOptions): Promise<Looked> {
  if (typeof api === 'string') return blind('certificate', 'API server', api);
  return lookAtServers({ spec, server: api.server, tls: api.tls, clock, ...(signal && { signal }) });
}
