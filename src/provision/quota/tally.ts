/** How much of each export is requested, kept up to date with the cache of volumes: asking costs nothing. */
import type { Cache } from '../../kube/cache.ts';
import type { PersistentVolume } from '../../kube/kinds.ts';
import { bytesOfVolume } from '../pledge.ts';
import type { ExportDescription } from '../storage.ts';
import { isOurs, isReleased, locate } from '../volume.ts';

export interface TallySettings {
  readonly provisionerNames: readonly string[];
  readonly exports: readonly ExportDescription[];
}

interface Share {
  readonly root: string;
  readonly namespace: string;
  readonly bytes: bigint;
}

/**
 * Invariant: `#sums` is what the shares add up to, by folder and by folder and namespace. A released volume has no share:
 * its directory stays or goes, but no claim requests it. Exports that show one folder count as one.
 */
export class Tally {
  readonly #settings: TallySettings;
  readonly #shares = new Map<string, Share>();
  readonly #sums = new Map<string, bigint>();

  constructor(volumes: Cache<PersistentVolume>, settings: TallySettings) {
    this.#settings = settings;
    for (const volume of volumes.list()) this.#enter(volume);
    volumes.onChange(({ kind, key, object }) => {
      this.#leave(key);
      if (kind !== 'deleted') this.#enter(object);
    });
  }

  /** Of all namespaces. */
  requested({ root }: ExportDescription): bigint {
    return this.#sums.get(root) ?? 0n;
  }

  /** `except`: the name of a volume that is not counted. */
  requestedBy(namespace: string, { root }: ExportDescription, except = ''): bigint {
    const sum = this.#sums.get(keyOf(root, namespace)) ?? 0n;
    const share = this.#shares.get(except);
    return share?.root === root && share.namespace === namespace ? sum - share.bytes : sum;
  }

  #enter(volume: PersistentVolume): void {
    if (!isOurs(volume, this.#settings.provisionerNames) || isReleased(volume)) return;
    const location = locate(volume, this.#settings.exports);
    const namespace = volume.spec.claimRef?.namespace;
    const capacity = bytesOfVolume(volume);
    const bytes = capacity > 0n ? capacity : 0n; // a forged one must not make room for others
    if (location.kind !== 'at' || namespace === undefined) return;
    const share = { root: location.export.root, namespace, bytes };
    this.#shares.set(volume.metadata.name, share);
    this.#add(share, bytes);
  }

  #leave(name: string): void {
    const share = this.#shares.get(name);
    if (!share) return;
    this.#shares.delete(name);
    this.#add(share, -share.bytes);
  }

  #add({ root, namespace }: Share, bytes: bigint): void {
    for (const key of [root, keyOf(root, namespace)]) {
      const sum = (this.#sums.get(key) ?? 0n) + bytes;
      if (sum === 0n) this.#sums.delete(key);
      else this.#sums.set(key, sum);
    }
  }
}

/** Neither a root nor a namespace has a newline in it. */
const keyOf = (root: string, namespace: string): string => `${root}\n${namespace}`;
