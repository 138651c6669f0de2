/** How often somebody who reads looks for what others wrote. */
import type { Clock } from '../telemetry/clock.ts';

/** Looking for changes takes at most this part of the time: 2 ms with a hundred records, 50 with five thousand. */
const SHARE_OF_TIME = 0.1;

/** Looks when it is time to, once for all who ask meanwhile; else returns at once. */
export function looking(look: () => Promise<void>, clock: Clock): () => Promise<void> {
  let under: Promise<void> | undefined;
  let nextAt = Number.NEGATIVE_INFINITY;
  const timed = async (): Promise<void> => {
    const begun = clock.monotonic();
    try {
      await look();
    } finally {
      const ended = clock.monotonic();
      nextAt = ended + (ended - begun) * (1 / SHARE_OF_TIME - 1);
      under = undefined;
    }
  };
  return async () => {
    if (under === undefined && clock.monotonic() < nextAt) return;
    under ??= timed();
    await under;
  };
}
