/**
 * Whether anybody waits for setImmediate. In a process that only simulates (hooks.ts) every call is counted, so that the
 * scheduler knows when nothing is ready; elsewhere it must assume that somebody does.
 */
const real = { set: globalThis.setImmediate, clear: globalThis.clearImmediate };
const waiting = new Set<NodeJS.Immediate>();
let counted = false;
let assumed = 0;

export const immediates = {
  /** Counts from now on. */
  count(): void {
    counted = true;
    globalThis.setImmediate = new Proxy(real.set, {
      apply(_target, _self, [callback, ...values]: [(...values: unknown[]) => void, ...unknown[]]) {
        const immediate = real.set(() => {
          waiting.delete(immediate);
          callback(...values);
        });
        waiting.add(immediate);
        return immediate;
      },
    });
    globalThis.clearImmediate = (immediate) => {
      if (immediate) waiting.delete(immediate);
      real.clear(immediate);
    };
  },
  pending(): number {
    if (counted) return waiting.size;
    assumed = 1 - assumed; // one turn after each tick
    return assumed;
  },
  /** One turn of the event loop: immediates that wait now run. */
  turn(): Promise<void> {
    return new Promise((resolve) => void real.set(resolve));
  },
};
