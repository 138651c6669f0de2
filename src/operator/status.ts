import type { Outline } from '../expand/outline.ts';
import type { PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import type { ExportDescription, ExportHealth, Space, Usage } from '../provision/storage.ts';
import { addressOf } from '../provision/volume.ts';
import type { VolumeView } from '../provision/volumes.ts';
import type { ExportRow, VolumeRow } from './api.ts';
import type { ExportLook } from './export-looks.ts';
import { overcommitOf } from './overcommit.ts';

/**
 * One volume as the command line and the page show it: what the rooms know, joined by claim. `problem` is why it could not be given
 * a volume. Pure.
 */
export function volumeRowOf(
  view: VolumeView,
  usage: Usage | undefined,
  decision: Outline | undefined,
  problem?: string,
): VolumeRow {
  const { requestBytes, capacityBytes } = view;
  const size = capacityBytes ?? requestBytes;
  const fullIn = decision?.gauges.pvc_chonker_time_to_full_seconds;
  return {
    namespace: view.namespace,
    claim: view.claim,
    volume: view.volume,
    class: view.class,
    phase: view.phase,
    path: view.path,
    directory: view.directory,
    request: requestBytes?.toString() ?? '',
    capacity: capacityBytes?.toString() ?? '',
    used: usage?.usedBytes.toString() ?? '',
    inodes: usage?.inodes.toString() ?? '',
    ...(usage && size ? { usedRatio: Number((usage.usedBytes * 10_000n) / size) / 10_000 } : {}),
    ...(usage ? { measuredAt: usage.at } : {}),
    ...(fullIn === undefined ? {} : { fullInMs: Math.round(fullIn * 1_000) }),
    ...(decision?.thresholdRatio === undefined ? {} : { thresholdRatio: decision.thresholdRatio }),
    ...(decision?.aheadBytes === undefined ? {} : { ahead: decision.aheadBytes.toString() }),
    state: stateFor(view, decision, problem),
    verdict: decision?.verdict.kind ?? '',
    summary:
      view.phase === 'Pending' && problem !== undefined ? `has no volume: ${problem}` : summaryFor(view, decision),
  };
}

/** A claim on a volume of another driver: nothing is known of it but what growth knows. Pure. */
export function elsewhereRowOf(
  { metadata, spec, status }: PersistentVolumeClaim,
  decision: Outline | undefined,
): VolumeRow {
  const { namespace = '', name } = metadata;
  const view = {
    ...{ namespace, claim: name, volume: spec.volumeName ?? '', class: spec.storageClassName ?? '' },
    ...{ phase: status?.phase ?? 'Pending', path: '', directory: '', adopted: false },
    requestBytes: bytesOf(spec.resources.requests['storage']),
    capacityBytes: bytesOf(status?.capacity?.['storage']),
  };
  const usedRatio = decision?.gauges.pvc_chonker_usage_ratio;
  const measured = decision?.measured;
  return {
    ...volumeRowOf(view, undefined, decision),
    ...(measured ? { used: measured.usedBytes.toString(), measuredAt: measured.at } : {}),
    ...(usedRatio === undefined ? {} : { usedRatio }),
  };
}

/** A claim that was refused a volume waits for a person; one that nobody has refused yet may only be young. */
function stateFor({ phase }: VolumeView, decision: Outline | undefined, problem: string | undefined): string {
  if (phase === 'Bound') return decision?.state ?? 'unknown';
  if (phase !== 'Pending') return 'ok';
  return problem === undefined ? 'unknown' : 'needs you';
}

/** Growth is the question of a bound claim only; before and after that, what is said is what to look at. */
function summaryFor({ phase, namespace, claim }: VolumeView, decision: Outline | undefined): string {
  switch (phase) {
    case 'Pending':
      return `has no volume yet: kubectl describe pvc ${claim} -n ${namespace} says why`;
    case 'Released':
      return 'its claim was deleted';
    case 'Available':
      return 'waits for a claim';
    default:
      return decision?.summary ?? '';
  }
}

export interface ExportView {
  readonly description: ExportDescription;
  readonly health: ExportHealth;
  /** The last figure that was read while it was up. */
  readonly space: Space | undefined;
  readonly requestedBytes: bigint;
  /** Undefined before the first. */
  readonly lastLook: ExportLook | undefined;
}

/** Pure. */
export function exportRowOf({ description, health, space, requestedBytes, lastLook }: ExportView): ExportRow {
  const overcommit = space && overcommitOf(requestedBytes, space.totalBytes);
  return {
    name: addressOf(description),
    backend: description.backend,
    root: description.root,
    up: health.kind === 'up',
    detail: health.kind === 'up' ? '' : health.problem.detail,
    freeBytes: space?.freeBytes.toString() ?? '',
    totalBytes: space?.totalBytes.toString() ?? '',
    freeInodes: space?.freeInodes.toString() ?? '',
    totalInodes: space?.totalInodes.toString() ?? '',
    ...(lastLook?.problem === '' ? { answeredInMs: Math.ceil(lastLook.tookMs) } : {}),
    requestedBytes: requestedBytes.toString(),
    ...(overcommit === undefined ? {} : { overcommit }),
  };
}
