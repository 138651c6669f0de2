/** The frame of a page. No script and no style stands in it, so that it can be served under a strict policy. */
import { escaped, type Section } from './markdown.ts';
import type { Chapter, Entry } from './navigation.ts';
import { wayFrom } from './pages.ts';

export interface Page {
  readonly place: string;
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
  /** Path in the repository. */
  readonly source: string;
}

/** @param marked the entry that is this page, in the navigation. */
export function layout(page: Page, chapters: readonly Chapter[], marked = page.place): string {
  const to = (place: string): string => escaped(wayFrom(page.place, place));
  const title = page.title === '' || page.place === 'index.html' ? 'Larder' : `${page.title} · Larder`;
  return `<!doctype html>
<html lang="en" data-root="${to('index.html').replace(/index\.html$/, '')}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${to('site.css')}">
<script src="${to('theme.js')}"></script>
<script src="${to('site.js')}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<button class="menu" type="button" popovertarget="pages" aria-label="All pages">☰</button>
<a class="brand" href="${to('index.html')}">Larder</a>
<div class="search" role="search" hidden>
<input type="search" placeholder="Search  ( / )" aria-label="Search the documentation" autocomplete="off" spellcheck="false" role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list">
<div id="found" role="listbox" aria-label="Found" hidden></div>
<p class="told" role="status"></p>
</div>
<button class="theme" type="button" aria-label="Light or dark" title="Light or dark" hidden>◐</button>
</header>
<div class="columns">
<nav id="pages" popover aria-label="Pages">
${chapters.map((chapter) => chapterHtml(chapter, marked, to)).join('\n')}
</nav>
<main id="content" tabindex="-1">
<article>
${page.html}</article>
<footer>${neighbours(chapters, marked, to)}<p>From <code>${escaped(page.source)}</code> in the repository.</p></footer>
</main>
${contents(page.sections)}
</div>
</body>
</html>
`;
}

type To = (place: string) => string;

function chapterHtml({ title, entries }: Chapter, marked: string, to: To): string {
  const items = entries.map(({ place, title: name }) => {
    const current = place === marked ? ' aria-current="page"' : '';
    return `<li><a href="${to(place)}"${current}>${escaped(name)}</a></li>`;
  });
  const isOpen = entries.some(({ place }) => place === marked) ? ' open' : '';
  return `<details${isOpen}><summary>${escaped(title)}</summary><ul>${items.join('')}</ul></details>`;
}

function neighbours(chapters: readonly Chapter[], marked: string, to: To): string {
  const all = chapters.flatMap(({ entries }) => entries);
  const at = all.findIndex(({ place }) => place === marked);
  const link = (entry: Entry | undefined, rel: string, arrow: (name: string) => string): string =>
    entry === undefined
      ? '<span></span>'
      : `<a rel="${rel}" href="${to(entry.place)}">${arrow(escaped(entry.title))}</a>`;
  const before = link(at > 0 ? all[at - 1] : undefined, 'prev', (name) => `← ${name}`);
  return `<div class="neighbours">${before}${link(all[at + 1], 'next', (name) => `${name} →`)}</div>`;
}

/** Two headings are no list. */
const CONTENTS_AT_LEAST = 3;

function contents(sections: readonly Section[]): string {
  const shown = sections.filter(({ depth, id }) => id !== '' && (depth === 2 || depth === 3));
  if (shown.length < CONTENTS_AT_LEAST) return '<aside></aside>';
  const items = shown.map(
    ({ id, heading, depth }) => `<li class="depth-${depth}"><a href="#${id}">${escaped(heading)}</a></li>`,
  );
  return `<aside aria-label="On this page"><p>On this page</p><ul>${items.join('')}</ul></aside>`;
}
