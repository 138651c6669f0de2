/** How large the members of a PVCGroup are to be. Pure; nothing ever shrinks. */
import type { CoordinationPolicy } from '../api/pvc-group.ts';
import type { Claim } from '../claim.ts';
import type { History } from '../history.ts';

/** A member that others can go by. */
export interface Peer {
  /** `namespace/name`. */
  readonly key: string;
  /** What it was granted, bytes, above zero. */
  readonly bytes: bigint;
  /** What it has for itself, without what the group added; at most `bytes`. */
  readonly ownBytes: bigint;
}

export interface Shared {
  /** What each member should have at least. */
  readonly bytes: bigint;
  /** The member that sets it; undefined where all of them do. */
  readonly leader: string | undefined;
}

/**
 * Undefined: nobody follows anybody.
 * `average` and `sum` go by what members have for themselves. Were what the group added counted as well, each growth would
 * raise the mean and with it the next growth, until all have the size of the largest.
 */
export function sharedSize(policy: CoordinationPolicy, peers: readonly Peer[]): Shared | undefined {
  if (policy === 'independent') return undefined;
  const [first, ...rest] = peers;
  if (!first) return undefined;
  if (policy === 'largest') {
    const leader = rest.reduce((most, each) => (isLarger(each, most) ? each : most), first);
    return { bytes: leader.bytes, leader: leader.key };
  }
  const count = BigInt(peers.length);
  const total = peers.reduce((sum, { ownBytes }) => sum + ownBytes, 0n);
  return { bytes: (total + count - 1n) / count, leader: undefined };
}

/** Of the same size the lesser name leads, so that the order of the members says nothing. */
function isLarger(one: Peer, other: Peer): boolean {
  return one.bytes > other.bytes || (one.bytes === other.bytes && one.key < other.key);
}

/** What a new member is given: where the total is kept, it shares in it. */
export function newcomerSize(policy: CoordinationPolicy, peers: readonly Peer[]): Shared | undefined {
  if (policy !== 'sum') return sharedSize(policy, peers);
  if (peers.length === 0) return undefined;
  const count = BigInt(peers.length + 1);
  const total = peers.reduce((sum, { ownBytes }) => sum + ownBytes, 0n);
  return { bytes: (total + count - 1n) / count, leader: undefined };
}

/**
 * Only what was granted leads: a request that nobody granted yet, or that no storage can give, must not raise the others.
 */
export function peerOf(claim: Claim, history: History): Peer | undefined {
  if (claim.phase !== 'Bound' || claim.deleting || claim.capacityBytes <= 0n) return undefined;
  return { key: claim.key, bytes: claim.capacityBytes, ownBytes: ownBytesOf(claim, history) };
}

/** As long as the request is what the group made it, the claim has for itself what it had before. */
export function ownBytesOf({ requestBytes, capacityBytes }: Claim, { growths }: History): bigint {
  const last = growths.at(-1);
  const followed = last?.trigger === 'group' && last.ownBytes !== undefined && last.toBytes === requestBytes;
  if (!followed || last.ownBytes === undefined) return capacityBytes;
  return last.ownBytes < capacityBytes ? last.ownBytes : capacityBytes;
}
