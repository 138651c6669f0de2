import type { Reading, Sample } from './source.ts';

/** Numbers of one volume as a kubelet gave them; `malformed` = given, but not a whole number from zero. */
export interface Figures {
  readonly at: number;
  readonly capacity: Count;
  readonly available: Count;
  readonly used: Count;
  readonly inodes: Count;
  readonly inodesFree: Count;
  readonly inodesUsed: Count;
  readonly abnormal: boolean;
}
export type Count = bigint | 'absent' | 'malformed';

export function countOf(value: unknown): Count {
  if (value === undefined || value === null) return 'absent';
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return 'malformed';
  return BigInt(Math.round(value));
}

/** Whom figures are of, as `Sample` has it. */
export type Observer = Pick<Sample, 'origin' | 'place' | 'everyMs'>;

export function kubeletOf(node: string, everyMs: number): Observer {
  return { origin: 'kubelet', place: `node ${node}`, everyMs };
}

/** Capacity and available must both be there and plausible; nothing is ever filled in for a missing number. */
export function figuresToReading(key: string, figures: Figures, observer: Observer): Reading {
  const { at, capacity, available, used, abnormal } = figures;
  const { origin, place, everyMs } = observer;
  const none = (reason: string): Reading => ({ kind: 'none', key, reason: `${place}: ${reason}`, final: false });
  if (typeof capacity !== 'bigint') return none(`capacity is ${capacity}`);
  if (typeof available !== 'bigint') return none(`available is ${available}`);
  if (capacity === 0n) return none('capacity is zero');
  if (available > capacity) return none('available is above the capacity');
  return {
    kind: 'sample',
    key,
    sample: {
      at,
      capacityBytes: capacity,
      availableBytes: available,
      usedBytes: typeof used === 'bigint' ? used : capacity - available,
      inodes: inodesOf(figures),
      origin,
      place,
      everyMs,
      abnormal,
    },
  };
}

/** Without a total there is no share, so that only the inode trigger is lost (rule 5). */
function inodesOf({ inodes, inodesFree, inodesUsed }: Figures): { total: bigint; used: bigint } | undefined {
  if (typeof inodes !== 'bigint' || inodes === 0n) return undefined;
  const used = typeof inodesFree === 'bigint' ? inodes - inodesFree : inodesUsed;
  return typeof used === 'bigint' && used >= 0n && used <= inodes ? { total: inodes, used } : undefined;
}
