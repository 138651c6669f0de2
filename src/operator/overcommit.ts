/** What is promised on an export against what it has: volumes without a quota share its space, first come first served. */
import type { Catalog } from '../provision/catalog.ts';
import type { Space, Storage } from '../provision/storage.ts';
import { addressOf } from '../provision/volume.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { metrics as declared } from './registry.ts';

/** 1: all volumes could be full at once. Undefined for an export that does not say its size. Pure. */
export function overcommitOf(requestedBytes: bigint, totalBytes: bigint): number | undefined {
  if (totalBytes <= 0n) return undefined;
  return Number((requestedBytes * 1_000n) / totalBytes) / 1_000;
}

/** Publishes one look at an export; while it is down only what is requested of it is known. */
export function publishSpace(
  metrics: Metrics<typeof declared>,
  tally: Pick<Catalog['tally'], 'requested'>,
  { description }: Pick<Storage, 'description'>,
  space: Space | undefined,
): void {
  const labels = { export: addressOf(description) };
  const requested = tally.requested(description);
  metrics.set('larder_export_requested_bytes', labels, Number(requested));
  const ratio = space && overcommitOf(requested, space.totalBytes);
  if (space && ratio !== undefined) {
    metrics.set('larder_export_capacity_bytes', labels, Number(space.totalBytes));
    metrics.set('larder_export_free_bytes', labels, Number(space.freeBytes));
    metrics.set('larder_export_overcommit_ratio', labels, ratio);
    return;
  }
  metrics.remove('larder_export_capacity_bytes', labels);
  metrics.remove('larder_export_free_bytes', labels);
  metrics.remove('larder_export_overcommit_ratio', labels);
}
