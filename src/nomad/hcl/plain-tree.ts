import type { Branch } from './branch.ts';

/**
 * The tree of a text that is written as most jobs are: the very branches that the grammar makes of it, without the texts of
 * templates, which nobody asks for. The grammar is a program in WebAssembly, and takes longer to be loaded than such a text
 * to be read.
 *
 * Undefined for all else: operators, conditions, loops, splats, directives, escapes that are rare, characters that some take
 * for a space, and whatever is no HCL. Then the grammar reads it, so that nothing is judged here.
 */
export function plainTree(text: string): Branch | undefined {
  if (ODD.test(text) || !text.isWellFormed()) return undefined;
  const content = bodyAt({ text, depth: 0 }, after(text, 0));
  if (content === undefined || content.end !== text.length || content.items.length === 0) return undefined;
  return { type: 'config_file', start: 0, end: text.length, children: [bodyOf(content.items)] };
}

/** What some reader takes for the end of a line, a mark of byte order or the end of the text. */
const ODD = /[\0\r\u0085\u2028\u2029\ufeff]/;
const BETWEEN = /(?:[ \t\n]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const NAME = /[A-Za-z_][\w-]*/y;
/** Without an exponent, and nothing that goes on. */
const NUMBER = /\d+(?:\.\d+)?(?![\w.])/y;
const LABEL = /"[^"\\$%\n]*"/y;
/** In quotes, up to their end, `${` or what is not plain. */
const QUOTED = /(?:[^"\\$%\n]|\\["\\nrt]|\$(?![${])|%(?![%{]))*/y;
/** The same in a heredoc, where lines end and nothing is escaped. */
const UNQUOTED = /(?:[^$%]|\$(?![${])|%(?![%{]))*/y;
const HEREDOC = /<<-?([A-Za-z_][\w-]*)\n/y;
/** What begins so may be read as that word alone. */
const WORD = /^(?:true|false|null|for|if|in|else|endif|endfor)/;
const LITERAL: Readonly<Record<string, string>> = { true: 'bool_lit', false: 'bool_lit', null: 'null_lit' };
/** Nobody nests so deep by hand. */
const DEEPEST = 40;

interface Reading {
  readonly text: string;
  depth: number;
}

/** Where the match ends, which begins here; -1 where there is none. */
function match(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Behind spaces, ends of lines and comments. */
function after(text: string, start: number): number {
  return match(BETWEEN, text, start);
}

function leaf(type: string, start: number, end: number): Branch {
  return { type, start, end, children: [] };
}

function over(type: string, children: readonly Branch[]): Branch {
  return { type, start: children[0]?.start ?? 0, end: children.at(-1)?.end ?? 0, children };
}

function sign(text: string, start: number): Branch {
  return leaf(text[start] ?? '', start, start + 1);
}

interface Items {
  readonly items: readonly Branch[];
  /** Of what follows them. */
  readonly end: number;
}

const bodyOf = (items: readonly Branch[]): Branch => over('body', items);

/** Arguments and blocks, up to the first that is none. */
function bodyAt(reading: Reading, start: number): Items | undefined {
  const { text } = reading;
  const items: Branch[] = [];
  let next = start;
  for (let end = match(NAME, text, next); end >= 0; end = match(NAME, text, next)) {
    const item = itemAt(reading, leaf('identifier', next, end));
    if (!item) return undefined;
    items.push(item);
    next = after(text, item.end);
  }
  return { items, end: next };
}

function itemAt(reading: Reading, name: Branch): Branch | undefined {
  const { text } = reading;
  const next = after(text, name.end);
  if (text[next] !== '=') return blockAt(reading, name, next);
  const value = expressionAt(reading, after(text, next + 1));
  return value && over('attribute', [name, sign(text, next), value]);
}

function blockAt(reading: Reading, type: Branch, start: number): Branch | undefined {
  const { text } = reading;
  const children = [type];
  let next = start;
  for (; text[next] !== '{'; next = after(text, next)) {
    const quoted = text[next] === '"';
    const end = match(quoted ? LABEL : NAME, text, next);
    if (end < 0) return undefined;
    children.push(leaf(quoted ? 'string_lit' : 'identifier', next, end));
    next = end;
  }
  if (reading.depth >= DEEPEST) return undefined;
  reading.depth++;
  const content = bodyAt(reading, after(text, next + 1));
  reading.depth--;
  if (content === undefined || text[content.end] !== '}') return undefined;
  children.push(leaf('block_start', next, next + 1));
  if (content.items.length > 0) children.push(bodyOf(content.items));
  children.push(leaf('block_end', content.end, content.end + 1));
  return over('block', children);
}

/** A value; what follows it must be looked at by the caller, because an operator may. */
function expressionAt(reading: Reading, start: number): Branch | undefined {
  if (reading.depth >= DEEPEST) return undefined;
  reading.depth++;
  const children = operandAt(reading, start);
  reading.depth--;
  return children && over('expression', children);
}

function operandAt(reading: Reading, start: number): readonly Branch[] | undefined {
  const { text } = reading;
  const only = (found: Branch | undefined): readonly Branch[] | undefined => found && [found];
  switch (text[start]) {
    case '"':
      return only(quotedAt(reading, start));
    case '<':
      return only(heredocAt(reading, start));
    case '[':
      return only(tupleAt(reading, start));
    case '{':
      return only(objectAt(reading, start));
    default:
  }
  const number = match(NUMBER, text, start);
  if (number >= 0) return [over('literal_value', [leaf('numeric_lit', start, number)])];
  const end = match(NAME, text, start);
  return end < 0 ? undefined : namedAt(reading, leaf('identifier', start, end));
}

/** A literal, a call, or a name with what is taken of it. */
function namedAt(reading: Reading, name: Branch): readonly Branch[] | undefined {
  const { text } = reading;
  const { start, end } = name;
  const word = text.slice(start, end);
  if (WORD.test(word)) {
    const type = LITERAL[word];
    return type === undefined ? undefined : [over('literal_value', [leaf(type, start, end)])];
  }
  if (text[end] === '(') return callAt(reading, name);
  const children: Branch[] = [{ type: 'variable_expr', start, end, children: [] }];
  for (let next = end; text[next] === '.' || text[next] === '['; next = children.at(-1)?.end ?? next) {
    const step = text[next] === '.' ? attributeAt(text, next) : indexAt(reading, next);
    if (!step) return undefined;
    children.push(step);
  }
  return children;
}

function attributeAt(text: string, start: number): Branch | undefined {
  const end = match(NAME, text, start + 1);
  return end < 0 ? undefined : over('get_attr', [sign(text, start), leaf('identifier', start + 1, end)]);
}

function indexAt(reading: Reading, start: number): Branch | undefined {
  const { text } = reading;
  const key = expressionAt(reading, after(text, start + 1));
  if (!key) return undefined;
  const close = after(text, key.end);
  if (text[close] !== ']') return undefined;
  return over('index', [over('new_index', [sign(text, start), key, sign(text, close)])]);
}

function callAt(reading: Reading, name: Branch): readonly Branch[] | undefined {
  const { text } = reading;
  const list = listAt(reading, name.end, ')');
  if (!list) return undefined;
  const given = list.items.length > 0 ? [over('function_arguments', list.items)] : [];
  return [over('function_call', [name, sign(text, name.end), ...given, sign(text, list.end)])];
}

function tupleAt(reading: Reading, start: number): Branch | undefined {
  const list = listAt(reading, start, ']');
  if (!list) return undefined;
  const close = leaf('tuple_end', list.end, list.end + 1);
  return over('collection_value', [over('tuple', [leaf('tuple_start', start, start + 1), ...list.items, close])]);
}

/** Values with commas between them, and perhaps behind the last; `end` is the place of the bracket that closes. */
function listAt(reading: Reading, open: number, close: string): Items | undefined {
  const { text } = reading;
  const items: Branch[] = [];
  let next = after(text, open + 1);
  while (text[next] !== close) {
    const value = expressionAt(reading, next);
    if (!value) return undefined;
    items.push(value);
    next = after(text, value.end);
    if (text[next] === close) break;
    if (text[next] !== ',') return undefined;
    items.push(sign(text, next));
    next = after(text, next + 1);
  }
  return { items, end: next };
}

function objectAt(reading: Reading, start: number): Branch | undefined {
  const { text } = reading;
  const children = [leaf('object_start', start, start + 1)];
  let next = after(text, start + 1);
  while (text[next] !== '}') {
    const element = elementAt(reading, next);
    if (!element) return undefined;
    children.push(element);
    next = after(text, element.end);
    if (text[next] !== ',') continue;
    children.push(sign(text, next));
    next = after(text, next + 1);
  }
  children.push(leaf('object_end', next, next + 1));
  return over('collection_value', [over('object', children)]);
}

function elementAt(reading: Reading, start: number): Branch | undefined {
  const { text } = reading;
  const key = text[start] === '"' || match(NAME, text, start) >= 0 ? expressionAt(reading, start) : undefined;
  if (!key) return undefined;
  const next = after(text, key.end);
  if (!/^(?:=[^=>]|:[^:])/.test(text.slice(next, next + 2))) return undefined;
  const value = expressionAt(reading, after(text, next + 1));
  return value && over('object_elem', [key, sign(text, next), value]);
}

/** A string in quotes: a literal, or a template where something is filled in. */
function quotedAt(reading: Reading, start: number): Branch | undefined {
  const { text } = reading;
  const filled = filledAt(reading, start + 1, QUOTED);
  if (filled === undefined || text[filled.end] !== '"') return undefined;
  const end = filled.end + 1;
  if (filled.items.length === 0) return over('literal_value', [leaf('string_lit', start, end)]);
  const open = leaf('quoted_template_start', start, start + 1);
  const close = leaf('quoted_template_end', filled.end, end);
  return over('template_expr', [over('quoted_template', [open, ...filled.items, close])]);
}

/** Interpolations up to what is none. */
function filledAt(reading: Reading, start: number, plain: RegExp): Items | undefined {
  const { text } = reading;
  const items: Branch[] = [];
  let next = match(plain, text, start);
  while (text.startsWith('${', next)) {
    const value = expressionAt(reading, after(text, next + 2));
    if (!value) return undefined;
    const close = after(text, value.end);
    if (text[close] !== '}') return undefined;
    const open = leaf('template_interpolation_start', next, next + 2);
    items.push(over('template_interpolation', [open, value, leaf('template_interpolation_end', close, close + 1)]));
    next = match(plain, text, close + 1);
  }
  return { items, end: next };
}

/** Up to the only line that is its marker; another place with that word may end it for some. */
function heredocAt(reading: Reading, start: number): Branch | undefined {
  const { text } = reading;
  HEREDOC.lastIndex = start;
  const [head = '', marker = ''] = HEREDOC.exec(text) ?? [];
  const first = start + head.length;
  const last = head === '' ? -1 : text.indexOf(marker, first);
  if (last < 0 || text[last + marker.length] !== '\n') return undefined;
  if (!/^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', last - 1) + 1, last))) return undefined;
  const within = { ...reading, text: text.slice(0, last) };
  const filled = filledAt(within, first, UNQUOTED);
  if (filled?.end !== last) return undefined;
  const name = start + head.length - marker.length - 1;
  const sides = [leaf('heredoc_start', start, name), leaf('heredoc_identifier', name, name + marker.length)];
  const close = leaf('heredoc_identifier', last, last + marker.length);
  return over('template_expr', [over('heredoc_template', [...sides, ...filled.items, close])]);
}
