/**
 * What really is, told by nobody under test: the API's store and the export's file system, followed change by change,
 * and what applications wrote where. Invariants are judged against this.
 */
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { bytesOf } from '../../src/kube/quantity.ts';
import type { Resource } from '../../src/kube/resource.ts';
import { type ExportFs, type Inode, keepsName } from './export-fs.ts';
import type { Scheduler } from './scheduler.ts';

/** The part of the embedded API's store that is looked at; synchronous. */
export interface Ledger {
  revision(): number;
  since(kind: string, revision: number): { kind: 'known'; changes: readonly LedgerChange[] } | { kind: 'expired' };
  list(kind: string, namespace?: string): readonly { readonly object: unknown }[];
  onChange(kind: string, wake: () => void): () => void;
}
interface LedgerChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly current: { readonly object: unknown };
}

/** One growth of a request. */
export interface Raise {
  readonly atMs: number;
  readonly from: bigint;
  readonly to: bigint;
  /** Whether the cooldown's stamp came in the same version of the claim. */
  readonly stamped: boolean;
}

/** A claim from its creation until its data is gone, whatever happens to the object. */
export interface ClaimTruth {
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly bornMs: number;
  object: PersistentVolumeClaim;
  /** When the object went; undefined = it lives. */
  goneMs: number | undefined;
  request: bigint;
  readonly raises: Raise[];
  /** A request that became smaller. */
  lowered: string;
  /** Volumes that name its uid, of all time. */
  readonly volumes: Set<string>;
  /** The directory that it got, below the export; empty = none yet. */
  path: string;
  inode: Inode | undefined;
  /** Files that its application wrote; they are its data. */
  readonly files: string[];
  /** What people asked for by editing it. */
  readonly edited: Set<bigint>;
  /** Its last volume as it was last seen. */
  volume: PersistentVolume | undefined;
  /** What a claim that is to be a copy must hold at least, by the uid of each claim that it may be a copy of. */
  readonly copied: Map<string, ReadonlySet<string>>;
  /** What is wrong with the copy in its directory; empty: nothing. */
  spoilt: string;
  /** The volume was Retain when anybody could last decide to remove it. */
  retained: boolean;
}

export interface TruthOptions {
  readonly ledger: Ledger;
  /** How the store calls a kind. */
  readonly kindOf: (resource: Resource<KubeObject>) => string;
  readonly fs: ExportFs;
  readonly scheduler: Scheduler;
  /** The path below the export of a volume; undefined when it is not on it. */
  readonly pathOf: (volume: PersistentVolume) => string | undefined;
}

const LAST_EXPANSION = 'pvc-chonker.io/last-expansion';

/** Invariant: `claims` and `volumes` are those of `#revision`; nothing in them comes from a process of Larder. */
export class Truth {
  readonly claims = new Map<string, ClaimTruth>();
  /** The volumes that exist now. */
  readonly volumes = new Map<string, PersistentVolume>();
  /** Directories that held data before Larder came, by their path. */
  readonly seeded = new Map<string, Inode>();
  /** The tree or the objects changed since `settle` was last called. */
  dirty = true;
  readonly #options: TruthOptions;
  #revision: number;

  constructor(options: TruthOptions) {
    this.#options = options;
    this.#revision = options.ledger.revision();
    const touch = (): void => {
      this.dirty = true;
    };
    options.fs.onChange = touch;
    options.ledger.onChange(options.kindOf(kinds.PersistentVolumeClaim), touch);
    options.ledger.onChange(options.kindOf(kinds.PersistentVolume), touch);
  }

  /** Takes in what has changed since the last time. */
  follow(): void {
    const revision = this.#options.ledger.revision();
    if (revision !== this.#revision) {
      for (const change of this.#changes(kinds.PersistentVolumeClaim)) this.#takeClaim(change);
      for (const change of this.#changes(kinds.PersistentVolume)) this.#takeVolume(change);
      this.#revision = revision;
    }
    for (const claim of this.living()) this.#takePlace(claim);
  }

  *living(): Generator<ClaimTruth> {
    for (const claim of this.claims.values()) if (claim.goneMs === undefined) yield claim;
  }

  /** The claim of that name that lives now. */
  livingNamed(key: string): ClaimTruth | undefined {
    for (const claim of this.living()) if (claim.key === key) return claim;
    return undefined;
  }

  /** The volume of a living claim, if it has one. */
  volumeOf(claim: ClaimTruth): PersistentVolume | undefined {
    for (const name of claim.volumes) {
      const volume = this.volumes.get(name);
      if (volume?.spec.claimRef?.uid === claim.uid) return volume;
    }
    return undefined;
  }

  #changes<T extends KubeObject>(resource: Resource<T>): { type: LedgerChange['type']; object: T }[] {
    const past = this.#options.ledger.since(this.#options.kindOf(resource), this.#revision);
    if (past.kind === 'expired') throw new Error('the simulation looked away for too long: the history is too short');
    return past.changes.map(({ type, current }) => ({ type, object: resource.project(current.object) }));
  }

  #takeClaim({ type, object }: { type: LedgerChange['type']; object: PersistentVolumeClaim }): void {
    const { uid, namespace = '', name } = object.metadata;
    const nowMs = this.#options.scheduler.elapsedMs;
    const request = bytesOf(object.spec.resources.requests['storage']) ?? 0n;
    const known = this.claims.get(uid);
    if (!known) {
      const fresh = { uid, key: `${namespace}/${name}`, namespace, bornMs: nowMs, object, goneMs: undefined, request };
      const empty = {
        raises: [],
        lowered: '',
        volumes: new Set<string>(),
        path: '',
        files: [],
        edited: new Set<bigint>(),
        copied: new Map<string, ReadonlySet<string>>(),
        spoilt: '',
      };
      const claim = { ...fresh, ...empty, inode: undefined, volume: undefined, retained: false };
      this.claims.set(uid, claim);
      const asked = askedBy(claim);
      if (asked !== undefined && request < asked) claim.lowered = `from ${asked}, which was asked for, to ${request}`;
      this.#takeSource(claim);
      return;
    }
    if (request > known.request && !known.edited.has(request)) {
      const stamped = stampOf(object) !== undefined && stampOf(object) !== stampOf(known.object);
      known.raises.push({ atMs: nowMs, from: known.request, to: request, stamped });
    } else if (request < known.request && !known.edited.has(request) && !isRecovery(known, request))
      known.lowered = `from ${known.request} to ${request}`;
    known.request = request;
    known.object = object;
    if (type === 'DELETED') known.goneMs = nowMs;
  }

  #takeVolume({ type, object }: { type: LedgerChange['type']; object: PersistentVolume }): void {
    const { name } = object.metadata;
    if (type === 'DELETED') this.volumes.delete(name);
    else this.volumes.set(name, object);
    const claim = this.claims.get(object.spec.claimRef?.uid ?? '');
    if (!claim) return;
    claim.volumes.add(name);
    claim.volume = object;
    if (object.metadata.deletionTimestamp === undefined) {
      claim.retained = object.spec.persistentVolumeReclaimPolicy === 'Retain';
    }
    const path = this.#options.pathOf(object);
    if (path !== undefined) claim.path = path;
  }

  /** The directory that is at the volume's path when the volume is first seen is the claim's. */
  #takePlace(claim: ClaimTruth): void {
    if (claim.inode || !this.volumeOf(claim)) return;
    const found = this.#options.fs.at(claim.path);
    if (found && keepsName(found)) return;
    claim.inode = found;
    if (claim.inode && sourceKeyOf(claim.object) !== '') claim.spoilt = this.#faultOfCopy(claim, claim.inode);
  }

  /** What its source holds when it is made is what it holds at least: the copy is not begun before. */
  #takeSource(claim: ClaimTruth): void {
    const source = this.livingNamed(sourceKeyOf(claim.object));
    if (source?.inode) claim.copied.set(source.uid, new Set(source.inode.entries.keys()));
  }

  /** Half a copy is never a volume: it is whole, and of one claim of that name that was there since the copy was asked for. */
  #faultOfCopy(copy: ClaimTruth, inode: Inode): string {
    const faults: string[] = [];
    for (const source of this.claims.values()) {
      if (source.key !== sourceKeyOf(copy.object) || !source.inode) continue;
      if (source.goneMs !== undefined && source.goneMs < copy.bornMs) continue;
      const fault = differenceOf(inode, source.inode, copy.copied.get(source.uid) ?? new Set());
      if (fault === '') return '';
      faults.push(`as a copy of ${source.uid} ${fault}`);
    }
    return faults.join(', ') || 'it became a volume, and there was nothing to copy';
  }
}

/** Where a claim notes the size that it asked for, before a webhook said anything. */
export const ASKED = 'asked-for';

export function askedBy({ object }: Pick<ClaimTruth, 'object'>): bigint | undefined {
  return bytesOf(object.metadata.annotations?.[ASKED]);
}

/** What the driver called impossible may be taken back, by a part, to no less than there is. */
function isRecovery({ object }: ClaimTruth, request: bigint): boolean {
  const statuses = Object.values(object.status?.allocatedResourceStatuses ?? {});
  const capacity = bytesOf(object.status?.capacity?.['storage']) ?? 0n;
  return statuses.some((each) => each.endsWith('Infeasible')) && request > capacity;
}

/** `namespace/name` of the claim that this one is to be a copy of; empty: of none. */
export function sourceKeyOf({ metadata, spec }: PersistentVolumeClaim): string {
  return spec.dataSource ? `${metadata.namespace}/${spec.dataSource.name}` : '';
}

/** Files are written once and never changed, so that each is there whole or not at all. */
function differenceOf(copy: Inode, source: Inode, least: ReadonlySet<string>): string {
  for (const name of least) if (!copy.entries.has(name)) return `it lacks ${name}`;
  for (const [name, { text }] of copy.entries) {
    const from = source.entries.get(name);
    if (!from) return `it has ${name}, which its source never had`;
    if (from.text !== text) return `${name} holds ${JSON.stringify(text)} instead of ${JSON.stringify(from.text)}`;
  }
  return '';
}

const stampOf = (claim: PersistentVolumeClaim): string | undefined => claim.metadata.annotations?.[LAST_EXPANSION];
