/** The index of the search, made when the site is built: it is read without a server. */
import MiniSearch from 'minisearch';
import type { Section } from './markdown.ts';
import { searchOptions } from './search-options.ts';

export interface Searchable {
  readonly place: string;
  readonly title: string;
  readonly sections: readonly Section[];
}

const EXCERPT = 160;

/** A script that leaves the index in `larderSearch`: scripts are what a page may load from a file. */
export function searchScript(pages: readonly Searchable[]): string {
  const index = new MiniSearch(searchOptions);
  index.addAll(
    pages.flatMap(({ place, title, sections }) =>
      sections.map(({ id, heading, text }) => ({
        id: id === '' ? place : `${place}#${id}`,
        title,
        heading: heading === title ? '' : heading,
        text,
        excerpt: text.slice(0, EXCERPT),
      })),
    ),
  );
  return `globalThis.larderSearch = ${JSON.stringify(JSON.stringify(index))};\n`;
}
