/** The documentation as a site: every link leads somewhere, every page is found, and nobody else is asked for anything. */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { after, before, test } from 'node:test';
import MiniSearch from 'minisearch';
import { buildSite } from '../../deploy/docs/build.ts';
import { render } from '../../deploy/docs/markdown.ts';
import { sourcesOf } from '../../deploy/docs/pages.ts';
import { searchOptions } from '../../deploy/docs/search-options.ts';
import { errors as httpErrors } from '../../src/http/registry.ts';

const parent = mkdtempSync(join(tmpdir(), 'larder-site-'));
const folder = join(parent, 'site');
const pages = new Map<string, string>();

before(async () => {
  await buildSite(folder);
  for (const place of globSync('**/*.html', { cwd: folder }))
    pages.set(place, readFileSync(join(folder, place), 'utf8'));
});
after(() => rmSync(parent, { recursive: true, force: true }));

const attributes = (html: string, name: string): readonly string[] =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value.replaceAll('&amp;', '&'));

const idsOf = (place: string): readonly string[] => attributes(pages.get(place) ?? '', 'id');

test('every link and picture of every page leads to a file and an anchor that are there', (t) => {
  const files = new Set(globSync('**/*.*', { cwd: folder }));
  let seen = 0;
  const broken: string[] = [];
  for (const [place, html] of pages) {
    for (const href of [...attributes(html, 'href'), ...attributes(html, 'src')]) {
      if (/^(?:https?|data|mailto):/.test(href)) continue;
      seen += 1;
      const [path = '', anchor] = href.split('#');
      const target = path === '' ? place : posix.normalize(posix.join(posix.dirname(place), decodeURIComponent(path)));
      if (!files.has(target)) broken.push(`${place}: ${href}`);
      else if (anchor !== undefined && !idsOf(target).includes(decodeURIComponent(anchor)))
        broken.push(`${place}: ${href}`);
    }
  }
  t.diagnostic(`${seen} links in ${pages.size} pages`);
  assert.ok(seen > 5_000, `only ${seen} links were seen`);
  assert.deepEqual(broken, []);
});

test('no page loads anything from elsewhere, and no script or style stands in a page', () => {
  for (const [place, html] of pages) {
    for (const source of attributes(html, 'src')) assert.doesNotMatch(source, /^(?:https?:)?\/\//, place);
    assert.doesNotMatch(html, /<link[^>]+href="(?:https?:)?\/\//, place);
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|<style|\sstyle="|\son[a-z]+="/, place);
  }
  assert.doesNotMatch(readFileSync(join(folder, 'site.css'), 'utf8'), /url\(|@import/);
});

test('every page has a title, its source, and a place in the navigation of each other', () => {
  const [, start = ''] = /<nav[\s\S]*?>([\s\S]*?)<\/nav>/.exec(pages.get('index.html') ?? '') ?? [];
  const listed = new Set(attributes(start, 'href'));
  assert.equal(listed.size, sourcesOf().length - 1, 'all but the first page');
  const titles = [...pages].map(([place, html]) => [place, /<title>(.*)<\/title>/.exec(html)?.[1]]);
  assert.deepEqual(
    titles.filter(([place, title]) => !title || (title === 'Larder' && place !== 'index.html')),
    [],
  );
});

test('each error code has an address of its own', () => {
  const codes = Object.keys(httpErrors);
  assert.ok(codes.length > 5);
  for (const place of ['errors/index.html', 'reference/errors.html']) {
    const ids = idsOf(place);
    assert.equal(ids.length, new Set(ids).size, 'an id stands twice');
    for (const code of codes) assert.ok(ids.includes(code), code);
  }
});

test('the search finds pages, headings, commands and codes', () => {
  const [, text = ''] =
    /^globalThis\.larderSearch = (.*);$/m.exec(readFileSync(join(folder, 'search.js'), 'utf8')) ?? [];
  const index = MiniSearch.loadJSON(JSON.parse(text), searchOptions);
  const first = (words: string): string => String(index.search(words)[0]?.id);
  assert.match(first('undelete'), /undelete/);
  assert.match(first('restore drill'), /drill/);
  assert.match(first('LARDER_PORT_IN_USE'), /#LARDER_PORT_IN_USE$/);
  assert.match(first('simulat'), /simulat/);
  assert.match(first('polcies'), /polic/, 'one letter is missing');
  assert.deepEqual(index.search('xyzzyplugh'), []);
});

test('text of a page stays text, comments go, and headings have the anchors that GitHub gives them', () => {
  const { html, title, sections } = render(
    '<!-- Generated -->\n# A `b` & <c>\n\ntext `<script>`\n\n## Same\n\n## Same\n\n| a | b |\n|---|--:|\n| `X_Y` | 1 |\n\n```sh\nls <x>\n```\n',
    (href) => href,
  );
  assert.equal(title, 'A b & <c>'.replace(' <c>', ' '));
  assert.doesNotMatch(html, /Generated|<script>/);
  assert.match(html, /id="same"[\s\S]*id="same-1"/);
  assert.match(html, /<tr id="X_Y"><td><code>X_Y<\/code><\/td><td class="right">1<\/td>/);
  assert.match(html, /ls &lt;x&gt;/);
  assert.deepEqual(
    sections.map(({ id }) => id),
    ['a-b--', 'same', 'same-1', 'X_Y'],
  );
});

test('a link that leads nowhere is named with its page', async () => {
  const { targetOf } = await import('../../deploy/docs/pages.ts');
  assert.throws(
    () => targetOf('docs/guides/try-it.md', 'nowhere.md', new Set()),
    /docs\/guides\/try-it\.md: nowhere\.md leads nowhere/,
  );
});
