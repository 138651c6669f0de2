import type { Branch } from './branch.ts';
import type { Reading } from './reading.ts';
import type { Span } from './source.ts';

/** The grammar takes every space of Unicode between tokens; HCL takes the space, the tab and the end of a line. */
const SUSPECT = /[\f\v\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|\r(?!\n)/;
/** Between these children stands text that means itself. */
const TEXTUAL: ReadonlySet<string> = new Set([
  'heredoc_template',
  'quoted_template',
  'string_lit',
  'template_directive',
  'template_for',
  'template_if',
]);

/** Refuses a space that HCL does not know; true when there is none. */
export function hasOnlyPlainSpaces(root: Branch, reading: Reading): boolean {
  const { text } = reading.source;
  if (!SUSPECT.test(text)) return true;
  const last = root.children.at(-1)?.end ?? 0;
  const first = root.children[0]?.start ?? 0;
  const byteOrderMark = text.startsWith('\ufeff') ? 1 : 0;
  const gaps = [{ start: byteOrderMark, end: first }, ...gapsOf(root), { start: last, end: text.length }];
  const stray = gaps.find((gap) => strayIn(gap, reading) >= 0);
  if (!stray) return true;
  const start = stray.start + strayIn(stray, reading);
  const code = text.charCodeAt(start).toString(16).toUpperCase().padStart(4, '0');
  reading.refuse(
    { start, end: start + 1 },
    `the character U+${code} stands here, which looks like a space and is none`,
  );
  return false;
}

/** Comments may hold anything; they are blanked at their length. */
function strayIn(gap: Span, reading: Reading): number {
  return reading
    .text(gap)
    .replace(/#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length))
    .search(SUSPECT);
}

function gapsOf({ type, children }: Branch): readonly Span[] {
  return children.flatMap((child, index): readonly Span[] => {
    const before = children[index - 1];
    const gap = before && !TEXTUAL.has(type) ? [{ start: before.end, end: child.start }] : [];
    return [...gap, ...gapsOf(child)];
  });
}
