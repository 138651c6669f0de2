/** One run of one replica, put together as in production: it ends by being killed, never by being stopped. */
import { type ResolvedConfiguration, resolveConfiguration } from '../../src/expand/settings/configuration.ts';
import type { SampleStore } from '../../src/expand/usage/samples.ts';
import type { UsageSource } from '../../src/expand/usage/source.ts';
import { createClient } from '../../src/kube/client.ts';
import { createLeaseElection } from '../../src/kube/lease.ts';
import type { Transport } from '../../src/kube/transport.ts';
import { createOperator, type Operator } from '../../src/operator/main.ts';
import { createExport } from '../../src/provision/export/export.ts';
import type { ExportDescription, Storage } from '../../src/provision/storage.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics.ts';
import { createChildren } from './child.ts';
import type { ExportFs } from './export-fs.ts';
import type { Host, Scheduler } from './scheduler.ts';
import { EXPORTS, NODE, PROVISIONER, pathOn, SECOND_EXPORT } from './setting.ts';

export interface LarderOptions {
  readonly scheduler: Scheduler;
  readonly host: Host;
  readonly transport: Transport;
  readonly fs: ExportFs;
  /** Undefined: it is the only one and leads without a lease. */
  readonly identity: string | undefined;
  /** What the expander keeps on the disk of its node. */
  readonly samples: SampleStore;
  /** Asked for what is no directory. */
  readonly usage: readonly UsageSource[];
  /** What an administrator configured, by key. */
  readonly configured: Readonly<Record<string, string>>;
  /** Stands between an export and those who measure on it. */
  readonly between: (storage: Storage) => Storage;
}

export interface Larder {
  readonly storages: readonly Storage[];
  /** Its living children, of all exports. */
  readonly children: () => readonly Host[];
  /** What a command line asks of it. */
  readonly operations: Operator['operations'];
  /** What an API server asks of it. */
  readonly admission: Operator['admission'];
}

/** Slower than the defaults, so that virtual days cost little; what matters is how the times compare. */
const LEASE = { leaseMs: 600_000, renewMs: 400_000, retryMs: 120_000 } as const;
const PROBE = { minMs: 5_000, maxMs: 600_000 } as const;
export const WATCH_INTERVAL_MS = 600_000;

function configurationOf(configured: LarderOptions['configured']): ResolvedConfiguration {
  const resolved = resolveConfiguration({
    flags: { watchInterval: `${WATCH_INTERVAL_MS / 1000}s`, ...configured },
    env: {},
    file: undefined,
  });
  if (resolved.kind === 'invalid') throw new Error(resolved.problems.map(({ message }) => message).join('; '));
  return resolved;
}

export function startLarder(options: LarderOptions): Larder {
  const { scheduler, host, fs, identity } = options;
  const world = { clock: host.clock, random: host.random, log: silentLog };
  const client = createClient({ ...world, transport: options.transport, userAgent: 'larder/0' });
  const descriptions: readonly ExportDescription[] = fs.servers.length > 1 ? [...EXPORTS, SECOND_EXPORT] : EXPORTS;
  const exports = descriptions.map((description) => {
    const local = description.backend === 'local';
    const { server } = fs.place(pathOn(description, []));
    const children = createChildren({ scheduler, fs, server, parent: host, local });
    const { factory } = children;
    const storage = createExport({ ...world, description, allowLocal: local, childFactory: factory, probe: PROBE });
    return { children, storage: options.between(storage) };
  });
  const lease = { ...LEASE, namespace: 'default', name: 'larder' };
  const storages = exports.map(({ storage }) => storage);
  const operator = createOperator({
    ...world,
    client,
    storages,
    configuration: configurationOf(options.configured),
    cluster: 'simulation',
    ...(identity === undefined ? {} : { election: createLeaseElection({ ...world, ...lease, client, identity }) }),
    usageSources: options.usage,
    samples: options.samples,
    provisionerNames: [PROVISIONER],
    defaultOwner: { uid: 0, gid: 0 },
    nodeName: NODE,
    allowLocal: false,
    metrics: new MetricsRegistry(),
  });
  void operator.run(new AbortController().signal);
  const { operations, admission } = operator;
  return { storages, operations, admission, children: () => exports.flatMap(({ children }) => children.living()) };
}
