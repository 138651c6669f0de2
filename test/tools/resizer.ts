/**
 * A stand-in for the CSI external-resizer and for what a kubelet does after it: no driver is called, but each claim goes
 * through the conditions, `allocatedResources`, `allocatedResourceStatuses`, events and writes that the real ones make.
 * Read in external-resizer v2.3.0 (pkg/controller/expand_and_recover.go, resize_status.go) and kubelet 1.36
 * (pkg/volume/util/resize_util.go), November 2026.
 */
import {
  bytesOf,
  type Client,
  createCache,
  createEventRecorder,
  keyOf,
  kinds,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';

/** What the driver does with a claim that is to have a size. */
export type DriverAnswer =
  | { readonly kind: 'grown' /** The filesystem grows where it is mounted. */; readonly node: boolean }
  /** OutOfRange and the like: this size never. */
  | { readonly kind: 'infeasible'; readonly message: string };

export interface ResizerOptions {
  readonly client: Client;
  /** Of the storage class. */
  readonly provisioner: string;
  expand(claim: PersistentVolumeClaim, toBytes: bigint): DriverAnswer;
  /** The filesystem is larger from here on; called before the claim says so, as in life. */
  grown(key: string, toBytes: bigint): void;
}

export interface Resizer {
  /** Resolves when nothing is under way. */
  close(): Promise<void>;
}

const RESIZE_CONDITIONS = ['Resizing', 'FileSystemResizePending', 'ControllerResizeError', 'NodeResizeError'];
const NODE_NOT_REQUIRED = 'volume.kubernetes.io/node-expansion-not-required';

export async function startResizer(options: ResizerOptions): Promise<Resizer> {
  const tools = { client: options.client, clock: systemClock, random: systemRandom, log: silentLog };
  const stop = new AbortController();
  const claims = createCache({ ...tools, resource: kinds.PersistentVolumeClaim });
  const resizer = createEventRecorder({ ...tools, component: `external-resizer ${options.provisioner}` });
  const kubelet = createEventRecorder({ ...tools, component: 'kubelet' });
  /** What each claim asks for that is, or was in vain, worked on. */
  const known = new Map<string, string>();
  const underway = new Set<Promise<void>>();
  const running = claims.run(stop.signal);
  claims.onChange(({ kind, object }) => {
    if (kind === 'deleted' || !wants(object)) return;
    const key = keyOf(object.metadata);
    const size = sizeOf(object);
    if (known.get(key) === size) return;
    known.set(key, size);
    const work = resize({ ...options, record: { resizer, kubelet } }, object).catch((failure: unknown) => {
      known.delete(key); // the next change of the claim begins again
      if (!stop.signal.aborted) process.stderr.write(`resizing ${key}: ${String(failure)}\n`);
    });
    underway.add(work);
    void work.finally(() => underway.delete(work));
  });
  await claims.synced();
  return {
    async close() {
      await Promise.all(underway);
      await Promise.all([resizer.flush(), kubelet.flush()]);
      stop.abort();
      await running;
    },
  };
}

const sizeOf = ({ spec }: PersistentVolumeClaim): string => spec.resources.requests['storage'] ?? '0';

function wants({ spec, status }: PersistentVolumeClaim): boolean {
  if (status?.phase !== 'Bound') return false;
  const [asked, there] = [spec.resources.requests['storage'], status.capacity?.['storage']];
  return (bytesOf(asked) ?? 0n) > (bytesOf(there) ?? 0n);
}

interface Work extends ResizerOptions {
  readonly record: Readonly<Record<'resizer' | 'kubelet', ReturnType<typeof createEventRecorder>>>;
}

async function resize(work: Work, claim: PersistentVolumeClaim): Promise<void> {
  const { client, provisioner, record } = work;
  const volume = await client.get(kinds.PersistentVolume, { name: claim.spec.volumeName ?? '' });
  if (volume.spec.csi?.driver !== provisioner) return;
  const size = sizeOf(claim);
  const bytes = bytesOf(size) ?? 0n;
  await patchStatus(work, claim, {
    conditions: [...othersOf(claim), condition('Resizing')],
    allocatedResources: { storage: size },
    allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
  });
  record.resizer.record(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`);
  const answer = work.expand(claim, bytes);
  if (answer.kind === 'infeasible') return infeasible(work, { claim, volume, message: answer.message });
  const capacity = { spec: { capacity: { storage: size } } };
  await client.patch(kinds.PersistentVolume, { name: volume.metadata.name }, { kind: 'merge', value: capacity });
  if (answer.node) return onNode(work, claim);
  work.grown(keyOf(claim.metadata), bytes);
  await patchStatus(work, claim, finished(claim), { annotations: { [NODE_NOT_REQUIRED]: 'true' } });
  record.resizer.record(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
}

async function infeasible(
  work: Work,
  failed: { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume; readonly message: string },
): Promise<void> {
  const { claim, volume } = failed;
  const said = `rpc error: code = OutOfRange desc = ${failed.message}`;
  await patchStatus(work, claim, {
    // The real one leaves the condition of the attempt beside that of its failure.
    conditions: [
      ...othersOf(claim),
      condition('Resizing'),
      condition('ControllerResizeError', `failed to expand pvc with ${said}`),
    ],
    allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
  });
  const message = `resize volume "${volume.metadata.name}" by resizer "${work.provisioner}" failed: ${said}`;
  work.record.resizer.record(claim, 'Warning', 'VolumeResizeFailed', message);
}

/** First as the resizer leaves it, then what the kubelet does that has it mounted. */
async function onNode(work: Work, claim: PersistentVolumeClaim): Promise<void> {
  const { record } = work;
  const waiting = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';
  await patchStatus(work, claim, {
    conditions: [...othersOf(claim), condition('Resizing'), condition('FileSystemResizePending', waiting)],
    allocatedResourceStatuses: { storage: 'NodeResizePending' },
  });
  const required = 'Require file system resize of volume on node';
  record.resizer.record(claim, 'Normal', 'FileSystemResizeRequired', required);
  await patchStatus(work, claim, { allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } });
  work.grown(keyOf(claim.metadata), bytesOf(sizeOf(claim)) ?? 0n);
  await patchStatus(work, claim, finished(claim));
  const done = 'MountVolume.NodeExpandVolume succeeded for volume';
  record.kubelet.record(claim, 'Normal', 'FileSystemResizeSuccessful', done);
}

const finished = (claim: PersistentVolumeClaim) => ({
  capacity: { storage: sizeOf(claim) },
  conditions: othersOf(claim),
  allocatedResourceStatuses: null,
});

const othersOf = ({ status }: PersistentVolumeClaim) =>
  (status?.conditions ?? []).filter(({ type }) => !RESIZE_CONDITIONS.includes(type));

function condition(type: string, message?: string) {
  const lastTransitionTime = `${new Date().toISOString().slice(0, 19)}Z`;
  return { type, status: 'True', lastTransitionTime, ...(message === undefined ? {} : { message }) };
}

async function patchStatus(
  { client }: Work,
  { metadata }: PersistentVolumeClaim,
  status: object,
  more: object = {},
): Promise<void> {
  const value = { metadata: more, status };
  await client.patch(kinds.PersistentVolumeClaim, metadata, { kind: 'merge', value }, { subresource: 'status' });
}
