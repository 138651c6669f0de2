import type { Log } from '../telemetry/log.ts';

/** Closes what was opened, last first; each exactly once, and one that fails does not keep the others open. */
export class Closers {
  readonly #closers: (() => void | Promise<void>)[] = [];

  add(close: () => void | Promise<void>): void {
    this.#closers.unshift(close);
  }

  async close(log: Log): Promise<void> {
    for (const close of this.#closers.splice(0)) {
      try {
        await close();
      } catch (err) {
        log.error({ err }, 'something could not be closed');
      }
    }
  }
}
