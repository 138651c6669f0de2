/** Values that somebody knows to be secret, in the forms in which they travel. */
import type { Span } from './span.ts';

/** Shorter ones are parts of too many words. */
const LENGTH_AT_LEAST = 4;
/** Shorter ones count only as words of their own, and as they are. */
const SAFE_LENGTH = 8;
/** Of a value of several lines (a key) each line of this length counts, for indentation comes between them. */
const LINE_AT_LEAST = 24;

export function findKnown(text: string, known: readonly string[]): readonly Span[] {
  return known.flatMap((value) => formsOf(value).flatMap((form) => placesOf(text, form)));
}

function formsOf(value: string): readonly string[] {
  const trimmed = value.trim();
  if (trimmed.length < LENGTH_AT_LEAST) return [];
  if (trimmed.length < SAFE_LENGTH) return [trimmed];
  const lines = trimmed.split(/\r?\n/).filter((line) => line.length >= LINE_AT_LEAST && !line.startsWith('-----'));
  const forms = [
    trimmed,
    ...(trimmed.includes('\n') ? lines : []),
    JSON.stringify(trimmed).slice(1, -1),
    encodeURIComponent(trimmed.toWellFormed()),
    encodeURIComponent(trimmed.toWellFormed()).replace(/%20/g, '+'),
    Buffer.from(trimmed).toString('hex'),
    Buffer.from(trimmed).toString('hex').toUpperCase(),
    ...base64Forms(trimmed),
  ];
  return [...new Set(forms)];
}

/** Base64 of a text that has this value somewhere: the three ways to be cut into groups of three bytes. */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = shifted.toString('base64').replace(/=+$/, '');
    // Letters that also say bits of the neighbours are left out at both ends.
    const from = offset === 0 ? 0 : offset + 1;
    const to = shifted.length % 3 === 0 ? whole.length : whole.length - 1;
    const certain = whole.slice(from, to);
    return certain.length < SAFE_LENGTH ? [] : [certain, certain.replace(/\+/g, '-').replace(/\//g, '_')];
  });
}

function placesOf(text: string, form: string): readonly Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
    const span = { start: at, end: at + form.length, kind: 'known secret' };
    if (form.length >= SAFE_LENGTH || standsAlone(text, span)) spans.push(span);
  }
  return spans;
}

function standsAlone(text: string, { start, end }: Span): boolean {
  return !/\w/.test(text[start - 1] ?? ' ') && !/\w/.test(text[end] ?? ' ');
}
