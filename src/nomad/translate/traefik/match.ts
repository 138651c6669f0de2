/** A rule of a router, taken apart. */
export type Match =
  | { readonly kind: 'matcher'; readonly name: string; readonly values: readonly string[]; readonly quote: Quote }
  | { readonly kind: 'not'; readonly match: Match }
  | { readonly kind: 'group'; readonly match: Match }
  | { readonly kind: 'all' | 'any'; readonly matches: readonly Match[] };

type Quote = '`' | '"';

export type ParsedMatch =
  | { readonly kind: 'match'; readonly match: Match }
  | { readonly kind: 'refused'; readonly at: number; readonly expected: string };

type Token =
  | { readonly kind: 'word' | 'text'; readonly text: string; readonly at: number; readonly quote: Quote }
  | { readonly kind: '(' | ')' | ',' | '!' | '&&' | '||' | 'end' | 'strange'; readonly at: number };

const tokenPattern = /\s*(?:(`[^`]*`|"(?:[^"\\]|\\.)*")|([A-Za-z]\w*)|(&&|\|\||[(),!])|($)|(.))/gy;

/** Reads the rule of a router: matchers with `&&`, `||`, `!` and parentheses. `&&` binds closer, as in Go. */
export function parseMatch(text: string): ParsedMatch {
  const tokens = tokensOf(text);
  const state = { tokens, at: 0 };
  const match = any(state);
  if ('expected' in match) return { kind: 'refused', ...match };
  const rest = peek(state);
  return rest.kind === 'end'
    ? { kind: 'match', match }
    : { kind: 'refused', at: rest.at, expected: '&&, || or the end' };
}

interface State {
  readonly tokens: readonly Token[];
  at: number;
}

interface Refused {
  readonly at: number;
  readonly expected: string;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(tokenPattern)) {
    const [all, quoted, word, sign, , strange] = match;
    const at = match.index + all.length - all.trimStart().length;
    if (quoted !== undefined) tokens.push({ kind: 'text', at, ...unquoted(quoted) });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at, quote: '`' });
    else if (sign !== undefined) tokens.push({ kind: signOf(sign), at });
    else tokens.push({ kind: strange === undefined ? 'end' : 'strange', at });
  }
  return tokens;
}

function signOf(sign: string): '(' | ')' | ',' | '!' | '&&' | '||' | 'strange' {
  return (['(', ')', ',', '!', '&&', '||'] as const).find((each) => each === sign) ?? 'strange';
}

function unquoted(quoted: string): { readonly text: string; readonly quote: Quote } {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return { text: inner, quote: '`' };
  return { text: inner.replaceAll(/\\(["\\])/g, '$1'), quote: '"' };
}

function peek({ tokens, at }: State): Token {
  return tokens[at] ?? { kind: 'end', at: 0 };
}

function any(state: State): Match | Refused {
  return chain(state, '||', 'any', (inner) => chain(inner, '&&', 'all', single));
}

function chain(
  state: State,
  sign: '||' | '&&',
  kind: 'any' | 'all',
  part: (state: State) => Match | Refused,
): Match | Refused {
  const matches: Match[] = [];
  for (;;) {
    const match = part(state);
    if ('expected' in match) return match;
    matches.push(match);
    if (peek(state).kind !== sign) break;
    state.at += 1;
  }
  const [first] = matches;
  return first && matches.length === 1 ? first : { kind, matches };
}

function single(state: State): Match | Refused {
  const token = peek(state);
  state.at += 1;
  if (token.kind === '!') {
    const match = single(state);
    return 'expected' in match ? match : { kind: 'not', match };
  }
  if (token.kind === '(') {
    const match = any(state);
    if ('expected' in match) return match;
    if (peek(state).kind !== ')') return { at: peek(state).at, expected: ')' };
    state.at += 1;
    return { kind: 'group', match };
  }
  if (token.kind === 'word') return matcher(state, token.text);
  return { at: token.at, expected: 'a matcher such as Host(`example.org`), ! or (' };
}

function matcher(state: State, name: string): Match | Refused {
  if (peek(state).kind !== '(') return { at: peek(state).at, expected: `( after ${name}` };
  const values: string[] = [];
  let quote: Quote = '`';
  do {
    state.at += 1;
    const value = peek(state);
    if (value.kind !== 'text') return { at: value.at, expected: 'text in backticks or quotes' };
    values.push(value.text);
    quote = value.quote;
    state.at += 1;
  } while (peek(state).kind === ',');
  if (peek(state).kind !== ')') return { at: peek(state).at, expected: ', or )' };
  state.at += 1;
  return { kind: 'matcher', name, values, quote };
}

/** The rule as text again. */
export function printMatch(match: Match): string {
  switch (match.kind) {
    case 'matcher':
      return `${match.name}(${match.values.map((value) => quoted(value, match.quote)).join(', ')})`;
    case 'not':
      return `!${printMatch(match.match)}`;
    case 'group':
      return `(${printMatch(match.match)})`;
    case 'all':
      return match.matches.map(printMatch).join(' && ');
    case 'any':
      return match.matches.map(printMatch).join(' || ');
    default:
      return match satisfies never;
  }
}

function quoted(value: string, quote: Quote): string {
  if (quote === '`' && !value.includes('`')) return `\`${value}\``;
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** The host of a rule that says nothing else. */
export function plainHost(match: Match): string | undefined {
  if (match.kind === 'group') return plainHost(match.match);
  if (match.kind !== 'matcher' || match.name.toLowerCase() !== 'host' || match.values.length !== 1) return undefined;
  const [host] = match.values;
  return host !== undefined && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host) ? host : undefined;
}

/** All hosts that a rule names. */
export function hostsOf(match: Match): readonly string[] {
  switch (match.kind) {
    case 'matcher':
      return /^host(header|sni)?$/i.test(match.name) ? match.values : [];
    case 'not':
      return [];
    case 'group':
      return hostsOf(match.match);
    case 'all':
    case 'any':
      return match.matches.flatMap(hostsOf);
    default:
      return match satisfies never;
  }
}
