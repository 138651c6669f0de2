/** The series of measured volumes: they come with the first measurement and leave with their volume. Nothing is kept for them. */
import type { Clock } from '../../telemetry/clock.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { kubeletVolumeMetrics, usageMetrics } from '../registry.ts';
import type { Storage, Usage } from '../storage.ts';
import type { MeasuredVolume } from '../volumes.ts';

export interface SeriesOptions {
  readonly metrics: Metrics<typeof usageMetrics>;
  /** The same in the words of a kubelet. */
  readonly kubelet?: KubeletSeries | undefined;
}

export interface KubeletSeries {
  readonly metrics: Metrics<typeof kubeletVolumeMetrics>;
  /** Inodes that the export has left; undefined: not known. A directory has no limit of its own. */
  readonly freeInodes: (storage: Storage) => bigint | undefined;
}

/** What was measured of a volume that is there. */
export interface MeasuredUsage {
  readonly volume: MeasuredVolume;
  readonly usage: Usage;
}

/** Declares the series: `measured` is asked whenever somebody reads them. */
export function publishUsage(
  { metrics, kubelet }: SeriesOptions,
  clock: Clock,
  measured: () => Iterable<MeasuredUsage>,
): void {
  const series = (value: (each: MeasuredUsage) => bigint | number) =>
    function* () {
      for (const each of measured()) yield { labels: labelsOf(each.volume), value: Number(value(each)) };
    };
  const ageMs = ({ usage }: MeasuredUsage): number => Math.max(0, clock.now() - usage.readAt);
  metrics.collect(
    'larder_volume_used_bytes',
    series(({ usage }) => usage.usedBytes),
  );
  metrics.collect(
    'larder_volume_inodes_used',
    series(({ usage }) => usage.inodes),
  );
  metrics.collect(
    'larder_volume_limit_bytes',
    series(({ volume }) => volume.limitBytes),
  );
  metrics.collect(
    'larder_volume_usage_age_seconds',
    series((each) => ageMs(each) / 1000),
  );
  if (kubelet) publishAsKubelet(kubelet, measured);
}

function labelsOf({ key, className }: MeasuredVolume) {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), persistentvolumeclaim: key.slice(slash + 1), class: className };
}

/** A figure that is not known of a volume gives no series. */
function publishAsKubelet({ metrics, freeInodes }: KubeletSeries, measured: () => Iterable<MeasuredUsage>): void {
  const series = (value: (each: MeasuredUsage) => bigint | undefined) =>
    function* () {
      for (const each of measured()) {
        const known = value(each);
        if (known !== undefined) yield { labels: labelsOf(each.volume), value: Number(known) };
      }
    };
  const free = ({ volume }: MeasuredUsage): bigint | undefined => freeInodes(volume.storage);
  metrics.collect(
    'kubelet_volume_stats_capacity_bytes',
    series(({ volume }) => volume.limitBytes),
  );
  metrics.collect(
    'kubelet_volume_stats_used_bytes',
    series(({ usage }) => usage.usedBytes),
  );
  metrics.collect(
    'kubelet_volume_stats_available_bytes',
    series(({ volume, usage }) => (volume.limitBytes > usage.usedBytes ? volume.limitBytes - usage.usedBytes : 0n)),
  );
  metrics.collect(
    'kubelet_volume_stats_inodes',
    series((each) => {
      const left = free(each);
      return left === undefined ? undefined : each.usage.inodes + left;
    }),
  );
  metrics.collect(
    'kubelet_volume_stats_inodes_used',
    series((each) => (free(each) === undefined ? undefined : each.usage.inodes)),
  );
  metrics.collect('kubelet_volume_stats_inodes_free', series(free));
}
