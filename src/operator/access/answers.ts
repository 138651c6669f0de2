/** Answers that count for a while: who asks the same meanwhile gets the same, and who asks at once shares one question. */
import type { Clock } from '../../telemetry/clock.ts';

export interface Answers<T> {
  /** Asks when nothing is known. Rejects with what `ask` rejects with, and remembers no failure. */
  of(key: string, ask: () => Promise<T>): Promise<T>;
}

export interface AnswersOptions<T> {
  readonly keptMs: (value: T) => number;
  /** So many are remembered; the oldest goes first. */
  readonly atMost: number;
  readonly clock: Clock;
}

interface Known<T> {
  readonly value: T;
  /** Monotonic. */
  readonly until: number;
}

export function createAnswers<T>({ keptMs, atMost, clock }: AnswersOptions<T>): Answers<T> {
  const known = new Map<string, Known<T>>();
  const asked = new Map<string, Promise<T>>();
  const remember = (key: string, value: T, askedAt: number): void => {
    known.delete(key); // a Map is in the order of insertion
    known.set(key, { value, until: askedAt + keptMs(value) });
    const oldest = known.keys().next();
    if (known.size > atMost && oldest.done !== true) known.delete(oldest.value);
  };
  return {
    of(key, ask) {
      const answer = known.get(key);
      if (answer && clock.monotonic() < answer.until) return Promise.resolve(answer.value);
      const waiting = asked.get(key);
      if (waiting) return waiting;
      const askedAt = clock.monotonic();
      const asking = ask()
        .then((value) => {
          remember(key, value, askedAt);
          return value;
        })
        .finally(() => asked.delete(key));
      asked.set(key, asking);
      return asking;
    },
  };
}
