/**
 * Somebody lowered a request that Larder had raised, for example a GitOps tool that writes back what its repository says.
 * Raising it again at once would be a fight that both lose; so Larder waits, and longer each time.
 */
import type { Claim } from '../claim.ts';
import type { Growth, History } from '../history.ts';

const FIRST_WAIT_MS = 3_600_000;
const LONGEST_WAIT_MS = 86_400_000;

export interface Lowered {
  readonly growth: Growth;
  /** How often it happened before, as the history shows. */
  readonly times: number;
  readonly waitMs: number;
}

/** Undefined: the request is at least what Larder wrote last. */
export function loweredBy({ requestBytes }: Claim, { growths }: History): Lowered | undefined {
  const growth = growths.at(-1);
  if (!growth || requestBytes >= growth.toBytes) return undefined;
  let times = 0;
  for (const [index, later] of growths.entries()) {
    const earlier = growths[index - 1];
    if (earlier && later.trigger !== 'recovery' && later.fromBytes < earlier.toBytes) times += 1;
  }
  return { growth, times, waitMs: Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** times) };
}
