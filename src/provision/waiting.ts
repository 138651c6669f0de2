/** Who is to be looked at again when something outside the work queue changes. */

/** What is waited for, by name; `export` by its address, `room` for less to be requested by the namespace of that name. */
export type Cause =
  | `claim/${string}`
  | `volume/${string}`
  | `class/${string}`
  | `namespace/${string}`
  | `room/${string}`
  | `export/${string}`;

/**
 * Invariant: a key leaves a cause when the cause is taken; whoever still waits then enters again. So a forgotten key
 * costs one idle look, never a missed one.
 */
export class Waiting {
  readonly #waiters = new Map<Cause, Set<string>>();

  add(cause: Cause, key: string): void {
    const waiters = this.#waiters.get(cause);
    if (waiters) waiters.add(key);
    else this.#waiters.set(cause, new Set([key]));
  }

  take(cause: Cause): Iterable<string> {
    const waiters = this.#waiters.get(cause) ?? [];
    this.#waiters.delete(cause);
    return waiters;
  }
}
