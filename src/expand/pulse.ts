import type { Clock } from '../telemetry/clock.ts';

/** When the passes over all volumes last came to an end; what a health check asks. */
export class Pulse {
  readonly #clock: Clock;
  #lastMono: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Also when the passes begin, so that a first one that never ends is noticed as well. */
  beat(): void {
    this.#lastMono = this.#clock.monotonic();
  }

  /** Milliseconds; undefined before the first beat. */
  ageMs(): number | undefined {
    return this.#lastMono === undefined ? undefined : this.#clock.monotonic() - this.#lastMono;
  }
}
