/**
 * The documentation as a site of files: `npm run docs`. It is read from a server or from the disk, asks nobody else for
 * anything, and each page stands where its source stands in `docs`.
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { layout, type Page } from './layout.ts';
import { escaped, render } from './markdown.ts';
import { navigationOf } from './navigation.ts';
import { codes, placeOf, root, sourcesOf, type Target, targetOf, wayFrom } from './pages.ts';
import { searchScript } from './search.ts';

const here = import.meta.dirname;

interface Shown {
  readonly pages: readonly Page[];
  /** What the pages link to, by its place. */
  readonly others: ReadonlyMap<string, Target>;
}

/** Builds into `folder`, which is replaced whole. Throws where a link of a page leads nowhere. */
export async function buildSite(folder: string): Promise<number> {
  const { pages, others } = pagesOf();
  const titles = new Map(pages.map(({ source, title }) => [source, title]));
  const chapters = navigationOf(readFileSync(join(root, 'docs/README.md'), 'utf8'), titles);
  mkdirSync(dirname(folder), { recursive: true });
  const made = mkdtempSync(`${folder}-`);
  try {
    for (const page of pages) put(made, page.place, layout(page, chapters));
    const listed = pages.find(({ source }) => source === codes.source);
    if (listed !== undefined) {
      const moved = rendered(codes.source, codes.place, new Set(titles.keys()), new Map());
      put(made, codes.place, layout(moved, chapters, listed.place));
    }
    for (const [place, target] of others) {
      if (target.kind === 'picture') copy(made, target.source, place);
      else if (target.kind === 'file' || target.kind === 'folder') put(made, place, layout(filePage(target), chapters));
    }
    await assets(made, pages);
    chmodSync(made, 0o755); // a folder with a name by chance is its maker's alone
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return pages.length;
}

function pagesOf(): Shown {
  const sources = sourcesOf();
  const known = new Set(sources);
  const others = new Map<string, Target>();
  return { pages: sources.map((source) => rendered(source, placeOf(source), known, others)), others };
}

function rendered(source: string, place: string, known: ReadonlySet<string>, others: Map<string, Target>): Page {
  const resolve = (href: string): string => {
    const target = targetOf(source, href, known);
    if (target.kind === 'outside') return href;
    if (target.kind !== 'page') others.set(target.place, target);
    const anchor = href.includes('#') ? href.slice(href.indexOf('#')) : '';
    const isHere = target.kind === 'page' && href.startsWith('#');
    return isHere ? anchor : wayFrom(place, target.place) + anchor;
  };
  return { place, source, ...render(readFileSync(join(root, source), 'utf8'), resolve) };
}

/** A file of the repository as it is, or the names in a folder. */
function filePage(target: Extract<Target, { source: string }>): Page {
  const { source, place } = target;
  const path = join(root, source);
  const text =
    target.kind === 'folder'
      ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort().join('\n')
      : readFileSync(path, 'utf8');
  const html = `<h1>${escaped(source)}</h1>\n<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`;
  return { place, source, title: source, html, sections: [] };
}

async function assets(folder: string, pages: readonly Page[]): Promise<void> {
  for (const name of ['site.css', 'theme.js']) copyFileSync(join(here, name), join(folder, name));
  writeFileSync(join(folder, 'search.js'), searchScript(pages));
  const bundled = { bundle: true, minify: true, format: 'iife', target: 'es2022', logLevel: 'error' } as const;
  await build({ ...bundled, entryPoints: [join(here, 'site.js')], outfile: join(folder, 'site.js') });
}

function put(folder: string, place: string, text: string): void {
  mkdirSync(dirname(join(folder, place)), { recursive: true });
  writeFileSync(join(folder, place), text);
}

function copy(folder: string, source: string, place: string): void {
  mkdirSync(dirname(join(folder, place)), { recursive: true });
  copyFileSync(join(root, source), join(folder, place));
}

if (import.meta.main) {
  const folder = join(root, 'docs/site');
  const count = await buildSite(folder);
  process.stdout.write(`${count} pages: open ${join(folder, 'index.html')}, or serve the folder with any web server\n`);
}
