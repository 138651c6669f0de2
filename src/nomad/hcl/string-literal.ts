import type { Reading } from './reading.ts';
import type { Span } from './source.ts';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['"', '"'],
  ['\\', '\\'],
]);
export const ESCAPES_ACCEPTED = 'accepted are \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN';

/** What stands between quotes, with `\n`, `\u00e9`, `$${` and `%%{` resolved. */
export function readQuoted(span: Span, reading: Reading): string | undefined {
  const raw = reading.text(span);
  if (/[\r\n]/.test(raw)) {
    return reading.refuse(
      { start: span.start + raw.search(/[\r\n]/), end: span.end },
      'a quoted string ends on its line: close it with ", write \\n for a line break, or use a heredoc (<<EOT)',
    );
  }
  if (!raw.includes('\\')) return resolveMarkers(raw);
  const pieces = raw.split(/(\\u[0-9a-fA-F]{0,4}|\\U[0-9a-fA-F]{0,8}|\\[\s\S]?)/u);
  let offset = span.start;
  let text = '';
  for (const [index, piece] of pieces.entries()) {
    const resolved = index % 2 === 0 ? resolveMarkers(piece) : resolveEscape(piece);
    if (resolved === undefined) {
      return reading.refuse(
        { start: offset, end: offset + piece.length },
        `${piece} is no escape: ${ESCAPES_ACCEPTED}`,
      );
    }
    text += resolved;
    offset += piece.length;
  }
  return text;
}

/** `$${` and `%%{` are how `${` and `%{` are written where they mean nothing. */
export function resolveMarkers(raw: string): string {
  return raw.replace(/([$%])\1\{/g, '$1{');
}

function resolveEscape(written: string): string | undefined {
  const selector = written[1] ?? '';
  if (selector === 'u' || selector === 'U') return resolveCodePoint(written.slice(2), selector === 'u' ? 4 : 8);
  return ESCAPES.get(selector);
}

/** Surrogates are no characters, and there are none above 10FFFF. */
function resolveCodePoint(digits: string, length: number): string | undefined {
  const point = Number.parseInt(digits, 16);
  const valid = digits.length === length && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return valid ? String.fromCodePoint(point) : undefined;
}
