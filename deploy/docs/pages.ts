/** Which files of the repository become pages, and where each has its place in the site. */
import { globSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** Pages beside those of `docs`. */
const beside = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];

/** Paths from the root of the repository. */
export function sourcesOf(): readonly string[] {
  return [...globSync('docs/**/*.md', { cwd: root }).sort(), ...beside];
}

/** The place of a page: `docs/README.md` is the first one. */
export function placeOf(source: string): string {
  if (source === 'docs/README.md') return 'index.html';
  const inside = source.startsWith('docs/') ? source.slice('docs/'.length) : `project/${source.toLowerCase()}`;
  return inside.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html');
}

/** The short address of the codes, which messages can name: `errors/#CODE`. */
export const codes = { source: 'docs/reference/errors.md', place: 'errors/index.html' } as const;

export type Target =
  | { readonly kind: 'outside' }
  | { readonly kind: 'page'; readonly place: string }
  /** A picture, or a file of the repository that is shown as it is. */
  | { readonly kind: 'picture' | 'file' | 'folder'; readonly source: string; readonly place: string };

/** Where a link of a page leads. Throws where nothing is there. */
export function targetOf(source: string, href: string, pages: ReadonlySet<string>): Target {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return { kind: 'outside' };
  const [path = ''] = href.split('#');
  if (path === '') return { kind: 'page', place: placeOf(source) };
  const wanted = relative(root, resolve(root, dirname(source), decodeURIComponent(path)));
  const page = [wanted, join(wanted, 'README.md')].find((each) => pages.has(each));
  if (page !== undefined) return { kind: 'page', place: placeOf(page) };
  const stat = statSync(join(root, wanted), { throwIfNoEntry: false });
  if (wanted.startsWith('..') || stat === undefined) throw new Error(`${source}: ${href} leads nowhere`);
  if (stat.isDirectory()) return { kind: 'folder', source: wanted, place: `files/${wanted}/index.html` };
  if (/\.(?:png|svg|webp)$/.test(wanted))
    return { kind: 'picture', source: wanted, place: wanted.replace(/^docs\//, '') };
  return { kind: 'file', source: wanted, place: `files/${wanted}.html` };
}

/** The way from one place to another, which works from a server and from files. */
export function wayFrom(place: string, to: string): string {
  return posix.relative(posix.dirname(place), to) || posix.basename(to);
}
