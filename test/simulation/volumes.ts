/** What must be true of volumes, and of what people were told about them, when nothing has happened for a long time. */
import type { PersistentVolume } from '../../src/kube/kinds.ts';
import { bytesOf } from '../../src/kube/quantity.ts';
import type { ExportFs } from './export-fs.ts';
import type { Violation } from './invariants.ts';
import type { ClaimTruth, Truth } from './truth.ts';

/** Larder said that this volume waits for a claim of that name. */
export interface Promised {
  /** `namespace/name` of the claim. */
  readonly key: string;
  readonly volume: string;
  readonly atMs: number;
}

export interface VolumesInCalm {
  readonly truth: Truth;
  readonly fs: ExportFs;
  readonly promised: readonly Promised[];
  /** Volumes that people deleted themselves. */
  readonly removed: ReadonlySet<string>;
  readonly pathOf: (volume: PersistentVolume) => string | undefined;
}

const IDENTITY = 'larder.dev/identity';
/** Until then Larder may not know of a volume that was made for somebody. */
const KNOWN_MS = 30_000;

export function judgeVolumesInCalm(calm: VolumesInCalm): Violation | undefined {
  return judgePlaces(calm) ?? judgeSuccession(calm) ?? judgePromises(calm);
}

/** Every volume, also one that nobody uses any more, shows the directory that it was made for: a user who binds to it finds the data. */
function judgePlaces({ truth, fs, pathOf }: VolumesInCalm): Violation | undefined {
  for (const volume of truth.volumes.values()) {
    const identity = volume.metadata.annotations?.[IDENTITY];
    const path = pathOf(volume);
    if (identity === undefined || path === undefined || volume.metadata.deletionTimestamp !== undefined) continue;
    const there = fs.at(path)?.number;
    if (`${there}` === identity) continue;
    const message = `volume ${volume.metadata.name} is of directory ${identity}, and at ${path} is ${there ?? 'nothing'}`;
    return { invariant: 1, message };
  }
  return undefined;
}

/** Rebinding: of a claim that was made again on its retained directory only the new volume is left. */
function judgeSuccession({ truth, pathOf }: VolumesInCalm): Violation | undefined {
  const owned = new Map<string, string>();
  for (const claim of truth.living()) {
    const volume = truth.volumeOf(claim);
    if (volume && claim.object.status?.phase === 'Bound')
      owned.set(`${claim.key} ${pathOf(volume)}`, volume.metadata.name);
  }
  for (const volume of truth.volumes.values()) {
    const { claimRef } = volume.spec;
    const successor = owned.get(`${claimRef?.namespace}/${claimRef?.name} ${pathOf(volume)}`);
    const idle = ['Released', 'Available'].includes(volume.status?.phase ?? '');
    if (successor === undefined || successor === volume.metadata.name || !idle) continue;
    const message = `volume ${volume.metadata.name} is still there, though its claim was made again and has ${successor}`;
    return { invariant: 2, message };
  }
  return undefined;
}

/** Whoever makes the claim again that was brought back gets what was brought back. */
function judgePromises({ truth, promised, removed }: VolumesInCalm): Violation | undefined {
  for (const { key, volume: name, atMs } of promised) {
    const claim = truth.livingNamed(key);
    const volume = truth.volumes.get(name);
    const had = [...truth.claims.values()].some(
      ({ volumes, goneMs = Number.POSITIVE_INFINITY }) => volumes.has(name) && goneMs > atMs,
    );
    if (!volume && !had && !removed.has(name)) {
      return { invariant: 1, message: `${key} was told that volume ${name} waits for it, and it is gone` };
    }
    if (!claim || !volume || claim.bornMs < atMs + KNOWN_MS || !fits(claim, volume)) continue;
    if (volume.metadata.deletionTimestamp !== undefined || claim.object.spec.volumeName === name) continue;
    const has = claim.object.spec.volumeName || 'nothing';
    return { invariant: 1, message: `${key} was told that volume ${name} waits for it, and got ${has}` };
  }
  return undefined;
}

/** Kubernetes binds them only then. */
function fits({ object, request }: ClaimTruth, { spec, status }: PersistentVolume): boolean {
  const modes = object.spec.accessModes ?? [];
  const asked = modes.every((mode) => spec.accessModes?.includes(mode));
  const enough = (bytesOf(spec.capacity['storage']) ?? 0n) >= request;
  return asked && enough && status?.phase !== 'Released' && spec.storageClassName === object.spec.storageClassName;
}
