/** The order of the pages: as docs/README.md lists them, then what it does not list, by folder. */
import { dirname, posix } from 'node:path';
import { placeOf, targetOf } from './pages.ts';

export interface Entry {
  readonly place: string;
  readonly title: string;
}

export interface Chapter {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** Headings of what is not listed. */
const folders: Readonly<Record<string, string>> = {
  'docs/guides': 'More guides',
  'docs/reference': 'Reference',
  'docs/adr': 'Decisions',
  docs: 'About',
  '.': 'Project',
};

/** @param titles of all pages, by source. */
export function navigationOf(contents: string, titles: ReadonlyMap<string, string>): readonly Chapter[] {
  const listed = new Set<string>(['docs/README.md']);
  const sourceOf = new Map([...titles.keys()].map((source) => [placeOf(source), source]));
  const chapters: { title: string; entries: Entry[] }[] = [];
  for (const [, heading, href = ''] of contents.matchAll(/^## (.+)$|\]\(([^)\s]+)\)/gm)) {
    if (heading !== undefined) chapters.push({ title: heading, entries: [] });
    if (heading !== undefined || href === '') continue;
    const target = targetOf('docs/README.md', href, new Set(titles.keys()));
    const source = target.kind === 'page' ? sourceOf.get(target.place) : undefined;
    const chapter = chapters.at(-1); // what is linked before the first belongs to none
    if (chapter === undefined || source === undefined || listed.has(source)) continue;
    listed.add(source);
    chapter.entries.push({ place: placeOf(source), title: titles.get(source) ?? source });
  }
  const rest = Object.entries(folders).map(([folder, title]) => ({
    title,
    entries: [...titles]
      .filter(([source]) => posix.normalize(dirname(source)) === folder && !listed.has(source))
      .map(([source, name]) => ({ place: placeOf(source), title: name })),
  }));
  return merged([...chapters, ...rest]).filter(({ entries }) => entries.length > 0);
}

/** Two chapters of one name are one. */
function merged(chapters: readonly Chapter[]): readonly Chapter[] {
  return [...Map.groupBy(chapters, ({ title }) => title)].map(([title, parts]) => ({
    title,
    entries: parts.flatMap(({ entries }) => entries),
  }));
}
