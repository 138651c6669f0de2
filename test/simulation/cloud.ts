/**
 * A cloud beside the export: a driver that makes volumes and grows them as far as it can and likes to, in the words of
 * Kubernetes' own resizer, applications that fill them, and the kubelet that says how full they are.
 */
import type { Sample, UsageSource } from '../../src/expand/usage/source.ts';
import type { Client } from '../../src/kube/client.ts';
import { isKubeError } from '../../src/kube/error.ts';
import { kinds } from '../../src/kube/kinds.ts';
import { bytesOf } from '../../src/kube/quantity.ts';
import { pathOf } from '../../src/kube/resource.ts';
import { sleep } from '../../src/telemetry/clock.ts';
import { CLOUD, type GrowthAct } from './growth-acts.ts';
import type { Act } from './history.ts';
import type { Liar } from './liar.ts';
import type { Host } from './scheduler.ts';
import { CLOUD_DRIVER } from './setting.ts';
import type { ClaimTruth, Truth } from './truth.ts';
import { post } from './users.ts';

export interface CloudOptions {
  readonly host: Host;
  /** Without trouble. */
  readonly client: Client;
  readonly truth: Truth;
  readonly liar: Liar;
  /** Milliseconds since the start of the history. */
  readonly clockMs: () => number;
}

export interface Cloud {
  /** Works for as long as its host lives. */
  run(): Promise<void>;
  change(act: GrowthAct & { kind: 'driver' }): void;
  /** False: the claim is for a directory. */
  fill(act: Act & { kind: 'fill' }): boolean;
  files(act: GrowthAct & { kind: 'files' }): void;
  /** As a replica on that host asks kubelets. */
  source(host: Host): UsageSource;
  /** When it failed to grow which claim, in a row, oldest first; empty while it works. */
  readonly refusals: readonly { readonly key: string; readonly atMs: number }[];
}

const LOOK_MS = 20_000;
const MEASURED_EVERY_MS = 60_000;
const MEBIBYTE = 1n << 20n;
const HUGE = 1n << 60n;
/** As mkfs.ext4 has it. */
const BYTES_PER_INODE = 16_384n;

export function createCloud({ host, client, truth, liar, clockMs }: CloudOptions): Cloud {
  const used = new Map<string, bigint>();
  const files = new Map<string, bigint>();
  /** Sizes with which volumes were made, by uid of the claim: their inodes may be of then. */
  const made = new Map<string, bigint>();
  const refusals: { key: string; atMs: number }[] = [];
  let mostBytes = HUGE;
  let fails = false;
  let inodesStay = false;

  async function make(claim: ClaimTruth): Promise<void> {
    const { namespace, key, uid, request } = claim;
    const [, name = ''] = key.split('/');
    made.set(uid, request);
    await post(client, pathOf(kinds.PersistentVolume), {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `vol-${uid}` },
      spec: {
        capacity: { storage: request.toString() },
        accessModes: claim.object.spec.accessModes,
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: CLOUD,
        csi: { driver: CLOUD_DRIVER, volumeHandle: `vol-${uid}` },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      },
    });
  }

  function write({ namespace, object }: ClaimTruth, status: object): Promise<unknown> {
    const { name } = object.metadata;
    const options = { subresource: 'status' } as const;
    return client.patch(
      kinds.PersistentVolumeClaim,
      { namespace, name },
      { kind: 'merge', value: { status } },
      options,
    );
  }

  async function refuse(claim: ClaimTruth, infeasible: boolean): Promise<void> {
    const { object, request, key } = claim;
    const known = bytesOf(object.status?.allocatedResources?.['storage']);
    if (known === request && object.status?.conditions?.some(({ type }) => type === FAILED.type)) return;
    if (!infeasible) refusals.push({ key, atMs: clockMs() });
    const allocatedResourceStatuses = infeasible ? { storage: 'ControllerResizeInfeasible' } : null;
    await write(claim, {
      allocatedResources: { storage: request.toString() },
      allocatedResourceStatuses,
      conditions: [{ ...FAILED, lastTransitionTime: new Date(host.clock.now()).toISOString() }],
    });
  }

  async function grow(claim: ClaimTruth): Promise<void> {
    const storage = claim.request.toString();
    const value = { spec: { capacity: { storage } } };
    await client.patch(kinds.PersistentVolume, { name: `vol-${claim.uid}` }, { kind: 'merge', value });
    await write(claim, {
      capacity: { storage },
      allocatedResources: null,
      allocatedResourceStatuses: null,
      conditions: null,
    });
  }

  async function look(claim: ClaimTruth): Promise<void> {
    if (claim.volumes.size === 0) return make(claim);
    const capacity = capacityOf(claim);
    if (capacity === 0n || claim.request <= capacity) return;
    if (fails) return refuse(claim, false);
    return claim.request > mostBytes ? refuse(claim, true) : grow(claim);
  }

  function inodesOf(claim: ClaimTruth): { readonly total: bigint; readonly used: bigint } {
    const counted = inodesStay ? made.get(claim.uid) : undefined;
    return { total: (counted ?? capacityOf(claim)) / BYTES_PER_INODE, used: files.get(claim.key) ?? 0n };
  }

  return {
    refusals,
    change(act) {
      mostBytes = act.mostMi === undefined ? HUGE : BigInt(act.mostMi) * MEBIBYTE;
      fails = act.fails === true;
      inodesStay = act.inodesStay === true;
      if (!fails) refusals.length = 0;
    },
    fill({ namespace, name, toMi }) {
      const claim = truth.livingNamed(`${namespace}/${name}`);
      if (claim?.object.spec.storageClassName !== CLOUD) return false;
      used.set(claim.key, BigInt(toMi) * MEBIBYTE);
      return true;
    },
    files({ namespace, name, count }) {
      files.set(`${namespace}/${name}`, BigInt(count));
    },
    source: (asking) => ({
      name: 'kubelet',
      async collect({ subjects, deliver }) {
        await asking.park('scrape');
        for (const { key } of subjects) {
          const claim = truth.livingNamed(key);
          if (claim?.object.spec.storageClassName !== CLOUD) continue;
          const measured = { usedBytes: used.get(key) ?? 0n, at: asking.clock.now(), inodes: inodesOf(claim) };
          const told = liar.measure(key, measured, asking);
          if (!told) deliver({ kind: 'none', key, reason: 'the kubelet does not answer', final: false });
          else deliver({ kind: 'sample', key, sample: sampleOf(capacityOf(claim), told) });
        }
      },
    }),
    async run() {
      for (;;) {
        for (const claim of truth.living()) {
          if (claim.object.spec.storageClassName !== CLOUD) continue;
          try {
            await look(claim);
          } catch (error) {
            if (!isKubeError(error, 'KUBE_NOT_FOUND', 'KUBE_CONFLICT')) throw error;
          }
        }
        await sleep(host.clock, LOOK_MS);
      }
    },
  };
}

const FAILED = { type: 'ControllerResizeError', status: 'True', message: 'simulated' } as const;

function capacityOf({ object }: ClaimTruth): bigint {
  return bytesOf(object.status?.capacity?.['storage']) ?? 0n;
}

type Told = Pick<Sample, 'usedBytes' | 'at'> & { readonly inodes?: Sample['inodes'] };

function sampleOf(capacityBytes: bigint, { at, usedBytes, inodes }: Told): Sample {
  const availableBytes = usedBytes < capacityBytes ? capacityBytes - usedBytes : 0n;
  const place = 'node node-0';
  const from = { origin: 'kubelet', place, everyMs: MEASURED_EVERY_MS, abnormal: false };
  return { at, capacityBytes, availableBytes, usedBytes, inodes, ...from };
}
