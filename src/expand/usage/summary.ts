/** The kubelet's Summary API (`/stats/summary`): volume statistics of every pod on a node. */

import { parseTime } from '../history.ts';
import { countOf, type Figures, figuresToReading, type Observer } from './figures.ts';
import type { Reading } from './source.ts';

export const SUMMARY_PATH = '/stats/summary';

/**
 * One reading per claim that a pod of the node mounts. `readAt` (epoch ms) stands in where a volume carries no time.
 * Undefined: the text is not a summary.
 */
export function parseSummary(
  text: string,
  observer: Observer,
  readAt: number,
): ReadonlyMap<string, Reading> | undefined {
  const pods = recordsIn(jsonIn(text), 'pods');
  if (!pods) return undefined;
  const readings = new Map<string, Reading>();
  for (const pod of pods) {
    for (const volume of recordsIn(pod, 'volume') ?? []) {
      const key = claimKeyOf(volume);
      if (key === undefined) continue;
      const reading = figuresToReading(key, figuresOf(volume, readAt), observer);
      readings.set(key, newer(readings.get(key), reading));
    }
  }
  return readings;
}

/** Several pods may mount one claim: the newest sample wins, and any sample wins over none. */
function newer(before: Reading | undefined, reading: Reading): Reading {
  if (before?.kind !== 'sample') return reading;
  return reading.kind === 'sample' && reading.sample.at > before.sample.at ? reading : before;
}

function figuresOf(volume: Fields, readAt: number): Figures {
  const { time } = volume;
  const stamp = typeof time === 'string' ? parseTime(time) : undefined;
  const health = fieldsOf(volume['volumeHealthStats']);
  return {
    at: stamp?.ok ? stamp.value : readAt,
    capacity: countOf(volume['capacityBytes']),
    available: countOf(volume['availableBytes']),
    used: countOf(volume['usedBytes']),
    inodes: countOf(volume['inodes']),
    inodesFree: countOf(volume['inodesFree']),
    inodesUsed: countOf(volume['inodesUsed']),
    abnormal: health?.['abnormal'] === true,
  };
}

function claimKeyOf(volume: Fields): string | undefined {
  const reference = fieldsOf(volume['pvcRef']);
  const { name, namespace } = reference ?? {};
  return typeof name === 'string' && typeof namespace === 'string' ? `${namespace}/${name}` : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function jsonIn(text: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined; // given up: a body that was cut off says nothing that can be trusted
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function recordsIn(fields: Fields | undefined, name: string): readonly Fields[] | undefined {
  const list = fields?.[name];
  if (!Array.isArray(list)) return undefined;
  return list.map(fieldsOf).filter((one) => one !== undefined);
}
