/** Markdown that shows texts of others as they are. */

const SPECIAL = /[\\`*_{}[\]<>|#&~]/g;

/** What ends a line for some reader, and what steers a terminal. */
const STEERING = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu;

export function plainText(text: string): string {
  return text.replace(STEERING, ' ').replace(SPECIAL, '\\$&');
}

/** In backquotes; one more than the longest run of them inside. */
export function codeText(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const gap = longest > 0 ? ' ' : '';
  return `${fence}${gap}${text.replace(STEERING, ' ')}${gap}${fence}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
