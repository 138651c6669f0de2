/** People and applications: they make and delete claims, run pods, and write data into the directories they were given. */
import type { Client } from '../../src/kube/client.ts';
import { isKubeError } from '../../src/kube/error.ts';
import { kinds, type PersistentVolumeClaim } from '../../src/kube/kinds.ts';
import type { Draft } from '../../src/kube/object.ts';
import { pathOf } from '../../src/kube/resource.ts';
import { sleep } from '../../src/telemetry/clock.ts';
import { Errno, type ExportFs } from './export-fs.ts';
import type { GrowthAct } from './growth-acts.ts';
import type { Act, ClaimName } from './history.ts';
import type { Host } from './scheduler.ts';
import { classNamed } from './setting.ts';
import { ASKED, type ClaimTruth, type Truth } from './truth.ts';

export interface UsersOptions {
  readonly host: Host;
  /** Without trouble: users try until it works anyway. */
  readonly client: Client;
  readonly truth: Truth;
  readonly fs: ExportFs;
  /** Users stop to change anything then. */
  readonly calmMs: number;
  /** As `larder volumes undelete`; false when it was refused, made no volume, or nobody answered. */
  readonly undelete: (claim: ClaimName) => Promise<boolean>;
  /** As `larder volumes restore` of what that claim left, for a claim and a directory of another name. */
  readonly restore: (claim: ClaimName, as: string) => Promise<boolean>;
  /** What the API server asks a webhook before it stores a claim: the size that it gets instead. */
  readonly admit: (claim: object) => Promise<string | undefined>;
  /** What people do about growth. */
  readonly govern: (act: GrowthAct) => Promise<void>;
  /** True when the volume is in a cloud, where what is used is written elsewhere. */
  readonly fillElsewhere: (act: Act & { kind: 'fill' }) => boolean;
}

export interface Users {
  /** Acts that are not misfortune. */
  perform(act: Act): Promise<void>;
  /** Names of the volumes that somebody deleted. */
  readonly removed: ReadonlySet<string>;
  /** `namespace/name` of claims that were to be filled and are not, or not yet: those that came late. */
  readonly unfilled: ReadonlySet<string>;
  /** Applications begin to write as soon as they have their volume. */
  run(): Promise<void>;
}

const LOOK_MS = 15_000;
const PATIENCE_MS = 60_000;
const MEBIBYTE = 1n << 20n;

export function createUsers(options: UsersOptions): Users {
  const { host, client, truth, fs } = options;
  const removed = new Set<string>();
  const unfilled = new Set<string>();

  async function create(act: Act & { kind: 'create' }): Promise<void> {
    const { namespace, name, growth } = act;
    const annotations = {
      [ASKED]: `${act.sizeMi}Mi`,
      ...(act.volumeName === '' ? {} : { 'volume-name': act.volumeName }),
      ...(growth
        ? {
            'pvc-chonker.io/enabled': 'true',
            'pvc-chonker.io/increase': growth.increase,
            'pvc-chonker.io/min-scale-up': `${growth.minMi}Mi`,
            'pvc-chonker.io/max-size': `${growth.maxMi}Mi`,
          }
        : {}),
    };
    const untilMs = host.clock.monotonic() + PATIENCE_MS;
    const drafted = (storage: string): Draft<PersistentVolumeClaim> => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { namespace, name, annotations, labels: { app: name.split('-', 1)[0] ?? '' } },
      spec: {
        accessModes: [act.mode],
        storageClassName: act.className,
        resources: { requests: { storage } },
        ...(act.source === undefined ? {} : { dataSource: { kind: 'PersistentVolumeClaim', name: act.source } }),
      },
    });
    const asked = `${act.sizeMi}Mi`;
    while (host.clock.monotonic() < untilMs) {
      try {
        const given = (await options.admit(drafted(asked))) ?? asked;
        await client.create(kinds.PersistentVolumeClaim, drafted(given));
        return;
      } catch (error) {
        if (!isKubeError(error, 'KUBE_ALREADY_EXISTS')) throw error;
        const there = truth.livingNamed(`${namespace}/${name}`);
        if (there && there.object.metadata.deletionTimestamp === undefined) return; // it has its claim
        await sleep(host.clock, 700);
      }
    }
  }

  async function remove({ namespace, name }: ClaimName): Promise<void> {
    try {
      await client.delete(kinds.PersistentVolumeClaim, { namespace, name });
    } catch (error) {
      if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
    }
  }

  /** The volume that the claim has, or had last. */
  function volumeNamed({ namespace, name }: ClaimName): string | undefined {
    const claims = [...truth.claims.values()].filter(({ key }) => key === `${namespace}/${name}`);
    return claims.at(-1)?.volume?.metadata.name;
  }

  async function touchVolume(act: ClaimName, work: (name: string) => Promise<unknown>): Promise<void> {
    const name = volumeNamed(act);
    if (name === undefined || !truth.volumes.has(name)) return;
    try {
      await work(name);
    } catch (error) {
      if (!isKubeError(error, 'KUBE_NOT_FOUND', 'KUBE_CONFLICT')) throw error;
    }
  }

  async function runPod({ namespace, name, forMs }: Act & { kind: 'pod' }): Promise<void> {
    const pod = { namespace, name: `uses-${name}-${host.random.uuid().slice(0, 8)}` };
    await post(client, pathOf(kinds.Pod, { namespace }), {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: pod,
      spec: {
        containers: [{ name: 'main', image: 'app' }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
      },
    });
    await sleep(host.clock, forMs);
    try {
      await client.delete(kinds.Pod, pod, { gracePeriodSeconds: 0 });
    } catch (error) {
      if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
    }
  }

  async function resize({ namespace, name, times }: Act & { kind: 'resize' }): Promise<void> {
    const claim = truth.livingNamed(`${namespace}/${name}`);
    if (claim?.object.status?.phase !== 'Bound') return; // the API server refuses it before
    const asked = claim.request * BigInt(times);
    const { uid, resourceVersion } = claim.object.metadata;
    const requests = { storage: asked.toString() };
    const value = { metadata: { uid, resourceVersion }, spec: { resources: { requests } } };
    claim.edited.add(asked);
    try {
      await client.patch(kinds.PersistentVolumeClaim, { namespace, name }, { kind: 'merge', value });
    } catch (error) {
      // Without its class a claim may not grow.
      if (!isKubeError(error, 'KUBE_NOT_FOUND', 'KUBE_CONFLICT', 'KUBE_FORBIDDEN')) throw error;
    }
  }

  /** Made again as it was: a claim that asks for something else is not what the volume waits for. */
  async function undelete(act: Act & { kind: 'undelete' }): Promise<void> {
    const key = `${act.namespace}/${act.name}`;
    const before = [...truth.claims.values()].findLast((claim) => claim.key === key);
    if (!before || truth.livingNamed(key)?.object.spec.volumeName || !(await options.undelete(act))) return;
    await sleep(host.clock, PATIENCE_MS); // long enough for Larder to know of the volume that waits
    await create({ ...act, kind: 'create', ...askedBy(before), growth: undefined });
  }

  async function restore(act: Act & { kind: 'restore' }): Promise<void> {
    const before = [...truth.claims.values()].findLast((claim) => claim.key === `${act.namespace}/${act.name}`);
    if (!before || !(await options.restore(act, act.as))) return;
    await sleep(host.clock, PATIENCE_MS);
    const again = { atMs: act.atMs, kind: 'create', namespace: act.namespace, name: act.as } as const;
    await create({ ...again, className: act.className, volumeName: act.as, ...askedBy(before), growth: undefined });
  }

  async function breakClass({ className, forMs }: Act & { kind: 'class-outage' }): Promise<void> {
    const ignoring =
      (...codes: Parameters<typeof isKubeError>[1][]) =>
      (error: unknown): void => {
        if (!codes.some((code) => isKubeError(error, code))) throw error;
      };
    await client.delete(kinds.StorageClass, { name: className }).catch(ignoring('KUBE_NOT_FOUND'));
    await sleep(host.clock, forMs);
    await client.create(kinds.StorageClass, classNamed(className)).catch(ignoring('KUBE_ALREADY_EXISTS'));
  }

  function seed(path: string): void {
    const { server, below } = fs.place(path);
    const made = fs.mkdir(server.root, below, 0o755);
    fs.create(made, 'old-data', 'file', 'precious');
    truth.seeded.set(path, made);
  }

  /** Follows whichever claim has the name, until its directory holds that much. */
  async function fill(act: Act & { kind: 'fill' }): Promise<void> {
    const { namespace, name, toMi } = act;
    if (options.fillElsewhere(act)) return;
    const key = `${namespace}/${name}`;
    unfilled.add(key);
    while (host.clock.monotonic() < options.calmMs) {
      const claim = truth.livingNamed(key);
      if (!claim || !isUsed(claim)) {
        await sleep(host.clock, 30_000);
        continue;
      }
      const { bytes } = fs.measure(claim.inode);
      const missing = BigInt(toMi) * MEBIBYTE - bytes;
      if (missing <= 0n || write(claim, missing)) return void unfilled.delete(key);
      await sleep(host.clock, 30_000);
    }
  }

  /** An application keeps the directory open, so it writes there even while it has another name. */
  function write(claim: ClaimTruth, bytes: bigint): boolean {
    if (!claim.inode) return false;
    const { hang, readOnly, full, errno } = fs.serverWith(claim.inode)?.trouble ?? {};
    if (hang || readOnly || full || errno) return false;
    const file = `data-${claim.uid.slice(0, 8)}-${claim.files.length}`;
    const room = fs.room(claim.inode, claim.inode); // it is stopped at the limit of its directory, and writes what it can until then
    try {
      fs.create(claim.inode, file, 'file', claim.uid, bytes < room ? bytes : room);
    } catch (error) {
      if (error instanceof Errno) return false;
      throw error;
    }
    claim.files.push(file);
    return bytes <= room;
  }

  return {
    removed,
    unfilled,
    async perform(act) {
      switch (act.kind) {
        case 'create':
          return create(act);
        case 'delete':
          return remove(act);
        case 'delete-volume':
          return touchVolume(act, (name) => {
            removed.add(name);
            return client.delete(kinds.PersistentVolume, { name });
          });
        case 'retain-volume': {
          const value = { spec: { persistentVolumeReclaimPolicy: 'Retain' } };
          return touchVolume(act, (name) => client.patch(kinds.PersistentVolume, { name }, { kind: 'merge', value }));
        }
        case 'pod':
          return runPod(act);
        case 'resize':
          return resize(act);
        case 'undelete':
          return undelete(act);
        case 'restore':
          return restore(act);
        case 'class-outage':
          return breakClass(act);
        case 'fill':
          return fill(act);
        case 'seed-directory':
          return seed(act.path);
        case 'policy':
        case 'group':
        case 'unmake':
        case 'note':
        case 'wish':
        case 'driver':
        case 'snapshot':
        case 'files':
          return options.govern(act);
        default:
          throw new RangeError(`${act.kind} is nothing that users do`);
      }
    },
    async run() {
      while (host.clock.monotonic() < options.calmMs) {
        for (const claim of truth.living()) if (isUsed(claim) && claim.files.length === 0) write(claim, 8192n);
        await sleep(host.clock, LOOK_MS);
      }
    },
  };
}

function isUsed(claim: ClaimTruth): claim is ClaimTruth & { inode: NonNullable<ClaimTruth['inode']> } {
  const { metadata, status } = claim.object;
  return claim.inode !== undefined && status?.phase === 'Bound' && metadata.deletionTimestamp === undefined;
}

function askedBy({ object, request }: ClaimTruth): Pick<Act & { kind: 'create' }, 'mode' | 'sizeMi'> {
  const once = object.spec.accessModes?.includes('ReadWriteOnce') === true;
  return { mode: once ? 'ReadWriteOnce' : 'ReadWriteMany', sizeMi: Number(request / MEBIBYTE) };
}

/** For what the narrow types do not name. */
export async function post(client: Client, path: string, object: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await client.request({ method: 'POST', path, headers, body: JSON.stringify(object) });
  if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
}
