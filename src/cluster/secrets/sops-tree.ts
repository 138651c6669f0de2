/**
 * The values and comments of a YAML or JSON file, each with the keys that lead to it, in the order of the file. What is read
 * here is read as sops reads it: words are kept as they stand, and get their type from `plain-value.ts`.
 */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { needsQuotes, resolved } from './plain-value.ts';

export interface SopsTree {
  readonly format: 'yaml' | 'json';
  readonly document: Document;
  readonly root: YAMLMap;
}

export type ReadTree =
  | { readonly kind: 'tree'; readonly tree: SopsTree }
  | { readonly kind: 'invalid'; readonly why: string };

export interface Leaf {
  /** Keys from the root, without places in lists: what sops binds a value to. */
  readonly path: readonly string[];
  /** With the places in lists: no two values have the same. */
  readonly place: string;
  /** As it stands, without quotes. */
  readonly word: string;
  /** It stands without quotes, so that it may be a number. */
  readonly isPlain: boolean;
}

/** `text` is quoted where it has to be; `word` never. `comment`: sops keeps the comments of a list as encrypted items of it. */
export type Replacement = { readonly text: string } | { readonly word: string } | { readonly comment: string };

export interface Visitor {
  /** Undefined leaves it as it is. */
  value(leaf: Leaf): Replacement | undefined;
  /** One line of a comment, without its `#`. */
  comment(line: string, path: readonly string[]): string;
}

/** Throws by a visitor pass through. */
export function readTree(text: string, format: SopsTree['format']): ReadTree {
  // Words as they stand; what they mean is decided later. A long file of aliases is refused below, and expanded by nobody.
  const document = parseDocument(text, { schema: 'failsafe', strict: true, uniqueKeys: true, logLevel: 'error' });
  const [error] = document.errors;
  if (error) return { kind: 'invalid', why: withoutValues(error.message) };
  if (!isMap(document.contents)) return { kind: 'invalid', why: 'holds no keys and values at its top' };
  const why = oddity(document.contents);
  return why === undefined
    ? { kind: 'tree', tree: { format, document, root: document.contents } }
    : { kind: 'invalid', why };
}

/** The parser shows the lines around a mistake, which hold values. */
function withoutValues(message: string): string {
  return message.split(/:?\n/, 1)[0] ?? 'is no YAML';
}

const TAGS = new Set([undefined, 'tag:yaml.org,2002:str', 'tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq']);

function oddity(node: unknown): string | undefined {
  if (node === null) return undefined;
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return 'has an alias: write the value out';
  if (node.anchor !== undefined) return 'has an anchor: write the value out where it is used';
  if (!TAGS.has(node.tag)) return 'has tags, which sops does not keep: write values without them';
  if (isMap(node)) return first(node.items, (pair) => oddKey(pair.key) ?? oddity(pair.value));
  return isSeq(node) ? first(node.items, oddity) : undefined;
}

function oddKey(key: unknown): string | undefined {
  if (!isScalar(key) || typeof key.value !== 'string') return 'has a key that is not a text';
  const meaning = resolved(key.value);
  const isText = key.type !== 'PLAIN' || (meaning.kind === 'value' && meaning.value.type === 'str');
  return isText ? undefined : `has the key ${key.value}, which is no text to sops: write it in quotes`;
}

function first<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Visits, and puts in place what the visitor gives. */
export function walkTree({ document, root, format }: SopsTree, visitor: Visitor): void {
  const comments = format === 'yaml';
  if (comments) replaceComments(document, [], visitor);
  walkNode({ node: root, path: [], place: '', owner: [] }, visitor, comments);
}

interface Position {
  readonly node: unknown;
  readonly path: readonly string[];
  readonly place: string;
  /** The path of what holds it, to which its comments belong where it is a single value. */
  readonly owner: readonly string[];
}

function walkNode({ node, path, place, owner }: Position, visitor: Visitor, comments: boolean): void {
  if (isMap(node)) {
    if (comments) replaceComments(node, path, visitor);
    for (const pair of node.items) walkPair(pair, { node, path, place, owner }, visitor, comments);
  } else if (isSeq(node)) {
    if (comments) replaceComments(node, path, visitor);
    node.items = walkItems({ node, path, place, owner }, node.items, visitor, comments);
  } else if (isScalar(node)) {
    if (comments) replaceComments(node, owner, visitor);
    replaceValue(node, visitor.value(leafOf(node, path, place)));
  }
}

/** The items without those that are comments, which become comments of what follows them. */
function walkItems(
  { node, path, place }: Position,
  items: readonly unknown[],
  visitor: Visitor,
  comments: boolean,
): unknown[] {
  const kept: unknown[] = [];
  let waiting: string[] = [];
  for (const item of items) {
    const here = `${place}[${kept.length}]`;
    const said = isScalar(item) ? visitor.value(leafOf(item, path, here)) : undefined;
    if (said !== undefined && 'comment' in said) {
      waiting.push(said.comment);
      continue;
    }
    if (!isScalar(item)) walkNode({ node: item, path, place: here, owner: path }, visitor, comments);
    else {
      if (comments) replaceComments(item, path, visitor);
      replaceValue(item, said);
    }
    if (waiting.length > 0 && isNode(item)) {
      item.commentBefore = [...waiting, ...(item.commentBefore ? [item.commentBefore] : [])].join('\n');
      waiting = [];
    }
    kept.push(item);
  }
  if (waiting.length > 0 && isSeq(node))
    node.comment = [...waiting, ...(node.comment ? [node.comment] : [])].join('\n');
  return kept;
}

function leafOf(node: Scalar, path: readonly string[], place: string): Leaf {
  const isPlain = node.type === undefined || node.type === 'PLAIN';
  return { path, place, word: String(node.value ?? ''), isPlain };
}

function walkPair(pair: Pair, { path, place }: Position, visitor: Visitor, comments: boolean): void {
  const key = keyOf(pair);
  if (comments && isScalar(pair.key)) replaceComments(pair.key, path, visitor);
  const below = { node: pair.value, path: [...path, key], place: `${place}/${key}`, owner: path };
  walkNode(below, visitor, comments);
}

/** One that was set here is a text, one that was read is a node. */
function keyOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

function replaceValue(node: Scalar, replacement: Replacement | undefined): void {
  if (replacement === undefined || 'comment' in replacement) return;
  delete node.source;
  delete node.tag;
  if ('word' in replacement) {
    node.value = replacement.word;
    node.type = 'PLAIN';
    return;
  }
  node.value = replacement.text;
  if (needsQuotes(replacement.text)) node.type = 'QUOTE_DOUBLE';
  else delete node.type;
}

function replaceComments(
  node: Pick<Node, 'comment' | 'commentBefore'>,
  path: readonly string[],
  visitor: Visitor,
): void {
  const replaced = (comment: string): string =>
    comment
      .split('\n')
      .map((line) => (line === '' ? line : visitor.comment(line, path)))
      .join('\n');
  if (node.commentBefore) node.commentBefore = replaced(node.commentBefore);
  if (node.comment) node.comment = replaced(node.comment);
}

/** As sops lays it out, so that a file looks the same whoever wrote it last. */
export function treeText({ document, root, format }: SopsTree): string {
  if (format === 'json') return `${jsonText(root, '')}\n`;
  return document.toString({ indent: 4, lineWidth: 0, minContentWidth: 0, blockQuote: 'literal' });
}

function jsonText(node: unknown, indent: string): string {
  const deeper = `${indent}\t`;
  if (isMap(node)) {
    const items = node.items.map((pair) => {
      const key = keyOf(pair);
      return `${deeper}${JSON.stringify(key)}: ${jsonText(pair.value, deeper)}`;
    });
    return items.length === 0 ? '{}' : `{\n${items.join(',\n')}\n${indent}}`;
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => `${deeper}${jsonText(item, deeper)}`);
    return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n${indent}]`;
  }
  if (!isScalar(node)) return 'null';
  const word = String(node.value ?? '');
  return jsonWord(node, word);
}

/** Numbers and the three words of JSON stand as they are; everything else is a text. */
function jsonWord(node: Scalar, word: string): string {
  const isWord = /^(-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|true|false|null)$/.test(word);
  return node.type === 'PLAIN' && isWord ? word : JSON.stringify(word);
}
