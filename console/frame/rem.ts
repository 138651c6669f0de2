/** So many rem of the style sheets in pixels, for what is not laid out by them. */
export function rem(count: number): number {
  return count * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
