/** What the LimitRanges of a namespace say about the size of a claim; Kubernetes refuses an update that breaks one. */
import { bytesOf } from '../../kube/quantity.ts';
import type { LimitRange } from './guard-kinds.ts';

export interface Limit {
  readonly bytes: bigint;
  /** As a user reads it, for example `LimitRange storage, max`. */
  readonly source: string;
}

export interface Limits {
  readonly least: Limit | undefined;
  readonly most: Limit | undefined;
}

const OF_CLAIMS = 'PersistentVolumeClaim';

/** Every LimitRange counts, so the largest `min` and the smallest `max` do. */
export function limitsOf(ranges: Iterable<LimitRange>): Limits {
  let least: Limit | undefined;
  let most: Limit | undefined;
  for (const { metadata, spec } of ranges) {
    for (const { type, min, max } of spec.limits) {
      if (type !== OF_CLAIMS) continue;
      const [low, high] = [bytesOf(min?.['storage']), bytesOf(max?.['storage'])];
      const source = `LimitRange ${metadata.name}`;
      if (low !== undefined && (!least || low > least.bytes)) least = { bytes: low, source: `${source}, min` };
      if (high !== undefined && (!most || high < most.bytes)) most = { bytes: high, source: `${source}, max` };
    }
  }
  return { least, most };
}
