import { escapeRegex } from '../escape-regex.ts';
import type { Match } from './match.ts';

/** Matchers that version 2 gave several values. */
const several = new Set(['host', 'hostheader', 'hostregexp', 'path', 'pathprefix', 'method', 'hostsni', 'clientip']);
/** Matchers with another name in version 3. */
const renamed: Readonly<Record<string, string>> = {
  headers: 'Header',
  headersregexp: 'HeaderRegexp',
  hostheader: 'Host',
};

/**
 * The rule in the syntax of Traefik 3: one value a matcher, `Header` for `Headers`, expressions for `{name:…}`. The
 * same object comes back where nothing had to change (Traefik's migration guide from version 2 to 3).
 */
export function modernMatch(match: Match): Match {
  switch (match.kind) {
    case 'matcher':
      return modernMatcher(match);
    case 'not':
    case 'group': {
      const inner = modernMatch(match.match);
      return inner === match.match ? match : { ...match, match: closed(inner, match.kind) };
    }
    case 'all':
    case 'any': {
      const inner = match.matches.map(modernMatch);
      if (inner.every((each, index) => each === match.matches[index])) return match;
      return { ...match, matches: inner.map((each) => closed(each, match.kind)) };
    }
    default:
      return match satisfies never;
  }
}

/** Parentheses where an alternative comes to stand in something that binds closer. */
function closed(match: Match, within: 'not' | 'group' | 'all' | 'any'): Match {
  return match.kind === 'any' && (within === 'not' || within === 'all') ? { kind: 'group', match } : match;
}

type Matcher = Extract<Match, { kind: 'matcher' }>;

function modernMatcher(matcher: Matcher): Match {
  const name = renamed[matcher.name.toLowerCase()] ?? matcher.name;
  const lower = name.toLowerCase();
  if (lower === 'query') return query(matcher);
  if (!several.has(lower)) return name === matcher.name ? matcher : { ...matcher, name };
  const matches = matcher.values.map((value): Match => one({ ...matcher, name, values: [value] }, value));
  const [first] = matches;
  if (!first || matches.length > 1) return { kind: 'any', matches };
  return printsSame(first, matcher) ? matcher : first;
}

function printsSame(left: Match, right: Matcher): boolean {
  return left.kind === 'matcher' && left.name === right.name && left.values[0] === right.values[0];
}

/** Version 2 wrote one text, key=value. */
function query(matcher: Matcher): Matcher {
  const [only] = matcher.values;
  if (matcher.values.length !== 1 || only === undefined || !only.includes('=')) return matcher;
  const [key, value] = only.split(/=(.*)/s);
  return { ...matcher, values: [key ?? only, value ?? ''] };
}

function one(matcher: Matcher, value: string): Matcher {
  const lower = matcher.name.toLowerCase();
  if (!/\{[^}]+\}/.test(value)) return matcher;
  if (lower === 'hostregexp') return templated(matcher, { value, name: 'HostRegexp', gap: '[^.]+', end: '$' });
  if (lower === 'path') return templated(matcher, { value, name: 'PathRegexp', gap: '[^/]+', end: '$' });
  if (lower === 'pathprefix') return templated(matcher, { value, name: 'PathRegexp', gap: '[^/]+', end: '' });
  return matcher;
}

interface Templated {
  readonly value: string;
  readonly name: string;
  /** What a `{name}` without an expression stands for. */
  readonly gap: string;
  readonly end: '$' | '';
}

/** Only version 2 has `{name}` and `{name:expression}`; in an expression of version 3 braces hold numbers. */
function templated(matcher: Matcher, { value, name, gap, end }: Templated): Matcher {
  const parts = [...value.matchAll(/\{([A-Za-z_][\w-]*)?(?::((?:[^{}]|\{[^{}]*\})*))?\}|([^{]+|\{)/g)];
  if (!parts.some(([, key]) => key !== undefined)) return matcher;
  const expression = parts
    .map(([, key, inner, text]) => (text !== undefined && key === undefined ? escapeRegex(text) : (inner ?? gap)))
    .join('');
  return { ...matcher, name, values: [`^${expression}${end}`] };
}
