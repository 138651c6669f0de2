/** A cluster without any export: an API, a claim of a CSI class, and what measures and grows its volume. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createEmbedded } from '../../src/embedded/cluster.ts';
import { serve } from '../../src/embedded/server.ts';
import type { Client } from '../../src/kube/index.ts';
import { systemClock as clock, systemRandom as random } from '../../src/telemetry/clock.ts';
import { silentLog as log } from '../../src/telemetry/log.ts';
import { startFleet } from '../kubelet/fleet.ts';
import { type FakeKubelets, startKubelets } from '../kubelet/kubelet.ts';
import { startResizer } from '../tools/resizer.ts';
import { clientOf } from './claims.ts';
import { type RunningOperator, startOperator, temporaryFolder } from './larder.ts';

const DRIVER = 'disks.csi.example.com';

export interface Exportless {
  readonly client: Client;
  /** `larder operator --no-provisioner` with more words; killed at the end of the test. */
  start(...words: readonly string[]): Promise<RunningOperator>;
  /** Words with which it asks the kubelets. */
  readonly asking: readonly string[];
}

/** The claim is `default/data`, has 10Gi, is 90 % full and is to grow. */
export async function exportless(t: TestContext): Promise<Exportless> {
  const kubeconfig = await apiFor(t);
  const client = await clientOf({ kubeconfig });
  const kubelets = await startKubelets();
  t.after(() => kubelets.close());
  const fleet = await startFleet({
    ...{ client, kubelets, namespace: 'default', nodes: 1, provisioner: DRIVER, inFlight: 1 },
    claims: [{ name: 'data', gib: 10, used: 0.9 }],
  });
  const resizer = await startResizer({
    ...{ client, provisioner: DRIVER, grown: fleet.grow },
    expand: () => ({ kind: 'grown', node: false }),
  });
  t.after(() => resizer.close());
  return {
    client,
    asking: askingOf(kubelets),
    async start(...words) {
      const running = await startOperator([
        ...['--kubeconfig', kubeconfig, '--no-provisioner', '--leader-election', 'false'],
        ...['--watch-interval', '1s', '--kubelet-interval', '1s', ...words],
      ]);
      t.after(() => running.kill('SIGKILL'));
      return running;
    },
  };
}

/** An API and nothing that works beside it. Returns the path of its kubeconfig. */
export async function apiFor(t: TestContext): Promise<string> {
  const folder = temporaryFolder((remove) => t.after(remove));
  const dataDir = join(folder, 'state');
  const kubeconfig = join(folder, 'kubeconfig');
  const embedded = await createEmbedded({ clock, random, log, dataDir });
  const server = await serve({ clock, random, log, embedded, dataDir, kubeconfig });
  t.after(async () => {
    await server.close();
    await embedded.close();
  });
  return kubeconfig;
}

const askingOf = ({ authorityFile, tokenFile }: FakeKubelets): readonly string[] => [
  ...['--kubelet', 'direct', '--kubelet-ca', authorityFile, '--kubelet-token-file', tokenFile],
];
