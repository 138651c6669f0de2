/** Mounts the claims of the pods on this node, says that they run, and lets them go when they are deleted. */
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import type { PersistentVolume } from '../../kube/kinds.ts';
import { keyOf, nameOf } from '../../kube/object.ts';
import { bytesOf } from '../../kube/quantity.ts';
import { DeadlineExceeded, withDeadline } from '../../telemetry/clock.ts';
import { settleConflict } from '../volumes/claims.ts';
import type { NodeParts } from './parts.ts';
import { hasEnded, type NodePod, nodePods } from './pod.ts';
import type { Sampler } from './sampler.ts';
import { runningStatus, waitingStatus } from './status.ts';
import type { MountedUsage } from './summary.ts';

export interface KubeletParts extends NodeParts {
  readonly sampler: Sampler;
  /** The real directory of a volume; undefined when it has none on this machine. */
  readonly directoryOf: (volume: PersistentVolume) => string | undefined;
  readonly isDirectory: (path: string, signal: AbortSignal) => Promise<boolean>;
}

export interface Kubelet {
  readonly controller: Controller;
  /** Of every mounted volume that has been measured. */
  usages(): readonly MountedUsage[];
}

interface Mount {
  readonly volume: string;
  readonly claim: { readonly namespace: string; readonly name: string };
  readonly volumeName: string;
  readonly directory: string;
}
interface MountedPod {
  readonly pod: MountedUsage['pod'];
  readonly mounts: readonly Mount[];
}

const RETRY_MS = 5_000;
const DISK_DEADLINE_MS = 5_000;

export function createKubelet(parts: KubeletParts): Kubelet {
  const { caches, identity, mounting: notices, sampler } = parts;
  const mounted = new Map<string, MountedPod>();

  const setMounts = (key: string, pod: MountedPod | undefined): void => {
    if (pod) mounted.set(key, pod);
    else if (!mounted.delete(key)) return;
    sampler.watch(new Set([...mounted.values()].flatMap(({ mounts }) => mounts.map(({ directory }) => directory))));
  };

  const controller = createController({
    ...parts,
    name: 'kubelet',
    concurrency: 4,
    async reconcile(key, { signal }) {
      const pod = caches.pods.get(key);
      if (!pod || pod.spec.nodeName !== identity.name || hasEnded(pod) || pod.metadata.deletionTimestamp) {
        setMounts(key, undefined);
        notices.forget(key);
        const leaving = pod?.metadata.deletionTimestamp && pod.spec.nodeName === identity.name;
        return leaving ? settleConflict(() => letGo(parts, pod, signal)) : { kind: 'done' };
      }
      const found = await resolve(parts, pod, signal);
      if (found.kind === 'wait') return { kind: 'done' };
      if (found.kind === 'failed') return settleConflict(() => refuse(parts, { key, pod, signal }, found.message));
      const { name, namespace = '', uid } = pod.metadata;
      setMounts(key, { pod: { name, namespace, uid }, mounts: found.mounts });
      notices.forget(key);
      return settleConflict(() => start(parts, { key, pod, signal }));
    },
  });
  return { controller, usages: () => [...mounted.values()].flatMap((pod) => usagesOf(parts, pod)) };
}

/** The size is looked up now, because it grows while the volume is mounted. */
function usagesOf({ caches, sampler }: KubeletParts, { pod, mounts }: MountedPod): MountedUsage[] {
  return mounts.flatMap(({ volume, claim, volumeName, directory }) => {
    const sample = sampler.latest(directory);
    const capacityBytes = bytesOf(caches.volumes.get(volumeName)?.spec.capacity['storage']);
    if (!sample || capacityBytes === undefined) return [];
    const { usedBytes, inodesUsed, inodes, inodesFree } = sample.measured;
    return [{ pod, volume, claim, capacityBytes, usedBytes, inodesUsed, inodes, inodesFree, at: sample.at }];
  });
}

type Resolution =
  | { readonly kind: 'found'; readonly mounts: readonly Mount[] }
  /** A claim or volume is not in the cache yet; its arrival brings the pod back. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'failed'; readonly message: string };

async function resolve(parts: KubeletParts, pod: NodePod, signal: AbortSignal): Promise<Resolution> {
  const { caches } = parts;
  const { namespace = '' } = pod.metadata;
  const mounts: Mount[] = [];
  for (const { name, persistentVolumeClaim: used } of pod.spec.volumes ?? []) {
    if (!used) continue;
    const claim = { namespace, name: used.claimName };
    const volumeName = caches.claims.get(keyOf(claim))?.spec.volumeName;
    const volume = volumeName ? caches.volumes.get(volumeName) : undefined;
    if (!volumeName || !volume) return { kind: 'wait' };
    const directory = parts.directoryOf(volume);
    const problem = await problemOf(parts, directory, signal);
    if (problem !== undefined) {
      return { kind: 'failed', message: `MountVolume.SetUp failed for volume "${volumeName}" : ${problem}` };
    }
    if (directory !== undefined) mounts.push({ volume: name, claim, volumeName, directory });
  }
  return { kind: 'found', mounts };
}

async function problemOf(
  { clock, isDirectory }: KubeletParts,
  directory: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (directory === undefined) return 'a volume of this kind has no directory on this machine';
  try {
    const look = (limit: AbortSignal): Promise<boolean> => isDirectory(directory, limit);
    const there = await withDeadline(clock, `looking at ${directory}`, DISK_DEADLINE_MS, look, signal);
    return there ? undefined : `directory ${directory} does not exist`;
  } catch (error) {
    if (error instanceof DeadlineExceeded) return error.message;
    throw error;
  }
}

interface Subject {
  readonly key: string;
  readonly pod: NodePod;
  readonly signal: AbortSignal;
}

async function start(parts: KubeletParts, { key, pod, signal }: Subject): Promise<Outcome> {
  if (pod.status?.phase === 'Running') return { kind: 'done' };
  await writeStatus(parts, { key, pod, signal }, runningStatus(pod, timeOf(parts)));
  parts.log.info({ pod: key }, 'pod runs');
  return { kind: 'done' };
}

/** A pod that runs keeps running: a directory that went away under it is not unmounted. */
async function refuse(parts: KubeletParts, subject: Subject, message: string): Promise<Outcome> {
  const { key, pod } = subject;
  parts.mounting.say(key, pod, { reason: 'FailedMount', message });
  if (!pod.status?.startTime) await writeStatus(parts, subject, waitingStatus(pod, timeOf(parts)));
  return { kind: 'again', afterMs: RETRY_MS, reason: 'FailedMount' };
}

async function writeStatus({ client }: KubeletParts, { key, pod, signal }: Subject, status: object): Promise<void> {
  const { resourceVersion } = pod.metadata;
  const value = { metadata: { resourceVersion }, status };
  await client.patch(nodePods, nameOf(key), { kind: 'merge', value }, { signal, subresource: 'status' });
}

/** Nothing runs that would need its grace period. */
async function letGo({ client, log }: KubeletParts, { metadata }: NodePod, signal: AbortSignal): Promise<Outcome> {
  const { namespace = '', name, uid } = metadata;
  await client.delete(nodePods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid }, signal });
  log.info({ pod: keyOf({ namespace, name }) }, 'pod removed');
  return { kind: 'done' };
}

function timeOf({ clock }: KubeletParts): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}
