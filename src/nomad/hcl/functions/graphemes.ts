/** Made when it is first needed: its tables take 20 ms to load, and few jobs count characters. */
let segmenter: Intl.Segmenter | undefined;

/** What a person takes for one character; HCL counts, cuts and reverses texts by these. */
export function graphemesOf(text: string): readonly string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
