/** A quarter of a year, UTC. */
export interface Quarter {
  /** `2026-Q1`. */
  readonly name: string;
  readonly from: number;
  /** First moment of the next one. */
  readonly to: number;
  /** Consecutive: the next quarter has the next number. */
  readonly number: number;
}

export function quarterOf(time: number): Quarter {
  const date = new Date(time);
  return numbered(date.getUTCFullYear() * 4 + Math.floor(date.getUTCMonth() / 3));
}

export function numbered(number: number): Quarter {
  const year = Math.floor(number / 4);
  const index = number - year * 4;
  return {
    name: `${year}-Q${index + 1}`,
    from: Date.UTC(year, index * 3),
    to: Date.UTC(year, index * 3 + 3),
    number,
  };
}
