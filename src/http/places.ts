/** Places of each person, or address, of which everybody has the same few: so nobody takes what is there for all. */
export interface Places {
  /** Returns what leaves it, however often it is called; undefined: `who` has them all. */
  take(who: string): (() => void) | undefined;
}

export function createPlaces(ofOneAtMost: number): Places {
  const taken = new Map<string, number>();
  const change = (who: string, by: 1 | -1): void => {
    const count = (taken.get(who) ?? 0) + by;
    if (count === 0) taken.delete(who);
    else taken.set(who, count);
  };
  return {
    take(who) {
      if ((taken.get(who) ?? 0) >= ofOneAtMost) return undefined;
      change(who, 1);
      let isTaken = true;
      return () => {
        if (isTaken) change(who, -1);
        isTaken = false;
      };
    },
  };
}
