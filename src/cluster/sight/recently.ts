import type { Clock } from '../../telemetry/clock.ts';

/** The same answer for everybody who asks within `ms`; those who ask while it is made wait for that one. A failure is not kept. */
export function recently<T>(clock: Pick<Clock, 'monotonic'>, ms: number, work: (signal: AbortSignal) => Promise<T>) {
  let kept: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return (signal: AbortSignal): Promise<T> => {
    const now = clock.monotonic();
    if (kept !== undefined && now - kept.at < ms) return kept.answer;
    const made = { at: now, answer: work(signal) };
    kept = made;
    made.answer.catch(() => {
      if (kept === made) kept = undefined;
    });
    return made.answer;
  };
}
