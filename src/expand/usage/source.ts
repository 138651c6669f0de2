/** One measurement of a volume, and where measurements come from. */

/** Capacity and available always come from one scrape; a source never fills in what it did not read. */
export interface Sample {
  /** Epoch ms at which it was measured (not: fetched). */
  readonly at: number;
  readonly capacityBytes: bigint;
  /** For a directory, which may exceed its request: max(0, request − used). */
  readonly availableBytes: bigint;
  /** As measured; a directory's may exceed the capacity. */
  readonly usedBytes: bigint;
  /** Undefined when the filesystem reports none; total is then above zero. */
  readonly inodes: { readonly total: bigint; readonly used: bigint } | undefined;
  /** Samples are only compared with others of the same origin, for example `kubelet` or `directory`. */
  readonly origin: string;
  /** Where exactly, for example `node worker-1`; empty when the origin says it all. */
  readonly place: string;
  /** How often the origin measures anew, milliseconds: asking it more often makes no newer sample. */
  readonly everyMs: number;
  /** The kubelet says that the volume is abnormal. */
  readonly abnormal: boolean;
}

/** As a person reads it: `kubelet, node worker-1`. */
export function sampleSource({ origin, place }: Pick<Sample, 'origin' | 'place'>): string {
  return place === '' ? origin : `${origin}, ${place}`;
}

/** `none`: this source should know the volume and does not. `final`: no other source may be asked instead. */
export type Reading =
  | { readonly kind: 'sample'; readonly key: string; readonly sample: Sample }
  | { readonly kind: 'none'; readonly key: string; readonly reason: string; readonly final: boolean };

/** A claim to be measured. */
export interface Subject {
  /** `namespace/name`. */
  readonly key: string;
  /** Nodes with a running pod that mounts it. */
  readonly nodes: readonly string[];
  /** True for a directory on a shared NFS export: a kubelet reports the whole export for it, never the directory. */
  readonly sharesFilesystem: boolean;
}

/** Why what kubelets report says nothing about a subject; undefined when it does. */
export function unseen({ sharesFilesystem, nodes }: Subject): string | undefined {
  if (sharesFilesystem) return 'a kubelet reports the whole export for a directory on it';
  return nodes.length === 0 ? 'no running pod mounts it' : undefined;
}

/** How asking one node went. */
export interface NodeScrape {
  readonly node: string;
  /** `kept`: it was not asked, because it cannot know anything new yet; what it said the last time counts. */
  readonly kind: 'ok' | 'failed' | 'kept';
  /** Empty when it went well. */
  readonly reason: string;
  readonly durationMs: number;
}

export interface Collection {
  readonly subjects: readonly Subject[];
  /** Called once per subject that this source covers, as soon as the answer is there. */
  deliver(reading: Reading): void;
  /** Called once per node. */
  scraped?(scrape: NodeScrape): void;
}

/** How the last collection went. */
export interface SourceHealth {
  /** Nodes, or requests where a source does not ask nodes. */
  readonly asked: number;
  readonly failed: number;
  /** One failure in words; empty when there was none. */
  readonly example: string;
}

export interface UsageSource {
  readonly name: string;
  /** Undefined before the first collection, and of a source that asks nobody. */
  health?(): SourceHealth | undefined;
  /** Resolves when every covered subject was delivered. A failing part of the world is a reading, never a rejection. */
  collect(collection: Collection, signal: AbortSignal): Promise<void>;
}
