import type { Sample, UsageSource } from './source.ts';

/** What the provisioner knows about the directory of a claim. */
export interface DirectoryUsage {
  /** Bytes on disk; may exceed the capacity, because a directory without a quota is not stopped there. */
  readonly usedBytes: bigint;
  /** The size that the volume is meant to have: its request, once granted. */
  readonly capacityBytes: bigint;
  readonly inodes: bigint;
  /** Epoch ms at which the measurement ended. */
  readonly at: number;
  /** How often it is measured, milliseconds; default a minute. */
  readonly everyMs?: number;
}

/** `unmeasured`: the directory is ours, and there is no measurement yet. Undefined: not a volume of ours. */
export type DirectoryUsageOf = (key: string) => DirectoryUsage | { readonly unmeasured: string } | undefined;

/**
 * Larder's own directories. Its word is final: a kubelet sees the whole export behind such a volume. Inodes have no
 * total here, so that only the space trigger applies.
 */
export function createDirectoryUsage(usageOf: DirectoryUsageOf): UsageSource {
  return {
    name: 'directory usage',
    async collect({ subjects, deliver }) {
      for (const { key } of subjects) {
        const usage = usageOf(key);
        if (!usage) continue;
        if ('unmeasured' in usage) deliver({ kind: 'none', key, reason: usage.unmeasured, final: true });
        else deliver({ kind: 'sample', key, sample: sampleOf(usage) });
      }
    },
  };
}

function sampleOf({ usedBytes, capacityBytes, at, everyMs = 60_000 }: DirectoryUsage): Sample {
  const availableBytes = capacityBytes > usedBytes ? capacityBytes - usedBytes : 0n;
  return {
    at,
    capacityBytes,
    availableBytes,
    usedBytes,
    inodes: undefined,
    origin: 'directory',
    place: '',
    everyMs,
    abnormal: false,
  };
}
