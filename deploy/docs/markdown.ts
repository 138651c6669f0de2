/** A page of the documentation as HTML. Its text is ours: raw HTML in it stays, comments go. */
import { Marked, type Token, type Tokens } from 'marked';

/** A heading, and what stands below it until the next; or the row of a table that is about one name. */
export interface Section {
  /** Empty before the first heading. */
  readonly id: string;
  /** 1 to 6 as the heading, `ROW` for a row. */
  readonly depth: number;
  readonly heading: string;
  /** Without marks, for the search. */
  readonly text: string;
}

const ROW = 7;

export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
}

/** Gives a link or picture of the page its place in the site. */
export type Resolve = (href: string) => string;

export function render(markdown: string, resolve: Resolve): Rendered {
  const text = markdown.replace(/<!--[\s\S]*?-->\n?/g, '');
  const ids = new Ids();
  const marked = new Marked({ gfm: true });
  const headings: Section[] = [];
  const rowsOf: Section[] = [];
  marked.use({
    renderer: {
      heading(token) {
        const heading = plain(token.tokens);
        const id = ids.of(heading);
        headings.push({ id, depth: token.depth, heading, text: '' });
        const mark = `<a class="anchor" href="#${id}" aria-label="Link to ${escaped(heading)}">#</a>`;
        return `<h${token.depth} id="${id}">${this.parser.parseInline(token.tokens)}${mark}</h${token.depth}>\n`;
      },
      link(token) {
        return `<a href="${escaped(resolve(token.href))}">${this.parser.parseInline(token.tokens)}</a>`;
      },
      image: (token) => `<img src="${escaped(resolve(token.href))}" alt="${escaped(token.text)}" loading="lazy">`,
      table(token) {
        const cells = (row: readonly Tokens.TableCell[], tag: 'td' | 'th'): string =>
          row.map((cell) => cellHtml(tag, cell, this.parser.parseInline(cell.tokens))).join('');
        const titled = token.header.some(({ text }) => text !== '');
        const head = titled ? `<thead><tr>${cells(token.header, 'th')}</tr></thead>` : '';
        const rows = token.rows.map((row) => {
          const id = rowId(row, ids);
          if (id !== undefined)
            rowsOf.push({ id, depth: ROW, heading: id, text: tableText({ ...token, rows: [row] }) });
          return `<tr${id === undefined ? '' : ` id="${id}"`}>${cells(row, 'td')}</tr>`;
        });
        return `<div class="table" role="group" aria-label="Table" tabindex="0"><table>${head}<tbody>${rows.join('\n')}</tbody></table></div>\n`;
      },
      code: ({ text: content, lang }) =>
        `<pre tabindex="0"${lang ? ` data-language="${escaped(lang)}"` : ''}><code>${escaped(content)}</code></pre>\n`,
    },
  });
  const tokens = marked.lexer(text);
  const html = marked.parser(tokens);
  const title = headings.find(({ depth }) => depth === 1)?.heading ?? '';
  return { title, html, sections: [...withText(tokens, headings), ...rowsOf] };
}

/** A heading without words would be read out as one. */
function cellHtml(tag: 'td' | 'th', { align, text }: Tokens.TableCell, html: string): string {
  const name = text === '' ? 'td' : tag;
  return `<${name}${align === null ? '' : ` class="${align}"`}>${html}</${name}>`;
}

/** A row about one code, event or setting can be linked to: `errors#LARDER_PORT_IN_USE`. */
function rowId([first]: readonly Tokens.TableCell[], ids: Ids): string | undefined {
  const name = /^`([\w.-]+)`$/.exec(first?.text ?? '')?.[1];
  return name !== undefined && ids.take(name) ? name : undefined;
}

function withText(tokens: readonly Token[], headings: readonly Section[]): readonly Section[] {
  const sections: Section[] = [{ id: '', depth: 1, heading: '', text: '' }];
  let next = 0;
  for (const token of tokens) {
    const heading = token.type === 'heading' ? headings[next] : undefined;
    if (heading !== undefined) {
      next += 1;
      sections.push(heading);
    } else {
      const last = sections.length - 1;
      const section = sections[last];
      if (section !== undefined) sections[last] = { ...section, text: `${section.text} ${plain([token])}`.trim() };
    }
  }
  return sections.filter(({ heading, text }) => heading !== '' || text !== '');
}

/** What a reader sees of it. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token): string => {
      if (token.type === 'table') return tableText(token);
      if ('items' in token && Array.isArray(token.items)) return token.items.map((each) => plain([each])).join(' ');
      if ('tokens' in token && token.tokens !== undefined) return plain(token.tokens);
      if (token.type === 'html' || token.type === 'space' || token.type === 'hr') return '';
      return 'text' in token ? unescaped(String(token.text)) : '';
    })
    .join(tokens.some(({ type }) => type === 'paragraph' || type === 'code') ? ' ' : '')
    .replace(/\s+/g, ' ');
}

function tableText(token: Token): string {
  if (!('rows' in token) || !Array.isArray(token.rows)) return '';
  return token.rows
    .flat()
    .map((cell) => plain(cell.tokens))
    .join(' ');
}

/** Anchors as GitHub makes them, so that a link works in both places. */
class Ids {
  readonly #taken = new Set<string>();

  of(heading: string): string {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let id = slug;
    for (let number = 1; !this.take(id); number += 1) id = `${slug}-${number}`;
    return id;
  }

  /** False: the page has it already. */
  take(id: string): boolean {
    if (this.#taken.has(id)) return false;
    this.#taken.add(id);
    return true;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function unescaped(text: string): string {
  const characters = Object.entries(ENTITIES).map(([character, entity]) => [entity, character] as const);
  return characters.toReversed().reduce((rest, [entity, character]) => rest.replaceAll(entity, character), text);
}
