/** Lets so many through at once; the others wait in their order. */
export type Turnstile = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurnstile(atOnce: number): Turnstile {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async (work) => {
    // Who leaves hands the place over, so that nobody who comes in between takes it.
    if (inside < atOnce) inside += 1;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    }
  };
}

/** One for each key. None is kept that nobody is at. */
export function createTurnstiles(atOnce: number): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const used = new Map<string, { readonly inTurn: Turnstile; count: number }>();
  return async (key, work) => {
    const own = used.get(key) ?? { inTurn: createTurnstile(atOnce), count: 0 };
    used.set(key, own);
    own.count += 1;
    try {
      return await own.inTurn(work);
    } finally {
      own.count -= 1;
      if (own.count === 0) used.delete(key);
    }
  };
}
