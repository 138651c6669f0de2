/** A command line as far as it is typed, as its words reach a program. */
export interface TypedLine {
  /** Without their quotes and backslashes; the last one is being typed, and may be empty. */
  readonly words: readonly string[];
  /** The last word as it is written. */
  readonly raw: string;
  /** The quote that is open at the end. */
  readonly quote: Quote;
}

export type Quote = '' | "'" | '"';

/** How bash reads words. What it would replace (variables, commands, braces) stays as it is written: nothing is run for it. */
export function typedLine(line: string): TypedLine {
  const words: string[] = [];
  let word = '';
  let raw = '';
  let quote: Quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quote === '' && /\s/.test(character)) {
      if (raw !== '') words.push(word);
      [word, raw] = ['', ''];
      continue;
    }
    raw += character;
    if (character === quote) quote = '';
    else if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (character === '\\' && escapes(quote, line[at + 1])) {
      at += 1;
      raw += line[at] ?? '';
      word += line[at] ?? '';
    } else word += character;
  }
  return { words: [...words, word], raw, quote };
}

/** Between double quotes a backslash is one, unless what follows needs it. */
function escapes(quote: Quote, next: string | undefined): boolean {
  if (quote === "'" || next === undefined) return false;
  return quote === '' || '"\\$`'.includes(next);
}

/** A value as bash reads it back where this quote is open; without one, each character that means something gets a backslash. */
export function quoted(value: string, quote: Quote): string {
  switch (quote) {
    case "'":
      return value.replaceAll("'", `'\\''`);
    case '"':
      return value.replace(/["\\$`]/g, '\\$&');
    case '':
      return value.replace(/[^\w@%+=:,./~-]/g, '\\$&').replace(/^~/, '\\~');
    default:
      return quote satisfies never;
  }
}

/**
 * How much of a value is already written before the place where bash puts the answer: it begins a new word behind each of its
 * `breaks` (`=` and `:` are among them), where those are neither in quotes nor behind a backslash.
 */
export function alreadyWritten(raw: string, breaks: string): string {
  let cut = 0;
  let quote: Quote = '';
  for (let at = 0; at < raw.length; at += 1) {
    const character = raw[at] ?? '';
    if (character === '\\' && quote !== "'") at += 1;
    else if (character === quote) quote = '';
    else if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (quote === '' && !/\s/.test(character) && breaks.includes(character)) cut = at + 1;
  }
  return raw.slice(0, cut);
}
