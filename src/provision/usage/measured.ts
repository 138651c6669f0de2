/** The directories to measure, kept up to date with the cache of volumes: thousands are not looked through for each question. */
import { intern } from '../../kube/intern.ts';
import type { PersistentVolume } from '../../kube/kinds.ts';
import { bytesOf } from '../../kube/quantity.ts';
import type { Catalog } from '../catalog.ts';
import type { ExportDescription, Storage } from '../storage.ts';
import { claimKeyOf, isOurs, locate } from '../volume.ts';
import type { MeasuredVolume } from '../volumes.ts';

interface MeasuredOptions {
  readonly catalog: Catalog;
  readonly storageOf: (description: ExportDescription) => Storage;
}

/** Invariant: `#volumes` has the bound volumes of ours, each as the cache has it, that are on an export of this process. */
export class Measured {
  readonly #options: MeasuredOptions;
  readonly #volumes = new Map<string, MeasuredVolume>();

  constructor(options: MeasuredOptions) {
    this.#options = options;
    const { volumes } = options.catalog.caches;
    for (const volume of volumes.list()) this.#follow(volume.metadata.name, volume);
    volumes.onChange(({ kind, key, object }) => this.#follow(key, kind === 'deleted' ? undefined : object));
  }

  all(): Iterable<MeasuredVolume> {
    return this.#volumes.values();
  }

  /** By name of the volume; undefined: it is none of them. */
  of(volume: string): MeasuredVolume | undefined {
    return this.#volumes.get(volume);
  }

  #follow(name: string, volume: PersistentVolume | undefined): void {
    const measured = volume && this.#measured(volume);
    if (measured) this.#volumes.set(name, measured);
    else this.#volumes.delete(name);
  }

  #measured(volume: PersistentVolume): MeasuredVolume | undefined {
    const { catalog, storageOf } = this.#options;
    if (volume.status?.phase !== 'Bound' || !isOurs(volume, catalog.settings.provisionerNames)) return undefined;
    const location = locate(volume, catalog.settings.exports);
    if (location.kind !== 'at') return undefined;
    return {
      key: intern(claimKeyOf(volume)),
      volume: volume.metadata.name,
      className: volume.spec.storageClassName ?? '',
      storage: storageOf(location.export),
      path: location.path,
      limitBytes: bytesOf(volume.spec.capacity['storage']) ?? 0n,
    };
  }
}
