/** The embedded API over TLS with the volume controllers and the node, and nothing of Larder beside it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbedded } from '../../src/embedded/cluster.ts';
import { createNode } from '../../src/embedded/nodes.ts';
import { serve } from '../../src/embedded/server.ts';
import { createVolumeControllers } from '../../src/embedded/volumes.ts';
import { createClient, createManager } from '../../src/kube/index.ts';
import { systemClock as clock, systemRandom as random } from '../../src/telemetry/clock.ts';
import { createLog } from '../../src/telemetry/log.ts';

export interface Cluster {
  /** Path. */
  readonly kubeconfig: string;
  /** The name of the one node. */
  readonly node: string;
  /** An existing folder, as the spec of a volume of that node. */
  readonly localVolume: object;
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** Whether the node that stands in is there. Default true. */
  readonly node?: boolean;
}

/** Everything is kept below `folder`. */
export async function startCluster(folder: string, options: ClusterOptions = {}): Promise<Cluster> {
  const log = createLog({ level: 'warn' });
  const base = { clock, random, log };
  const embedded = await createEmbedded({ ...base, dataDir: join(folder, 'state') });
  const kubeconfig = join(folder, 'kubeconfig');
  const server = await serve({ ...base, embedded, dataDir: join(folder, 'state'), kubeconfig });

  const client = createClient({ ...base, transport: embedded.transport });
  const volumes = createVolumeControllers({ ...base, client });
  const node = createNode({
    ...base,
    client,
    caches: volumes.shared,
    name: 'here',
    version: 'v1.36.3',
    directoryOf: ({ spec }) => spec.local?.path,
  });
  const manager = createManager({ log });
  for (const cache of volumes.caches) manager.addCache(cache);
  for (const controller of volumes.controllers) manager.addController(controller);
  if (options.node ?? true) {
    for (const controller of node.controllers) manager.addController(controller);
    manager.onLeading(({ signal }) => node.run(signal));
  }
  const end = new AbortController();
  const running = manager.run(end.signal);

  const path = join(folder, 'volume');
  mkdirSync(path);
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: ['here'] };
  return {
    kubeconfig,
    node: 'here',
    localVolume: {
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
    },
    async close() {
      end.abort();
      await running;
      await server.close();
      embedded.close();
    },
  };
}
