/**
 * What decisions need to know about the storage behind a claim. `expand` owns the interface, the room `providers`
 * implements it, and the operator brings the two together. The methods are those of the requirement's CloudProvider.
 */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../kube/kinds.ts';
import type { Settings } from './settings/settings.ts';

/** A claim with what is known about its volume. */
export interface ProvidedVolume {
  readonly claim: PersistentVolumeClaim;
  /** Absent while unbound or unknown. */
  readonly volume: PersistentVolume | undefined;
  readonly storageClass: StorageClass | undefined;
  /** The setting of that name (`aws-volume-type`, `providerConfig.volumeType`): stronger than what can be found out. */
  readonly volumeType?: string | undefined;
  /** The VolumeAttributesClass that the claim names, where it could be read. */
  readonly attributes?: { readonly name: string; readonly parameters: Readonly<Record<string, string>> } | undefined;
}

/** At most `perWindow` modifications in any `windowMs`, each at least `minIntervalMs` after the one before. */
export interface ModificationLimits {
  readonly perWindow: number;
  readonly windowMs: number;
  readonly minIntervalMs: number;
}

/** The newest modification of a volume that its cloud reports, whoever asked for it. */
export interface Modification {
  /** Epoch ms at which it began. */
  readonly at: number;
  /** In the cloud's words, for example `optimizing`. */
  readonly state: string;
  /** False while the cloud accepts no other one. */
  readonly settled: boolean;
  readonly source: string;
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
  /**
   * Sizes at which the price changes, bytes, ascending: growing up to the next one costs nothing more. Absent: every step
   * costs.
   */
  readonly tiers?: readonly bigint[];
  /** What sets the maximum, where the provider's name alone would not explain it. */
  readonly maxSizeWhy?: string;
  /** Where the type comes from, for example `class parameter type`. */
  readonly typeFrom?: string;
  /** Absent: nobody looked it up, or there is none. */
  readonly lastModification?: Modification;
  /** What a user should know about these figures, for example that a look-up failed. */
  readonly notes?: readonly string[];
}

/** What the words of a storage driver mean. */
export interface DriverFailure {
  readonly reason: DriverReason;
  /** What to do, as a sentence without its full stop. */
  readonly remedy: string;
}

/** A closed set: label `reason` of failures, and a heading of docs/reference/providers.md. */
export const driverReasons = {
  'modification-rate': 'the cloud counts how often a volume is modified, and this was once too often',
  'modification-running': 'an earlier modification of the volume has not ended',
  throttled: 'the cloud answers too many requests of this account',
  'cloud-quota': 'the account, project or subscription may not have more storage',
  'too-large': 'the type of volume does not come in this size',
  'detach-needed': 'the volume can only grow while no node has it attached',
  'cloud-forbidden': 'the account of the storage driver may not modify volumes',
  'volume-gone': 'the cloud does not know the volume',
  'no-space': 'the storage has no room left',
} as const;
export type DriverReason = keyof typeof driverReasons;

export type Expandability = { readonly kind: 'yes' } | { readonly kind: 'no'; readonly reason: string };

export interface Provider {
  readonly name: string;
  canExpand(volume: ProvidedVolume, signal?: AbortSignal): Promise<Expandability>;
  getVolumeConstraints(volume: ProvidedVolume, signal?: AbortSignal): Promise<VolumeConstraints>;
  /** Whether the storage would take this size (bytes). */
  validateExpansion(volume: ProvidedVolume, newSize: bigint, signal?: AbortSignal): Promise<Expandability>;
  /** What the storage driver's own words (a condition's message) mean; undefined: not known. Pure. */
  failureOf?(message: string): DriverFailure | undefined;
  /** The provisioner names of the StorageClasses that this provider serves. */
  supportedStorageClasses(): readonly string[];
  /** Settings that suit this storage better than the general defaults; empty when there are none. */
  defaultConfiguration(): Partial<Settings>;
}

/** Finds the provider of a volume. Never fails: storage that nobody knows is `generic`. */
export interface Providers {
  /** What the setting `provider` may name; absent: anything. */
  readonly names?: readonly string[];
  /** `named` is the `provider` setting, undefined when unset. `how` says what gave it away, for `explain`. */
  detect(volume: ProvidedVolume, named: string | undefined): { readonly provider: Provider; readonly how: string };
}
