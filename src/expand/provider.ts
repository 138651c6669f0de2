/**
 * What decisions need to know about the storage behind a claim. `expand` owns the interface, the room `providers`
 * implements it, and the operator brings the two together. The methods are those of the requirement's CloudProvider.
 */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../kube/kinds.ts';
import type { Settings } from './settings.ts';

/** A claim with what is known about its volume. */
export interface ProvidedVolume {
  readonly claim: PersistentVolumeClaim;
  /** Absent while unbound or unknown. */
  readonly volume: PersistentVolume | undefined;
  readonly storageClass: StorageClass | undefined;
}

/** At most `perWindow` modifications in any `windowMs`, each at least `minIntervalMs` after the one before. */
interface ModificationLimits {
  readonly perWindow: number;
  readonly windowMs: number;
  readonly minIntervalMs: number;
}

export interface VolumeConstraints {
  /** Bytes. */
  readonly minSize: bigint;
  /** Bytes; undefined = the provider knows no maximum. */
  readonly maxSize: bigint | undefined;
  /** Bytes, above zero: sizes are multiples of it. */
  readonly stepSize: bigint;
  /** For example `gp3`; empty when the provider has no types. */
  readonly volumeType: string;
  /** Undefined = as often as wanted. */
  readonly modifications: ModificationLimits | undefined;
}

export type Expandability = { readonly kind: 'yes' } | { readonly kind: 'no'; readonly reason: string };

export interface Provider {
  readonly name: string;
  canExpand(volume: ProvidedVolume, signal?: AbortSignal): Promise<Expandability>;
  getVolumeConstraints(volume: ProvidedVolume, signal?: AbortSignal): Promise<VolumeConstraints>;
  /** Whether the storage would take this size (bytes). */
  validateExpansion(volume: ProvidedVolume, newSize: bigint, signal?: AbortSignal): Promise<Expandability>;
  /** The provisioner names of the StorageClasses that this provider serves. */
  supportedStorageClasses(): readonly string[];
  /** Settings that suit this storage better than the general defaults; empty when there are none. */
  defaultConfiguration(): Partial<Settings>;
}

/** Finds the provider of a volume. Never fails: storage that nobody knows is `generic`. */
export interface Providers {
  /** `named` is the `provider` setting, undefined when unset. `how` says what gave it away, for `explain`. */
  detect(volume: ProvidedVolume, named: string | undefined): { readonly provider: Provider; readonly how: string };
}
