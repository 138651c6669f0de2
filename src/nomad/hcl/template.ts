import type { Branch } from './branch.ts';
import { endOf, type Reading, wordsApart } from './reading.ts';
import type { Span } from './source.ts';
import { readQuoted, resolveMarkers } from './string-literal.ts';
import type { Expression, Part } from './syntax.ts';

/** Reads the expressions inside a template; a parameter, because expressions contain templates. */
export type ReadExpression = (branch: Branch, reading: Reading) => Expression | undefined;

/** A template before its directives are nested: texts, interpolations and the marks of directives, in a row. */
type Token = Span & { readonly trimsBefore?: boolean; readonly trimsAfter?: boolean } & (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'interpolation'; readonly expression: Expression }
    | { readonly kind: 'if'; readonly condition: Expression }
    | {
        readonly kind: 'for';
        readonly keyName?: string;
        readonly valueName: string;
        readonly collection: Expression;
      }
    | { readonly kind: 'else' }
    | { readonly kind: 'end' }
  );

const MARKS: ReadonlySet<string> = new Set([
  'template_interpolation',
  'template_if_intro',
  'template_else_intro',
  'template_if_end',
  'template_for_start',
  'template_for_end',
]);

/** A string in quotes. */
export function readQuotedTemplate(branch: Branch, reading: Reading, read: ReadExpression): Expression | undefined {
  const inside = { start: branch.start + 1, end: branch.end - 1 };
  const texts = (span: Span): readonly Token[] | undefined => {
    const text = readQuoted(span, reading);
    return text === undefined ? undefined : [{ kind: 'text', text, ...span }];
  };
  const tokens = readTokens(branch, inside, { reading, read, texts });
  if (!tokens) return undefined;
  const [only] = tokens;
  if (tokens.length === 1 && only?.kind === 'interpolation') {
    return { kind: 'wrapped', inner: only.expression, start: branch.start, end: branch.end };
  }
  return template(branch, trimmed(tokens), reading);
}

/** `<<EOT` and `<<-EOT`. */
export function readHeredoc(branch: Branch, reading: Reading, read: ReadExpression): Expression | undefined {
  const inside = heredocSpan(branch, reading);
  if (!inside) return undefined;
  const texts = (span: Span): readonly Token[] => lines(reading.text(span), span.start);
  const tokens = readTokens(branch, inside, { reading, read, texts });
  if (!tokens) return undefined;
  const opening = branch.children[0];
  const indented = opening !== undefined && reading.text(opening) === '<<-';
  return template(branch, indented ? unindented(trimmed(tokens)) : trimmed(tokens), reading);
}

/** From the line after the marker to the line of the closing marker, which stands alone on its line. */
function heredocSpan({ children }: Branch, reading: Reading): Span | undefined {
  const { text } = reading.source;
  const [sign, opening] = children;
  const closing = children.at(-1);
  if (!sign || !opening || !closing) return undefined;
  if (sign.end !== opening.start) return reading.refuse(endOf(sign), 'the marker of a heredoc follows << directly');
  const first = text.indexOf('\n', opening.end);
  const last = text.lastIndexOf('\n', closing.start - 1);
  const marker = reading.text(opening);
  if (text.slice(opening.end, first).replace(/\r$/, '') !== '') {
    return reading.refuse(endOf(opening), `nothing may follow <<${marker} on its line`);
  }
  const after = text.indexOf('\n', closing.end);
  const line = text.slice(last + 1, after < 0 ? text.length : after);
  if (line.trim() !== marker || after < 0) {
    return reading.refuse(
      closing,
      `${marker} closes the heredoc when it stands alone on its line, with a line end after it`,
    );
  }
  return { start: first + 1, end: last + 1 };
}

interface TokenReading {
  readonly reading: Reading;
  readonly read: ReadExpression;
  readonly texts: (span: Span) => readonly Token[] | undefined;
}

/** The text between marks is cut from the source: the grammar drops spaces at its edges. */
function readTokens(branch: Branch, inside: Span, how: TokenReading): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let from = inside.start;
  const cut = (end: number): boolean => {
    const texts = from < end ? how.texts({ start: from, end }) : [];
    tokens.push(...(texts ?? []));
    return texts !== undefined;
  };
  for (const mark of marksOf(branch)) {
    const complete = cut(mark.start);
    const token = readMark(mark, how);
    if (!complete || !token) return undefined;
    tokens.push(token);
    from = mark.end;
  }
  return cut(inside.end) ? tokens : undefined;
}

function marksOf(branch: Branch): readonly Branch[] {
  return branch.children.flatMap((child) => (MARKS.has(child.type) ? [child] : marksOf(child)));
}

function readMark(mark: Branch, { reading, read }: TokenReading): Token | undefined {
  const strip = strips(mark, reading);
  if (!strip || !wordsApart(mark.children, reading)) return undefined;
  const token = { start: mark.start, end: mark.end, ...strip };
  const expression = mark.children.find(({ type }) => type === 'expression');
  switch (mark.type) {
    case 'template_else_intro':
      return { ...token, kind: 'else' };
    case 'template_if_end':
    case 'template_for_end':
      return { ...token, kind: 'end' };
    default:
  }
  if (!expression) return reading.refuse(mark, 'an expression is expected between ${ and }');
  const value = read(expression, reading);
  if (!value) return undefined;
  if (mark.type === 'template_interpolation') return { ...token, kind: 'interpolation', expression: value };
  if (mark.type === 'template_if_intro') return { ...token, kind: 'if', condition: value };
  const [one = '', other] = mark.children.filter(({ type }) => type === 'identifier').map((name) => reading.text(name));
  return { ...token, kind: 'for', collection: value, valueName: other ?? one, ...(other && { keyName: one }) };
}

/** `${~ … ~}`: the tilde belongs to the brace. */
function strips({ children }: Branch, reading: Reading): Pick<Token, 'trimsBefore' | 'trimsAfter'> | undefined {
  const tildes = children.filter(({ type }) => type === 'strip_marker');
  const open = children[0];
  const close = children.at(-1);
  const before = tildes.find(({ start }) => start === open?.end);
  const after = tildes.find((tilde) => tilde !== before && tilde.end === close?.start);
  const stray = tildes.find((tilde) => tilde !== before && tilde !== after);
  if (stray) return reading.refuse(stray, '~ trims spaces only directly after ${ or %{ and directly before }');
  return { ...(before && { trimsBefore: true }), ...(after && { trimsAfter: true }) };
}

/** HCL takes the text of a heredoc line by line, which shows in what `~` trims: the line, not the lines. */
function lines(raw: string, start: number): readonly Token[] {
  let offset = start;
  return raw.split(/(?<=\n)/).map((line): Token => {
    const token: Token = { kind: 'text', text: resolveMarkers(line), start: offset, end: offset + line.length };
    offset += line.length;
    return token;
  });
}

function trimmed(tokens: readonly Token[]): readonly Token[] {
  return tokens.map((token, index) => {
    if (token.kind !== 'text') return token;
    const start = tokens[index - 1]?.trimsAfter ? token.text.trimStart() : token.text;
    return { ...token, text: tokens[index + 1]?.trimsBefore ? start.trimEnd() : start };
  });
}

/** `<<-` takes as many spaces from each line as the line with the fewest has; a tab is one. Blank lines do not count. */
function unindented(tokens: readonly Token[]): readonly Token[] {
  const indents = new Map<number, number>();
  let fewest = Number.POSITIVE_INFINITY;
  let atStart = true;
  for (const [index, token] of tokens.entries()) {
    const text = token.kind === 'text' ? token.text : '';
    if (atStart) {
      const blank = token.kind === 'text' && text.trim() === '' && text.endsWith('\n');
      const indent = text.length - text.trimStart().length;
      if (!blank) fewest = Math.min(fewest, indent);
      if (!blank && token.kind === 'text') indents.set(index, indent);
    }
    atStart = text.endsWith('\n');
  }
  return tokens.map((token, index) =>
    token.kind === 'text' && indents.has(index) ? { ...token, text: token.text.slice(fewest) } : token,
  );
}

function template(span: Span, tokens: readonly Token[], reading: Reading): Expression {
  const parts = nest(tokens);
  const { start, end } = span;
  const only = parts.length > 1 ? undefined : parts[0];
  if (only ? only.kind !== 'text' : parts.length > 0) return { kind: 'template', parts, start, end };
  const value = (only?.kind === 'text' ? only.text : '').normalize('NFC');
  return { kind: 'literal', value: { kind: 'string', value, at: reading.source.at(span) }, start, end };
}

/** Texts that follow each other become one; what is between the marks of a directive becomes its parts. */
function nest(tokens: readonly Token[]): readonly Part[] {
  return nestUntil(tokens, 0).parts;
}

function nestUntil(tokens: readonly Token[], from: number): { readonly parts: readonly Part[]; readonly next: number } {
  const parts: Part[] = [];
  let next = from;
  for (;;) {
    const token = tokens[next];
    if (!token || token.kind === 'else' || token.kind === 'end') return { parts, next };
    const made = nestOne(tokens, next, token);
    const last = parts.at(-1);
    if (made.part.kind === 'text' && last?.kind === 'text') {
      parts.splice(-1, 1, { ...last, text: last.text + made.part.text, end: made.part.end });
    } else parts.push(made.part);
    next = made.next;
  }
}

function nestOne(
  tokens: readonly Token[],
  index: number,
  token: Exclude<Token, { kind: 'else' | 'end' }>,
): { readonly part: Part; readonly next: number } {
  const { start, end } = token;
  if (token.kind === 'text') return { part: { kind: 'text', text: token.text, start, end }, next: index + 1 };
  if (token.kind === 'interpolation') {
    return { part: { kind: 'interpolation', expression: token.expression, start, end }, next: index + 1 };
  }
  const first = nestUntil(tokens, index + 1);
  if (token.kind === 'for') {
    const { collection, valueName, keyName } = token;
    const part = { kind: 'for', collection, valueName, ...(keyName && { keyName }), body: first.parts } as const;
    return { part: { ...part, start, end }, next: first.next + 1 };
  }
  const other =
    tokens[first.next]?.kind === 'else' ? nestUntil(tokens, first.next + 1) : { parts: [], next: first.next };
  const part = { kind: 'if', condition: token.condition, consequent: first.parts, alternative: other.parts } as const;
  return { part: { ...part, start, end }, next: other.next + 1 };
}
