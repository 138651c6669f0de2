/** One claim on the storage of a cluster, filled by a pod, until the operator has made it larger. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, connect, isKubeError, kinds } from '../../src/kube/index.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { post } from '../e2e/account.ts';
import { eventually, type RunningOperator, startOperator } from '../e2e/larder.ts';
import { type Gate, openGate } from './gate.ts';
import { labelOf } from './sweep.ts';
import type { Target } from './target.ts';

export interface Disk {
  readonly target: Target;
  readonly client: Client;
  readonly run: string;
  readonly storageClass: string;
  readonly gib: number;
  /** Of a container with a shell and dd. */
  readonly image: string;
  /** Where kubelets can be reached from here; else the API server is asked to ask them. */
  readonly kubelet: { readonly authority: string | undefined; readonly tokenFile: string | undefined };
}

const CLAIM = 'disk';
/** A cloud takes some minutes for each step. */
const PATIENCE_SECONDS = 15 * 60;

/** Undefined when the disk grew; else what happened instead. */
export async function grow(disk: Disk, say: (line: string) => void): Promise<string | undefined> {
  const { target, client, run, gib } = disk;
  const namespace = `${run}-cloud`;
  const folder = mkdtempSync(join(tmpdir(), 'larder-cloud-'));
  const { transport } = await connect({ kubeconfig: target.textIn(namespace), clock: systemClock });
  const gate = await openGate({ transport, prefix: namespace, token: randomBytes(24).toString('base64url') });
  let operator: RunningOperator | undefined;
  let volume = '';
  try {
    await prepare(disk, namespace);
    operator = await startOperator(argsFor(disk, gate, folder));
    volume = await boundTo(client, namespace);
    say(`bound to ${volume}; the pod fills it`);
    const size = await eventually('the disk to be larger', () => grownIn(client, namespace, gib), PATIENCE_SECONDS);
    say(`✓ the disk behind ${namespace}/${CLAIM} grew from ${gib}Gi to ${size}`);
    return undefined;
  } catch (failure) {
    const { items } = await client.list(kinds.Event, { namespace });
    const told = items.map(({ reason, message }) => `  ${reason}: ${message}`);
    return [String(failure), ...told].join('\n');
  } finally {
    operator?.kill('SIGKILL');
    await gate.close();
    await transport.close();
    rmSync(folder, { recursive: true, force: true });
    await removed(client, namespace, volume);
  }
}

function argsFor({ kubelet, run }: Disk, gate: Gate, folder: string): readonly string[] {
  const kubeconfig = join(folder, 'operator');
  writeFileSync(kubeconfig, gate.kubeconfig, { mode: 0o600 });
  const { authority, tokenFile } = kubelet;
  const direct =
    authority === undefined || tokenFile === undefined
      ? []
      : ['--kubelet-ca', authority, '--kubelet-token-file', tokenFile];
  return [
    ...['--kubeconfig', kubeconfig, '--leader-election', 'false', '--allow-local', '--export', `local:${folder}`],
    ...['--provisioner-name', `${run}-directory`, '--watch-interval', '5s', '--kubelet-interval', '5s'],
    ...['--kubelet', direct.length > 0 ? 'direct' : 'proxy', ...direct],
  ];
}

async function prepare({ client, run, storageClass, gib, image }: Disk, namespace: string): Promise<void> {
  const labels = labelOf(run);
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: CLAIM,
      namespace,
      annotations: {
        'pvc-chonker.io/enabled': 'true',
        'pvc-chonker.io/increase': '1Gi',
        'pvc-chonker.io/max-size': `${gib + 1}Gi`,
      },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClass,
      resources: { requests: { storage: `${gib}Gi` } },
    },
  });
  await eventually('the account of the pod', () =>
    client.get(kinds.ServiceAccount, { namespace, name: 'default' }).catch((failure: unknown) => {
      if (isKubeError(failure, 'KUBE_NOT_FOUND')) return undefined;
      throw failure;
    }),
  );
  // Filesystems keep some of a disk for themselves, so that this share of its size is more of what they offer.
  const fill = `dd if=/dev/zero of=/disk/fill bs=1M count=${Math.floor(gib * 1024 * 0.88)} && sync && sleep 86400`;
  await post(client, `/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'filler', namespace },
    spec: {
      restartPolicy: 'Never',
      containers: [
        { name: 'filler', image, command: ['sh', '-c', fill], volumeMounts: [{ name: 'disk', mountPath: '/disk' }] },
      ],
      volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: CLAIM } }],
    },
  });
}

async function boundTo(client: Client, namespace: string): Promise<string> {
  return eventually(
    'the claim to be Bound',
    async () => {
      const { status, spec } = await client.get(kinds.PersistentVolumeClaim, { namespace, name: CLAIM });
      return status?.phase === 'Bound' ? spec.volumeName : undefined;
    },
    PATIENCE_SECONDS,
  );
}

async function grownIn(client: Client, namespace: string, gib: number): Promise<string | undefined> {
  const { status } = await client.get(kinds.PersistentVolumeClaim, { namespace, name: CLAIM });
  const size = status?.capacity?.['storage'];
  return size === undefined || size === `${gib}Gi` ? undefined : size;
}

/** Until the driver has removed the disk, which nobody else would. @throws naming the volume when it does not. */
async function removed(client: Client, namespace: string, volume: string): Promise<void> {
  await client.delete(kinds.Pod, { namespace, name: 'filler' }, { gracePeriodSeconds: 0 }).catch(() => undefined);
  await client.delete(kinds.PersistentVolumeClaim, { namespace, name: CLAIM }).catch(() => undefined);
  if (volume === '') return;
  await eventually(
    `volume ${volume} to be removed by its driver: look for its disk`,
    async () => {
      const there = await client.get(kinds.PersistentVolume, { name: volume }).then(
        () => true,
        (failure: unknown) => !isKubeError(failure, 'KUBE_NOT_FOUND'),
      );
      return there ? undefined : true;
    },
    PATIENCE_SECONDS,
  );
}
