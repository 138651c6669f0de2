import type { Options } from 'minisearch';

/** Words, and of `LARDER_PORT_IN_USE` the parts as well: it is looked for whole. */
function tokenize(text: string): string[] {
  const words = text.split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
  return words.flatMap((word) => (word.includes('_') ? [word, ...word.split('_').filter(Boolean)] : [word]));
}

/** Of the index and of whoever reads it: both have to be the same. */
export const searchOptions: Options = {
  fields: ['title', 'heading', 'text'],
  tokenize,
  storeFields: ['title', 'heading', 'excerpt'],
  searchOptions: {
    boost: { title: 4, heading: 3 },
    prefix: true,
    fuzzy: (term: string) => (term.length > 4 ? 0.2 : false),
    combineWith: 'AND',
  },
};
