/**
 * What to do when the storage driver calls a size impossible (rule 9): ask for less, by halving what was added, until it
 * works or nothing is left to try. Kubernetes allows it since 1.34, for sizes above `status.capacity`, and its resizer
 * takes the lower request up when it had refused in the controller (external-resizer, read 2026-11).
 */
import type { Claim } from '../claim.ts';
import type { History } from '../history.ts';
import { roundDown } from '../portion.ts';
import { readableBytes } from '../readable.ts';

export type Recovery =
  | { readonly kind: 'lower'; readonly toBytes: bigint }
  /** The driver has not answered for the present request yet. */
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'give-up'; readonly reason: string };

export interface RecoverySituation {
  readonly claim: Claim;
  readonly history: History;
  readonly stepBytes: bigint;
  /** Of the volume itself; undefined: not known. */
  readonly volumeBytes: bigint | undefined;
  /** What was found to speak against it; empty: nothing. */
  readonly problem: string;
}

export function recoveryOf({ claim, history, stepBytes, volumeBytes, problem }: RecoverySituation): Recovery {
  const { requestBytes, capacityBytes, allocatedBytes } = claim;
  const asked = readableBytes(requestBytes);
  const above = `lower it by hand to more than ${readableBytes(capacityBytes)}`;
  if (history.growths.at(-1)?.toBytes !== requestBytes) return giveUp(`Larder did not ask for ${asked}: ${above}`);
  if (problem !== '') return giveUp(problem);
  if (volumeBytes !== undefined && volumeBytes >= requestBytes) {
    return giveUp(
      `the volume itself has ${readableBytes(volumeBytes)} already, and a lower request would not change that`,
    );
  }
  // Without this figure nobody can tell whether the refusal is of this request or of the one before.
  if (allocatedBytes === undefined) return giveUp(`the claim does not say which size was refused: ${above}`);
  if (allocatedBytes !== requestBytes) return { kind: 'wait', reason: `the driver has not answered for ${asked} yet` };
  const toBytes = roundDown(capacityBytes + (requestBytes - capacityBytes) / 2n, stepBytes);
  if (toBytes > capacityBytes && toBytes < requestBytes) return { kind: 'lower', toBytes };
  return giveUp(`no size between ${readableBytes(capacityBytes)} and ${asked} is left to try`);
}

const giveUp = (reason: string): Recovery => ({ kind: 'give-up', reason });
