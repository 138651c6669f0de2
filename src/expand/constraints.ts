/** What the world around a claim allows; gathered before a decision, never looked up during one. */

import type { ResourceQuota } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import type { Expandability, VolumeConstraints } from './provider.ts';

/** Bytes that may still be added, and who says so. */
export interface Headroom {
  readonly bytes: bigint;
  readonly source: string;
}

export interface Constraints {
  readonly provider: string;
  /** What gave the provider away, for example `StorageClass provisioner`. */
  readonly detectedBy: string;
  readonly volume: VolumeConstraints;
  readonly expandable: Expandability;
  /** Undefined: the claim names no class, or one that does not exist. */
  readonly storageClass: { readonly name: string; readonly allowVolumeExpansion: boolean } | undefined;
  /** Who asked for a pause; undefined = nobody. */
  readonly pausedBy: string | undefined;
  /** Undefined = no ResourceQuota counts storage here. */
  readonly quota: Headroom | undefined;
  /** Undefined = not a volume on an export of ours, or its free space is unknown. */
  readonly exportFree: Headroom | undefined;
}

const REQUESTS = 'requests.storage';

/** The tightest of the namespace's quotas: for all claims, and for those of the class. Undefined when none counts. */
export function quotaHeadroom(quotas: Iterable<ResourceQuota>, className: string): Headroom | undefined {
  const resources = className === '' ? [REQUESTS] : [REQUESTS, `${className}.storageclass.storage.k8s.io/${REQUESTS}`];
  let tightest: Headroom | undefined;
  for (const quota of quotas) {
    for (const resource of resources) {
      const headroom = headroomIn(quota, resource);
      if (headroom && (!tightest || headroom.bytes < tightest.bytes)) tightest = headroom;
    }
  }
  return tightest;
}

function headroomIn({ metadata, spec, status }: ResourceQuota, resource: string): Headroom | undefined {
  const hard = bytesOf(status?.hard?.[resource] ?? spec.hard?.[resource]);
  if (hard === undefined) return undefined;
  const used = bytesOf(status?.used?.[resource]) ?? 0n;
  return { bytes: hard > used ? hard - used : 0n, source: `ResourceQuota ${metadata.name}, ${resource}` };
}
