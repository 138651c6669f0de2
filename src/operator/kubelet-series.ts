import { kubeletVolumeMetrics } from '../provision/registry.ts';
import type { KubeletSeries } from '../provision/usage/series.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import type { SpaceWatch } from './space.ts';

/** What a kubelet would say of each directory if it could: registered only where the configuration asks for it. */
export function kubeletSeries(metrics: MetricsRegistry, space: SpaceWatch): KubeletSeries {
  return {
    metrics: metrics.register(kubeletVolumeMetrics),
    freeInodes: (storage) => space.latest(storage)?.freeInodes,
  };
}
