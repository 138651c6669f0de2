const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What a person takes for one character; HCL counts, cuts and reverses texts by these. */
export function graphemesOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
