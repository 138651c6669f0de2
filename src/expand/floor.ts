/** A size that a claim is to have whatever it uses, because others want it so. */

import type { Growth, Trigger } from './history.ts';

export const floorTriggers = ['group', 'initial', 'manual'] as const;

export interface Floor {
  readonly bytes: bigint;
  readonly trigger: (typeof floorTriggers)[number];
  /** As a user reads it, for example `group es-data (largest: elastic/data-es-master-0)`. */
  readonly source: string;
  /** Of a group: the size that the claim has for itself, without what the group added. */
  readonly ownBytes?: bigint | undefined;
  /** Epoch ms from which on nobody wants it any more; absent: for good. */
  readonly until?: number | undefined;
}

/** A little more than there is: where not even one step fits, the gates then say what is in the way. */
export function unreachable(baseBytes: bigint): bigint {
  return baseBytes + 1n;
}

/** What a growth remembers of what wanted it: of a group's, what the claim has for itself. */
export function ownOf(trigger: Trigger, floor: Floor | undefined): Pick<Growth, 'ownBytes'> {
  return trigger === 'group' && floor?.ownBytes !== undefined ? { ownBytes: floor.ownBytes } : {};
}
