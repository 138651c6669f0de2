/**
 * Several volumes may share a directory, which holds as much as the largest of them. What one of them is about to become is
 * known to the others before any cache shows it, and limits of one directory are set one after the other: the one that
 * lands last is never that of somebody who had not heard of the growth.
 */
import type { PersistentVolume } from '../../kube/kinds.ts';
import { bytesOfVolume } from '../pledge.ts';

interface Growth {
  readonly bytes: bigint;
  /** The version that it was decided on: once the cache has another one, that tells. */
  readonly resourceVersion: string;
}

/** Invariant: `#turns` has the last of those that wait for a directory, or nothing where nobody does. */
export class Rising {
  /** By uid of the volume. */
  readonly #growths = new Map<string, Growth>();
  readonly #turns = new Map<string, Promise<unknown>>();

  note({ metadata: { uid, resourceVersion } }: PersistentVolume, bytes: bigint): void {
    this.#growths.set(uid, { bytes, resourceVersion });
  }

  /** It does not grow, or is gone. */
  forget({ metadata: { uid } }: PersistentVolume): void {
    this.#growths.delete(uid);
  }

  /** The capacity, or what it is about to become. */
  bytesOf(volume: PersistentVolume): bigint {
    const { uid, resourceVersion } = volume.metadata;
    const bytes = bytesOfVolume(volume);
    const growth = this.#growths.get(uid);
    if (!growth) return bytes;
    if (growth.resourceVersion !== resourceVersion) this.#growths.delete(uid);
    else if (growth.bytes > bytes) return growth.bytes;
    return bytes;
  }

  /** Runs the work when all that was asked for of the directory before is done. */
  async inTurn<T>(directory: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(directory) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#turns.set(directory, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(directory) === mine) this.#turns.delete(directory);
    }
  }
}
