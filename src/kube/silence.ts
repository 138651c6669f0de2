import type { Clock } from '../telemetry/clock.ts';

/** Calls `onSilent` once nothing was heard for the limit. One timer at a time, however much is heard. */
export function guardSilence(
  clock: Clock,
  limitMs: () => number,
  onSilent: () => void,
): { heard: () => void; stop: () => void } {
  let heardMs = clock.monotonic();
  const check = (): void => {
    const leftMs = limitMs() - (clock.monotonic() - heardMs);
    if (leftMs <= 0) onSilent();
    else timer = clock.after(leftMs, check);
  };
  let timer = clock.after(limitMs(), check);
  return {
    heard: () => {
      heardMs = clock.monotonic();
    },
    stop: () => timer.cancel(),
  };
}
