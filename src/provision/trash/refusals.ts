/** Why a pledge was not redeemed, by its uid: for those who wait for it in this process. */
export class Refusals {
  readonly #byUid = new Map<string, string>();
  readonly #listeners = new Set<() => void>();

  get(uid: string): string | undefined {
    return this.#byUid.get(uid);
  }

  set(uid: string, message: string): void {
    this.#byUid.set(uid, message);
    for (const listener of this.#listeners) listener();
  }

  forget(uid: string): void {
    this.#byUid.delete(uid);
  }

  /** Returns the way to take the listener off. */
  onSet(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
