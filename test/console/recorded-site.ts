/** A Larder whose three claims had 30 days before it was started, as its history has them. */
import { join } from 'node:path';
import { freshConsole } from '../../console/build.ts';
import { openHistory } from '../../src/expand/usage/history-store.ts';
import { type Client, kinds } from '../../src/kube/index.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { bound, clientOf } from '../e2e/claims.ts';
import { type Larder, startLarder, temporaryFolder } from '../e2e/larder.ts';

const GI = 1024 ** 3;
const DAY_MS = 86_400_000;
const EVERY_MS = 1_800_000;
export const NAMESPACE = 'default';

export interface RecordedSite {
  readonly larder: Larder;
  readonly client: Client;
  /** A folder that goes with it. */
  folder(): string;
  end(): Promise<void>;
}

/** `db-0`, `db-1` (workload: database) and `web` of 1Gi each; each fills more than the one before. `args`: for `larder up`. */
export async function recordedSite(args: readonly string[] = []): Promise<RecordedSite> {
  await freshConsole();
  const removals: (() => void)[] = [];
  const folder = (): string => temporaryFolder((remove) => removals.push(remove));
  const data = folder();
  const first = await startLarder(data, args);
  const before = await clientOf(first);
  const uids = await Promise.all([
    makeClaim(before, 'db-0', { workload: 'database' }),
    makeClaim(before, 'db-1', { workload: 'database' }),
    makeClaim(before, 'web', { workload: 'web' }),
  ]);
  first.kill('SIGTERM');
  await first.exited;
  remember(join(data, 'history.db'), uids);
  const larder = await startLarder(data, args);
  return {
    ...{ larder, folder, client: await clientOf(larder) },
    async end() {
      larder.kill('SIGKILL');
      await larder.exited;
      for (const remove of removals) remove();
    },
  };
}

function remember(path: string, uids: readonly string[]): void {
  const now = systemClock.now();
  const log = createLog({ level: 'error' });
  const store = openHistory({ path, clock: systemClock, log, retentionMs: 60 * DAY_MS });
  for (const [index, uid] of uids.entries()) {
    const from = now - 30 * DAY_MS;
    const times = Array.from({ length: (30 * DAY_MS) / EVERY_MS }, (_, step) => from + step * EVERY_MS);
    store.add(
      times.map((at) => {
        const used = GI * (0.2 + (0.6 + 0.15 * index) * ((at - from) / (30 * DAY_MS)));
        return { uid, at, usedBytes: BigInt(Math.round(used)), capacityBytes: BigInt(GI) };
      }),
    );
  }
  store.close();
}

async function makeClaim(client: Client, name: string, labels: Record<string, string>): Promise<string> {
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: NAMESPACE, labels },
    spec: { accessModes: ['ReadWriteMany'], storageClassName: 'larder', resources: { requests: { storage: '1Gi' } } },
  });
  const { claim } = await bound(client, NAMESPACE, name);
  return claim.metadata.uid;
}
