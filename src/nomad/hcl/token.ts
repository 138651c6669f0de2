import { ESCAPES_ACCEPTED } from './string-literal.ts';

/**
 * The tokens of a text that the grammar refused. Only a text with a mistake is read this way, to find where the mistake
 * is: the grammar goes on after one as well as it can, and so does not say.
 */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** Of a `bad` one: why nothing can be made of it. */
  readonly message?: string;
}

export type TokenKind =
  | 'name'
  | 'number'
  /** Punctuation is its own text. */
  | 'sign'
  | 'newline'
  | 'string-start'
  | 'string-end'
  | 'text'
  | 'interpolation'
  | 'directive'
  /** The brace that closes `${` or `%{`. */
  | 'close'
  | 'bad'
  | 'end';

type Mode =
  | { readonly kind: 'code'; depth: number; readonly inTemplate: boolean }
  | { readonly kind: 'quoted'; readonly start: number }
  | { readonly kind: 'heredoc'; readonly start: number; readonly marker: string };

const CODE =
  /(?<space>[ \t]+|\/\*[\s\S]*?\*\/|#[^\n]*|\/\/[^\n]*)|(?<newline>\r?\n)|(?<name>[\p{ID_Start}_][\p{ID_Continue}-]*)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<heredoc><<-?(?<marker>[\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n)|(?<sign>==|!=|>=|<=|&&|\|\||=>|\.\.\.|::|~\}|[[\](){}.,*/%+\-=<>!?:~])/uy;
const QUOTED =
  /(?<text>(?:\$\$\{|%%\{|\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|[$%](?!\{)|[^"\\$%\r\n])+)|(?<open>[$%]\{~?)/uy;
const HEREDOC = /(?<text>(?:\$\$\{|%%\{|[$%](?!\{)|[^$%\n])*\n?)|(?<open>[$%]\{~?)/uy;

const STRANGE: ReadonlyMap<string, string> = new Map([
  ["'", 'strings stand in double quotes (")'],
  ['`', 'strings stand in double quotes (") or in a heredoc (<<EOT)'],
  ['“', 'strings stand in straight double quotes (")'],
  ['”', 'strings stand in straight double quotes (")'],
  [';', 'an argument ends with its line; there are no semicolons'],
  ['&', 'there is no operator &; "and" is written &&'],
  ['|', 'there is no operator |; "or" is written ||'],
  ['^', 'there is no operator ^'],
  ['/', 'the comment is not closed: */ is missing'],
]);

/** Ends with a token `end`; after a `bad` one nothing follows but it. */
export function scan(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const modes: Mode[] = [{ kind: 'code', depth: 0, inTemplate: false }];
  let offset = text.startsWith('\ufeff') ? 1 : 0;
  while (offset < text.length) {
    const mode = modes.at(-1);
    if (!mode) break;
    const found = mode.kind === 'code' ? scanCode(text, offset, modes, mode) : scanText(text, offset, modes, mode);
    if (found.token) tokens.push(found.token);
    if (found.token?.kind === 'bad') break;
    offset = found.next;
  }
  const open = modes.findLast((mode) => mode.kind !== 'code');
  if (open && tokens.at(-1)?.kind !== 'bad') tokens.push(unclosed(text, open));
  return [...tokens, { kind: 'end', start: text.length, end: text.length }];
}

interface Found {
  readonly token?: Token;
  readonly next: number;
}

function unclosed(text: string, open: Exclude<Mode, { kind: 'code' }>): Token {
  const place = { start: open.start, end: Math.min(text.length, open.start + 1) };
  if (open.kind === 'quoted') return { kind: 'bad', ...place, message: 'the string is not closed: " is missing' };
  const message = `the heredoc is not closed: ${open.marker} is missing, alone on a line that ends`;
  return { kind: 'bad', ...place, message };
}

function match(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

function scanCode(text: string, start: number, modes: Mode[], mode: Extract<Mode, { kind: 'code' }>): Found {
  if (text[start] === '"') {
    modes.push({ kind: 'quoted', start });
    return { token: { kind: 'string-start', start, end: start + 1 }, next: start + 1 };
  }
  const groups = match(CODE, text, start)?.groups;
  const [kind, piece] =
    Object.entries(groups ?? {}).find(([name, each]) => each !== undefined && name !== 'marker') ?? [];
  if (piece === undefined || (piece === '/' && text.startsWith('/*', start))) return strange(text, start);
  const next = start + piece.length;
  if (kind === 'space') return { next };
  if (kind === 'heredoc') {
    modes.push({ kind: 'heredoc', start, marker: groups?.['marker'] ?? '' });
    return { token: { kind: 'string-start', start, end: next }, next };
  }
  if (kind === 'newline' || kind === 'name' || kind === 'number') return { token: { kind, start, end: next }, next };
  const closes = closesTemplate(piece, mode);
  if (closes) modes.pop();
  return { token: { kind: closes ? 'close' : 'sign', start, end: next }, next };
}

/** Counts braces, because `${ {a = 1}.a }` holds some of its own. */
function closesTemplate(piece: string, mode: Extract<Mode, { kind: 'code' }>): boolean {
  if (piece === '{') mode.depth++;
  if (piece !== '}' && piece !== '~}') return false;
  if (mode.depth === 0) return mode.inTemplate;
  mode.depth--;
  return false;
}

function strange(text: string, start: number): Found {
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  const code = (text.codePointAt(start) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const message = STRANGE.get(character) ?? `the character U+${code} has no meaning here`;
  return { token: { kind: 'bad', start, end: start + character.length, message }, next: start + 1 };
}

function scanText(text: string, start: number, modes: Mode[], mode: Exclude<Mode, { kind: 'code' }>): Found {
  if (mode.kind === 'quoted' && text[start] === '"') {
    modes.pop();
    return { token: { kind: 'string-end', start, end: start + 1 }, next: start + 1 };
  }
  const ended = mode.kind === 'heredoc' ? endOfHeredoc(text, start, mode) : undefined;
  if (ended !== undefined) {
    modes.pop();
    return { token: { kind: 'string-end', start, end: ended }, next: ended };
  }
  const groups = match(mode.kind === 'quoted' ? QUOTED : HEREDOC, text, start)?.groups ?? {};
  const { text: piece, open } = groups;
  if (piece) return { token: { kind: 'text', start, end: start + piece.length }, next: start + piece.length };
  if (!open) {
    const message =
      text[start] === '\\'
        ? `${text.slice(start, start + 2).trim()} is no escape here: ${ESCAPES_ACCEPTED}`
        : 'a quoted string ends on its line: " is missing, or write \\n, or use a heredoc (<<EOT)';
    return { token: { kind: 'bad', start, end: start + 1, message }, next: start + 1 };
  }
  modes.push({ kind: 'code', depth: 0, inTemplate: true });
  const kind = open.startsWith('$') ? 'interpolation' : 'directive';
  return { token: { kind, start, end: start + open.length }, next: start + open.length };
}

/** At the start of a line that holds the marker alone, and ends. */
function endOfHeredoc(text: string, start: number, { marker }: Extract<Mode, { kind: 'heredoc' }>): number | undefined {
  if (text[start - 1] !== '\n') return undefined;
  const end = text.indexOf('\n', start);
  const line = end < 0 ? '' : text.slice(start, end);
  return line.trim() === marker ? start + line.replace(/\r$/, '').length : undefined;
}
