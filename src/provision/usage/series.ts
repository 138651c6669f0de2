/** The series of measured volumes: they come with the first measurement and leave with their volume. */
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

export interface Series {
  publish(volume: MeasuredVolume, usage: Usage): void;
  age(volume: MeasuredVolume, ageMs: number): void;
  remove(volume: MeasuredVolume): void;
}

export function createSeries({ metrics, kubelet }: SeriesOptions): Series {
  return {
    publish(volume, usage) {
      const labels = labelsOf(volume);
      metrics.set('larder_volume_used_bytes', labels, Number(usage.usedBytes));
      metrics.set('larder_volume_inodes_used', labels, Number(usage.inodes));
      metrics.set('larder_volume_limit_bytes', labels, Number(volume.limitBytes));
      if (kubelet) publishAsKubelet(kubelet, volume, usage);
    },
    age: (volume, ageMs) => metrics.set('larder_volume_usage_age_seconds', labelsOf(volume), Math.max(0, ageMs) / 1000),
    remove(volume) {
      const labels = labelsOf(volume);
      metrics.remove('larder_volume_used_bytes', labels);
      metrics.remove('larder_volume_inodes_used', labels);
      metrics.remove('larder_volume_limit_bytes', labels);
      metrics.remove('larder_volume_usage_age_seconds', labels);
      if (kubelet) removeAsKubelet(kubelet, volume);
    },
  };
}

function labelsOf({ key, className }: MeasuredVolume) {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), persistentvolumeclaim: key.slice(slash + 1), class: className };
}

function publishAsKubelet({ metrics, freeInodes }: KubeletSeries, volume: MeasuredVolume, usage: Usage): void {
  const { namespace, persistentvolumeclaim } = labelsOf(volume);
  const labels = { namespace, persistentvolumeclaim };
  const available = volume.limitBytes > usage.usedBytes ? volume.limitBytes - usage.usedBytes : 0n;
  metrics.set('kubelet_volume_stats_capacity_bytes', labels, Number(volume.limitBytes));
  metrics.set('kubelet_volume_stats_used_bytes', labels, Number(usage.usedBytes));
  metrics.set('kubelet_volume_stats_available_bytes', labels, Number(available));
  const free = freeInodes(volume.storage);
  if (free === undefined) return;
  metrics.set('kubelet_volume_stats_inodes', labels, Number(usage.inodes + free));
  metrics.set('kubelet_volume_stats_inodes_used', labels, Number(usage.inodes));
  metrics.set('kubelet_volume_stats_inodes_free', labels, Number(free));
}

function removeAsKubelet({ metrics }: KubeletSeries, volume: MeasuredVolume): void {
  const { namespace, persistentvolumeclaim } = labelsOf(volume);
  const labels = { namespace, persistentvolumeclaim };
  metrics.remove('kubelet_volume_stats_capacity_bytes', labels);
  metrics.remove('kubelet_volume_stats_used_bytes', labels);
  metrics.remove('kubelet_volume_stats_available_bytes', labels);
  metrics.remove('kubelet_volume_stats_inodes', labels);
  metrics.remove('kubelet_volume_stats_inodes_used', labels);
  metrics.remove('kubelet_volume_stats_inodes_free', labels);
}
