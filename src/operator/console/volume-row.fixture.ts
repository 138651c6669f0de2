import type { VolumeRow } from '../api.ts';

/** A bound, half-full volume; `over` says what is different. */
export function volumeRow(over: Partial<VolumeRow> = {}): VolumeRow {
  return {
    namespace: 'media',
    claim: 'plex-config',
    volume: 'pvc-1',
    class: 'larder',
    phase: 'Bound',
    path: '/storage/v/plex',
    directory: '/mnt/v/plex',
    request: String(20 * 2 ** 30),
    capacity: String(20 * 2 ** 30),
    used: String(10 * 2 ** 30),
    inodes: '12',
    usedRatio: 0.5,
    measuredAt: 1_000,
    state: 'ok',
    verdict: 'Hold',
    summary: 'holds',
    ...over,
  };
}
