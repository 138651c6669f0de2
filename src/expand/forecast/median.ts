/** The middle of the values, the mean of the two middle ones; 0 of none. Moves them about instead of sorting them. */
export function median(values: Float64Array): number {
  const { length } = values;
  if (length === 0) return 0;
  const middle = length >> 1;
  const upper = place(values, middle);
  if (length % 2 === 1) return upper;
  // Left of its place nothing is larger than the upper one.
  let lower = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < middle; index += 1) lower = Math.max(lower, values[index] ?? lower);
  return (lower + upper) / 2;
}

/** Puts the value of that rank in its place, the lesser before it and the larger after it (Hoare 1961). */
function place(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] ?? pivot) < pivot) left += 1;
      while ((values[right] ?? pivot) > pivot) right -= 1;
      if (left > right) break;
      const moved = values[left] ?? 0;
      values[left] = values[right] ?? 0;
      values[right] = moved;
      left += 1;
      right -= 1;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank] ?? 0;
}
