/** What the templates of a StatefulSet ask for, beside what its claims have by now. */
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { bytesOf, formatQuantity } from '../../kube/quantity.ts';
import { claimsOf, recordIn, type StatefulSet, templateName, templatesIn } from './stateful-set.ts';

export interface Drift {
  readonly template: string;
  /** Quantity, as it is written. */
  readonly written: string;
  /** How many claims it has. */
  readonly claims: number;
  /** The claim that has most; empty: none has more than is written. */
  readonly largest: string;
  /** Quantity; the written one where no claim has more. */
  readonly live: string;
  readonly outgrown: boolean;
}

/** A row for each template. */
export function driftOf(set: StatefulSet, claims: readonly PersistentVolumeClaim[]): readonly Drift[] {
  return templatesIn(set.whole).map((template) => {
    const name = templateName(template);
    const written = String(recordIn(template, 'spec', 'resources', 'requests')['storage'] ?? '0');
    const own = claimsOf(set, name, claims);
    let largest = { name: '', bytes: bytesOf(written) ?? 0n };
    for (const claim of own) {
      const bytes = granted(claim);
      if (bytes > largest.bytes) largest = { name: claim.metadata.name, bytes };
    }
    const outgrown = largest.name !== '';
    const live = outgrown ? formatQuantity(largest.bytes) : written;
    return { template: name, written, claims: own.length, largest: largest.name, live, outgrown };
  });
}

/**
 * What was asked for and is there: a request that no storage can give must not become that of new replicas, and what a
 * storage rounded up was never asked for.
 */
function granted({ metadata, spec, status }: PersistentVolumeClaim): bigint {
  if (status?.phase !== 'Bound' || metadata.deletionTimestamp !== undefined) return 0n;
  const request = bytesOf(spec.resources.requests['storage']) ?? 0n;
  const capacity = bytesOf(status.capacity?.['storage']) ?? 0n;
  return request < capacity ? request : capacity;
}
