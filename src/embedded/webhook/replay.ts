/** Time and randomness of work that is run again: the second run sees what the first saw. */
import type { Clock, Random } from '../../telemetry/clock.ts';

export interface Replay {
  readonly clock: Clock;
  readonly random: Random;
  /** The next run begins. */
  rewind(): void;
}

export function createReplay({ clock, random }: { readonly clock: Clock; readonly random: Random }): Replay {
  const numbers: number[] = [];
  const uuids: string[] = [];
  let [number, uuid] = [0, 0];
  const nowMs = clock.now();
  return {
    clock: { ...clock, now: () => nowMs },
    random: {
      next() {
        const value = numbers[number] ?? random.next();
        numbers[number] = value;
        number += 1;
        return value;
      },
      uuid() {
        const value = uuids[uuid] ?? random.uuid();
        uuids[uuid] = value;
        uuid += 1;
        return value;
      },
    },
    rewind() {
      number = 0;
      uuid = 0;
    },
  };
}
