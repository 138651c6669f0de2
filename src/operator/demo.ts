import { randomBytes } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import { type Clock, sleep } from '../telemetry/clock.ts';

const NAMESPACE = 'demo';
const MIB = 1024 * 1024;

/** What a visitor finds: one claim that fills up and grows, one that is half full, one that nobody manages. */
const claims = [
  { name: 'photos', volumeName: 'photos_data', fillMib: 34, grows: true },
  { name: 'database', volumeName: 'database_data', fillMib: 8, grows: true },
  { name: 'mail', volumeName: 'mail_data', fillMib: 3, grows: false },
] as const;

const growth = {
  'pvc-chonker.io/enabled': 'true',
  'pvc-chonker.io/increase': '50%',
  'pvc-chonker.io/min-scale-up': '4Mi',
  'pvc-chonker.io/max-size': '64Mi',
  'pvc-chonker.io/cooldown': '10s',
};

export interface DemoOptions {
  readonly client: Client;
  /** The export's root; the demo writes there as a pod would. */
  readonly root: string;
  readonly clock: Clock;
}

/** Makes the demo's claims (once: a claim that is there stays as it is) and fills them, 1 MiB a second. */
export async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  await createUnlessThere(() =>
    options.client.create(kinds.Namespace, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    }),
  );
  await Promise.all(claims.map((claim) => makeAndFill(options, claim, signal)));
}

async function makeAndFill(options: DemoOptions, claim: (typeof claims)[number], signal: AbortSignal): Promise<void> {
  await createUnlessThere(() =>
    options.client.create(kinds.PersistentVolumeClaim, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: claim.name,
        namespace: NAMESPACE,
        annotations: { 'volume-name': claim.volumeName, ...(claim.grows ? growth : {}) },
      },
      spec: {
        accessModes: ['ReadWriteMany'],
        storageClassName: 'glusterfs-nfs',
        resources: { requests: { storage: '20Mi' } },
      },
    }),
  );
  const directory = join(options.root, `glusterfs_${claim.volumeName}`);
  while (!(await exists(directory))) await sleep(options.clock, 200, signal);
  for (let written = 0; written < claim.fillMib; written += 1) {
    const file = join(directory, `file-${String(written).padStart(3, '0')}`);
    if (await exists(file)) continue;
    await writeFile(file, randomBytes(MIB));
    await sleep(options.clock, 1_000, signal);
  }
}

async function createUnlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (failure) {
    if (!isKubeError(failure, 'KUBE_ALREADY_EXISTS')) throw failure;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
