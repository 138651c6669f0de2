/** A part of a text that is secret. */
export interface Span {
  /** Where it begins and ends, as `slice` takes them. */
  readonly start: number;
  readonly end: number;
  /** What it is, in the words of a person; never the value. */
  readonly kind: string;
}

/** Spans of one capturing group of every match; a group that did not take part gives none. */
export function spansOf(text: string, pattern: RegExp, kind: string, group = 0): readonly Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern)) {
    const [start, end] = match.indices?.[group] ?? [match.index, match.index + match[0].length];
    if (group > 0 && match[group] === undefined) continue;
    spans.push({ start, end, kind });
  }
  return spans;
}
