/** The kubelet's volume metrics in Prometheus' text format (`/metrics`), for where the Summary API is not served. */
import { type Count, countOf, type Figures, figuresToReading, type Observer } from './figures.ts';
import type { Reading } from './source.ts';

export const METRICS_PATH = '/metrics';

const SERIES = {
  kubelet_volume_stats_capacity_bytes: 'capacity',
  kubelet_volume_stats_available_bytes: 'available',
  kubelet_volume_stats_used_bytes: 'used',
  kubelet_volume_stats_inodes: 'inodes',
  kubelet_volume_stats_inodes_free: 'inodesFree',
  kubelet_volume_stats_inodes_used: 'inodesUsed',
} as const;
type FigureName = (typeof SERIES)[keyof typeof SERIES];
const ABNORMAL = 'kubelet_volume_stats_health_status_abnormal';
const PREFIX = 'kubelet_volume_stats_';

interface Volume {
  readonly counts: Map<FigureName, Count>;
  abnormal: boolean;
}

/**
 * One reading per claim. The text carries no time of measurement, so that the oldest possible one is taken: a refresh
 * before `readAt` (epoch ms). Undefined: the text is cut off (a whole one ends with a line feed) or is not this format.
 */
export function parseExposition(
  text: string,
  observer: Observer,
  readAt: number,
): ReadonlyMap<string, Reading> | undefined {
  if (!text.endsWith('\n')) return undefined;
  const volumes = new Map<string, Volume>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(PREFIX)) continue;
    const series = seriesIn(line);
    if (!series) return undefined;
    const volume = volumes.get(series.key) ?? { counts: new Map(), abnormal: false };
    volumes.set(series.key, volume);
    if (series.name === ABNORMAL) volume.abnormal = series.value === 1;
    else if (isFigure(series.name)) volume.counts.set(SERIES[series.name], countOf(series.value));
  }
  const readings = new Map<string, Reading>();
  for (const [key, volume] of volumes) {
    readings.set(key, figuresToReading(key, figuresOf(volume, readAt - observer.everyMs), observer));
  }
  return readings;
}

function isFigure(name: string): name is keyof typeof SERIES {
  return Object.hasOwn(SERIES, name);
}

function figuresOf({ counts, abnormal }: Volume, at: number): Figures {
  const count = (name: FigureName): Count => counts.get(name) ?? 'absent';
  return {
    at,
    capacity: count('capacity'),
    available: count('available'),
    used: count('used'),
    inodes: count('inodes'),
    inodesFree: count('inodesFree'),
    inodesUsed: count('inodesUsed'),
    abnormal,
  };
}

const LINE = /^([a-z_]+)\{([^}]*)\}\s+(\S+)(?:\s+-?\d+)?\s*$/;

function seriesIn(line: string): { name: string; key: string; value: number } | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, name = '', labels = '', value = ''] = match;
  const namespace = /(?:^|,)namespace="([^"\\]*)"/.exec(labels)?.[1];
  const claim = /(?:^|,)persistentvolumeclaim="([^"\\]*)"/.exec(labels)?.[1];
  if (namespace === undefined || claim === undefined) return undefined;
  return { name, key: `${namespace}/${claim}`, value: numberIn(value) };
}

/** Go writes `+Inf`, `-Inf` and `NaN`; all of them, and words, are no number to us. */
function numberIn(text: string): number {
  return /^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}
