/** What the world around a claim allows; gathered before a decision, never looked up during one. */

import type { ResourceQuota } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import { matchesSelector } from '../kube/selector.ts';
import type { Guards } from './guard/guards.ts';
import type { DriverFailure, Expandability, VolumeConstraints } from './provider.ts';

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
  /** What the driver's last error means, where the provider knows its words. */
  readonly failure?: DriverFailure | undefined;
  /** Undefined: the claim names no class, or one that does not exist. */
  readonly storageClass: { readonly name: string; readonly allowVolumeExpansion: boolean } | undefined;
  /** Who asked for a pause; undefined = nobody. */
  readonly pausedBy: string | undefined;
  /** Undefined = no ResourceQuota counts storage here. */
  readonly quota: Headroom | undefined;
  /** Undefined = not a volume on an export of ours, or its free space is unknown. */
  readonly exportFree: Headroom | undefined;
  /** What was looked at before the request is raised; absent: nothing. */
  readonly guards?: Guards | undefined;
}

const REQUESTS = 'requests.storage';

/** The tightest of the namespace's quotas: for all claims, for those of the class, or of the VolumeAttributesClass. Undefined when none counts. */
export function quotaHeadroom(
  quotas: Iterable<ResourceQuota>,
  className: string,
  attributesClass = '',
): Headroom | undefined {
  const resources = className === '' ? [REQUESTS] : [REQUESTS, `${className}.storageclass.storage.k8s.io/${REQUESTS}`];
  let tightest: Headroom | undefined;
  for (const quota of quotas) {
    if (!counts(quota, attributesClass)) continue;
    for (const resource of resources) {
      const headroom = headroomIn(quota, resource);
      if (headroom && (!tightest || headroom.bytes < tightest.bytes)) tightest = headroom;
    }
  }
  return tightest;
}

const SCOPE = 'VolumeAttributesClass';

/** Of the scopes of a quota only this one is of claims; the others cannot stand beside a limit of storage. */
function counts({ spec }: ResourceQuota, attributesClass: string): boolean {
  if (spec.scopes?.includes(SCOPE) && attributesClass === '') return false;
  const labels: Readonly<Record<string, string>> = attributesClass === '' ? {} : { [SCOPE]: attributesClass };
  const expressions = (spec.scopeSelector?.matchExpressions ?? []).filter(({ scopeName }) => scopeName === SCOPE);
  return expressions.every(({ operator, values }) =>
    matchesSelector({ matchExpressions: [{ key: SCOPE, operator, ...(values && { values }) }] }, labels),
  );
}

function headroomIn({ metadata, spec, status }: ResourceQuota, resource: string): Headroom | undefined {
  const hard = bytesOf(status?.hard?.[resource] ?? spec.hard?.[resource]);
  if (hard === undefined) return undefined;
  const used = bytesOf(status?.used?.[resource]) ?? 0n;
  return { bytes: hard > used ? hard - used : 0n, source: `ResourceQuota ${metadata.name}, ${resource}` };
}
