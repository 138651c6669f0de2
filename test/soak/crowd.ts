/** Users who make claims, write into their directories as soon as they have them, and delete them again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Client, isKubeError, kinds, type PersistentVolumeClaim } from '../../src/kube/index.ts';
import { applyClaim } from '../e2e/claims.ts';

export const MARKER = 'marker';

interface CrowdOptions {
  readonly client: Client;
  readonly folder: string;
  readonly storageClass: string;
  readonly perSecond: number;
  /** At most so many are made. */
  readonly claims: number;
}

/** So many claims that have their directory live at least, before any is deleted. */
const KEPT = 40;
const PAUSE_MS = 500;

/** Invariant: `#written` has the names of living claims whose directory holds their marker, oldest first. */
export class Crowd {
  made = 0;
  deleted = 0;
  /** Uids of claims whose directories were given a marker, by their names. */
  readonly marked = new Map<string, string>();
  readonly #options: CrowdOptions;
  readonly #written: string[] = [];

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  async live(going: () => boolean): Promise<void> {
    await Promise.all([
      this.#paced(going, () => this.#make()),
      this.#paced(going, () => this.#remove()),
      this.#use(going),
    ]);
  }

  /** What asked lives with a volume, and of what was deleted no volume is left. */
  async isSettled(): Promise<boolean> {
    const { client } = this.#options;
    const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
    const { items: volumes } = await client.list(kinds.PersistentVolume);
    const living = claims.every(({ status, metadata }) => status?.phase === 'Bound' && !metadata.deletionTimestamp);
    return living && volumes.length === claims.length;
  }

  /** So many times a second; what is late because of the server is made up for. */
  async #paced(going: () => boolean, work: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    for (let count = 0; going(); ) {
      const due = Math.floor(((performance.now() - begun) / 1000) * this.#options.perSecond);
      const behind = Math.min(due - count, this.#options.perSecond);
      await Promise.all(Array.from({ length: Math.max(0, behind) }, work));
      count = Math.max(count, due);
      await wait(1000 / this.#options.perSecond);
    }
  }

  /** Until the server has it, as a user would; it may have it already. */
  async #make(): Promise<void> {
    if (this.made >= this.#options.claims) return;
    this.made += 1;
    const name = `soak-${this.made}`;
    const { client, storageClass } = this.#options;
    await insisting(() => applyClaim(client, { name, size: '1Mi', storageClass }), 'KUBE_ALREADY_EXISTS');
  }

  async #remove(): Promise<void> {
    if (this.#written.length <= KEPT) return;
    const name = this.#written.shift();
    if (name === undefined) return;
    this.deleted += 1;
    const claim = { namespace: 'default', name };
    await insisting(() => this.#options.client.delete(kinds.PersistentVolumeClaim, claim), 'KUBE_NOT_FOUND');
  }

  /** Applications write as soon as they can. */
  async #use(going: () => boolean): Promise<void> {
    while (going()) {
      const listed = await this.#options.client.list(kinds.PersistentVolumeClaim).catch(() => undefined);
      for (const claim of listed?.items ?? []) this.#write(claim);
      await wait(PAUSE_MS);
    }
  }

  #write({ metadata, status }: PersistentVolumeClaim): void {
    if (status?.phase !== 'Bound' || metadata.deletionTimestamp || this.marked.has(metadata.name)) return;
    writeFileSync(join(this.#options.folder, metadata.name, MARKER), metadata.uid, { flag: 'wx' });
    this.marked.set(metadata.name, metadata.uid);
    this.#written.push(metadata.name);
  }
}

/** Until it is done, or `done` says that it was. */
async function insisting(work: () => Promise<unknown>, done: 'KUBE_ALREADY_EXISTS' | 'KUBE_NOT_FOUND'): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (failure) {
      if (isKubeError(failure, done)) return;
      if (!isKubeError(failure)) throw failure;
      await wait(PAUSE_MS);
    }
  }
}
