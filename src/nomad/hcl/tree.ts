import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Parser, TreeCursor } from 'web-tree-sitter';
import type { Branch, Failure } from './branch.ts';
import { plainTree } from './plain-tree.ts';

/** The whole of a file. */
export interface Tree {
  readonly root: Branch;
  /** Where the grammar lost its way: what follows cannot be trusted. */
  readonly failure?: Failure;
}

/** What parses HCL. */
export interface Grammar {
  parse(text: string): Tree;
}

/** An expression of HCL takes three or four levels for each bracket; nobody nests this deep by hand. */
const DEEPEST = 600;
const ENGINE = () => import.meta.resolve('web-tree-sitter/web-tree-sitter.wasm');
const LANGUAGE = () => import.meta.resolve('@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm');

/** The grammar itself is there as well. */
interface LoadedGrammar extends Grammar {
  /** By the grammar alone, however the text is written. */
  parseAny(text: string): Tree;
}

let opened: Promise<LoadedGrammar> | undefined;

/** Loads the grammar once for the process: some 30 ms. */
export function openGrammar(): Promise<LoadedGrammar> {
  opened ??= open();
  return opened;
}

/** A text is not plain, and the grammar is not loaded. */
class NotPlain extends Error {}

const plainOnly: Grammar = {
  parse: (text) => {
    const root = plainTree(text);
    if (!root) throw new NotPlain();
    return { root };
  },
};

/**
 * Does work that parses a few texts. Most jobs are plain, and need no grammar; for one that is not it is loaded, and the work is
 * done again from its beginning: it must have no effect but its result.
 */
export async function withGrammar<T>(work: (grammar: Grammar) => T): Promise<T> {
  try {
    return work(plainOnly);
  } catch (failure) {
    if (!(failure instanceof NotPlain)) throw failure;
    return work(await openGrammar());
  }
}

async function open(): Promise<LoadedGrammar> {
  const { Language, Parser } = await import('web-tree-sitter');
  const language = await patiently(async () => {
    await Parser.init({ wasmBinary: load('web-tree-sitter.wasm', ENGINE) });
    return Language.load(load('tree-sitter-hcl.wasm', LANGUAGE));
  });
  const parser = new Parser().setLanguage(language);
  const parseAny = (text: string): Tree => parse(parser, text);
  return {
    parseAny,
    parse: (text) => {
      const root = plainTree(text);
      return root ? { root } : parseAny(text);
    },
  };
}

/** How much of WebAssembly runs before V8 optimizes it, in bytes of code: as V8 13.6 has it, and twenty times that. */
const BUDGET = { usual: 13_000_000, patient: 260_000_000 };

/**
 * What is made of WebAssembly meanwhile is optimized later than V8 would: a job is read before that is done, and the
 * process would still wait for it at its end, with both of its processors busy. Twenty jobs are worth it.
 */
async function patiently<T>(make: () => Promise<T>): Promise<T> {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString(`--wasm-tiering-budget=${BUDGET.patient}`);
  try {
    return await make();
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${BUDGET.usual}`);
  }
}

/** In a bundle the file lies beside the code, otherwise where its package is. */
function load(name: string, packaged: () => string): Uint8Array {
  const beside = fileURLToPath(new URL(name, import.meta.url));
  return readFileSync(existsSync(beside) ? beside : fileURLToPath(packaged()));
}

function parse(parser: Parser, text: string): Tree {
  const tree = parser.parse(sameLength(text));
  if (!tree) throw new Error('the grammar gave no tree: it has no language');
  const cursor = tree.walk();
  try {
    return copy(cursor, tree.rootNode.hasError);
  } finally {
    // left to the garbage collector, the engine frees whatever cursor was used last, and spoils its memory
    cursor.delete();
    tree.delete();
  }
}

/**
 * Where the grammar reads otherwise than HCL it is shown a text of the same length that it reads alike; what is read from
 * the tree comes from the text itself. HCL takes `1e5`, the grammar only `1.0e5`; and of `$$${` the last two are the
 * escape for HCL, the first two for the grammar.
 */
function sameLength(text: string): string {
  return text
    .replace(/([\p{ID_Start}_][\p{ID_Continue}-]*)|\d+[eE][+-]?\d+/gu, (all, name) => name ?? '1'.repeat(all.length))
    .replace(/([$%])\1*(?=\1\1\{)/g, (all) => '_'.repeat(all.length))
    .replace(/^\ufeff/, ' ');
}

/** What is inside of these says nothing that their text does not: it is not asked for, which halves the time. */
const WHOLE: ReadonlySet<string> = new Set([
  ...['identifier', 'variable_expr', 'numeric_lit', 'bool_lit', 'null_lit', 'string_lit', 'template_literal'],
  ...['block_start', 'block_end', 'object_start', 'object_end', 'tuple_start', 'tuple_end', 'heredoc_start'],
  ...['quoted_template_start', 'quoted_template_end', 'heredoc_identifier', 'strip_marker', 'ellipsis'],
  ...['template_interpolation_start', 'template_interpolation_end', '=', ',', '.', '(', ')', '[', ']', ':', '?'],
]);

interface Growing {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly children: Branch[];
}

/** Without recursion, so that no input makes the stack too deep. `failed`: the tree has errors. */
function copy(cursor: TreeCursor, failed: boolean): Tree {
  const root = branch(cursor);
  const path: Growing[] = [root];
  let failure: Failure | undefined;
  let entering = cursor.gotoFirstChild();
  while (path.length > 0) {
    if (!entering) {
      path.pop();
      if (path.length === 0 || !cursor.gotoParent()) break;
      entering = cursor.gotoNextSibling();
      continue;
    }
    const grown = branch(cursor);
    if (grown.type !== 'comment') path.at(-1)?.children.push(grown);
    if (path.length > DEEPEST) return { root, failure: { ...grown, kind: 'too-deep' } };
    if ((failed || !WHOLE.has(grown.type)) && cursor.gotoFirstChild()) {
      path.push(grown);
      continue;
    }
    if (failed && !failure && grown.type !== 'comment') failure = failureAt(cursor);
    entering = cursor.gotoNextSibling();
  }
  if (failed && !failure) failure = { kind: 'unexpected', start: root.end, end: root.end };
  return { root, ...(failure && { failure }) };
}

function branch(cursor: TreeCursor): Growing {
  return { type: cursor.nodeType, start: cursor.startIndex, end: cursor.endIndex, children: [] };
}

/** A token that the grammar made up, or one that it skipped. */
function failureAt({ currentNode }: TreeCursor): Failure | undefined {
  const { isMissing, isError, parseState, startIndex: start, endIndex: end } = currentNode;
  return isMissing || isError || parseState === 0 ? { kind: 'unexpected', start, end } : undefined;
}
