/** The YAML of a policy: what stands in it, and what an edit of one field makes of it. The rest of the text stays. Pure. */
import { type Document, isCollection, isMap, LineCounter, parseDocument, stringify, visit } from 'yaml';
import { selectorOf, selectorText } from '../../src/expand/policy/selector-text.ts';
import type { Written } from '../../src/operator/policies/policy-api.ts';
import { numeric } from './policy-fields.ts';

export type PolicyText =
  | { readonly kind: 'read'; readonly object: Written }
  /** Line and column count from one. */
  | { readonly kind: 'broken'; readonly line: number; readonly column: number; readonly message: string };

export function readText(text: string): PolicyText {
  const { document, lines } = parsed(text);
  const [error] = document.errors;
  if (error) {
    const [offset] = error.pos;
    const { line, col } = lines.linePos(offset);
    return { kind: 'broken', line, column: col, message: firstLine(error.message) };
  }
  const alias = firstAlias(document);
  if (alias !== undefined) {
    const { line, col } = lines.linePos(alias);
    return { kind: 'broken', line, column: col, message: 'write it out: the API server knows no aliases' };
  }
  const written: unknown = document.toJS();
  if (isWritten(written)) return { kind: 'read', object: written };
  return { kind: 'broken', line: 1, column: 1, message: 'must be an object with apiVersion, kind, metadata and spec' };
}

/** They may go round in circles, and what is edited in one place would change in another. */
function firstAlias(document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Alias: (_, { range }) => {
      found = range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

export function textOf(object: Written): string {
  return stringify(object, { lineWidth: 0 });
}

function parsed(text: string) {
  const lines = new LineCounter();
  return { document: parseDocument(text, { lineCounter: lines, prettyErrors: false }), lines };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As a form shows it; empty where nothing stands. */
export function fieldText(object: Written, path: readonly string[]): string {
  let value: unknown = object;
  for (const key of path) value = isWritten(value) ? value[key] : undefined;
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** An empty value takes the field away. A text that is broken stays as it is. */
export function withField(text: string, path: readonly string[], typed: string): string {
  const { document } = parsed(text);
  if (document.errors.length > 0) return text;
  if (typed.trim() === '') document.deleteIn(path);
  else put(document, path, valueOfField(path, typed));
  return document.toString({ lineWidth: 0 });
}

/** As it is typed: a space at the end is the beginning of what comes after it. */
function valueOfField(path: readonly string[], typed: string): unknown {
  return numeric.has(path.at(-1) ?? '') && /^-?\d{1,15}$/.test(typed) ? Number(typed) : typed;
}

export function withSwitch(text: string, path: readonly string[], on: boolean): string {
  const { document } = parsed(text);
  if (document.errors.length > 0) return text;
  put(document, path, on);
  return document.toString({ lineWidth: 0 });
}

/** The line of the selector; undefined: it is not one, and can be mended in the YAML only. */
export function selectorLine(object: Written): string | undefined {
  const { spec } = object;
  const selector = isWritten(spec) ? spec['selector'] : undefined;
  if (!isWritten(selector)) return undefined;
  const line = selectorText(selector);
  return selectorOf(line).ok ? line : undefined;
}

/** Undefined: the line cannot be read, or the text is broken. */
export function withSelector(text: string, line: string): string | undefined {
  const read = selectorOf(line);
  const { document } = parsed(text);
  if (!read.ok || document.errors.length > 0) return undefined;
  put(document, ['spec', 'selector'], document.createNode(read.value));
  return document.toString({ lineWidth: 0 });
}

/** What stands in the way on the path, as `template:` with nothing after it, becomes a map. */
function put(document: Document.Parsed, path: readonly string[], value: unknown): void {
  if (!isMap(document.contents)) document.set('spec', {});
  for (let length = 1; length < path.length; length += 1) {
    const above = path.slice(0, length);
    if (!isCollection(document.getIn(above))) document.setIn(above, document.createNode({}));
  }
  document.setIn(path, value);
}

interface TextPlace {
  readonly line: number;
  readonly column: number;
  /** Characters from the beginning. */
  readonly offset: number;
}

/** Where a field stands, as `spec.template.threshold`; of one that is missing, where it should. */
export function placeOf(text: string, field: string): TextPlace {
  const { document, lines } = parsed(text);
  const keys = field.split('.');
  for (let length = keys.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(keys.slice(0, length), true);
    if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) continue;
    const offset = Number(node.range[0]);
    const { line, col } = lines.linePos(offset);
    return { line, column: col, offset };
  }
  return { line: 1, column: 1, offset: 0 };
}
