import type { Plain } from '../source/node.ts';
import { pointerKey } from '../translate/sourced.ts';
import { isList, isMap } from './plain-value.ts';

/** A manifest as it is written, and on which line each part of it begins. */
export interface ManifestText {
  readonly text: string;
  /** JSON pointer → line, from 1. */
  readonly lines: ReadonlyMap<string, number>;
}

interface Place {
  readonly pointer: string;
  /** Of the parts below it. */
  readonly indent: string;
}

/**
 * YAML that reads back as the same value by every YAML version: what one of them could take for something else than text
 * is quoted. It is written here, line by line, because the report links lines of the input with lines of the output.
 */
export function manifestText(value: { readonly [key: string]: Plain }, comments: readonly string[] = []): ManifestText {
  const out: string[] = comments.map((comment) => `# ${ofOneLine(comment)}`);
  const lines = new Map<string, number>();
  const writer = { out, lines };
  lines.set('', out.length + 1);
  writeMap(writer, value, { pointer: '', indent: '' });
  return { text: `${out.join('\n')}\n`, lines };
}

interface Writer {
  readonly out: string[];
  readonly lines: Map<string, number>;
}

function writeMap(writer: Writer, map: { readonly [key: string]: Plain }, { pointer, indent }: Place): void {
  for (const [key, value] of Object.entries(map)) {
    const place = { pointer: `${pointer}/${pointerKey(key)}`, indent: `${indent}  ` };
    writer.lines.set(place.pointer, writer.out.length + 1);
    writeValue(writer, { head: `${indent}${oneLine(key)}:`, value, place });
  }
}

function writeList(writer: Writer, list: readonly Plain[], { pointer, indent }: Place): void {
  for (const [index, value] of list.entries()) {
    const place = { pointer: `${pointer}/${index}`, indent: `${indent}  ` };
    const first = writer.out.length;
    writer.lines.set(place.pointer, first + 1);
    if (isMap(value) && Object.keys(value).length > 0) {
      writeMap(writer, value, place);
      writer.out[first] = `${indent}- ${(writer.out[first] ?? '').slice(place.indent.length)}`;
    } else {
      writeValue(writer, { head: `${indent}-`, value, place });
    }
  }
}

interface Entry {
  readonly head: string;
  readonly value: Plain;
  readonly place: Place;
}

function writeValue(writer: Writer, { head, value, place }: Entry): void {
  if (isList(value)) {
    writer.out.push(value.length === 0 ? `${head} []` : head);
    writeList(writer, value, place);
  } else if (isMap(value)) {
    writer.out.push(Object.keys(value).length === 0 ? `${head} {}` : head);
    writeMap(writer, value, place);
  } else {
    const [first = '', ...rest] = scalarLines(value, place.indent);
    writer.out.push(`${head} ${first}`, ...rest);
  }
}

function scalarLines(value: string | number | boolean | null, indent: string): readonly string[] {
  if (typeof value !== 'string') return [String(value)];
  return fitsBlock(value) ? blockLines(value, indent) : [oneLine(value)];
}

/** Text of several lines without anything at its ends or in it that a block cannot hold, or not for every reader. */
function fitsBlock(text: string): boolean {
  return text.includes('\n') && /^\S/.test(text) && !/\n[\t ]+\n*$/.test(text) && !UNPRINTABLE.test(text);
}

/** `|-`, `|` and `|+` say how many line ends the text has. */
function blockLines(text: string, indent: string): readonly string[] {
  const ends = /\n*$/.exec(text)?.[0].length ?? 0;
  const chomp = ends === 0 ? '-' : ends === 1 ? '' : '+';
  const lines = (ends === 0 ? text : text.slice(0, -1)).split('\n');
  return [`|${chomp}`, ...lines.map((line) => (line === '' ? '' : `${indent}${line}`))];
}

/** Control characters, what some reader takes for a line end or a mark of byte order, and what shows text in another order than it is stored. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  /[\0-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]/u;

/** A name of a file may hold an end of a line, which would end a comment. */
export function ofOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/gu, (found) =>
    found === ' ' ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Words, paths, images and sizes that no version of YAML reads as anything but text. */
const PLAIN = /^(?:(?![eE_]+\d+$)[A-Za-z_/][\w./@+=:%,()$-]*|\d+(?:m|Ki|Mi|Gi|Ti|s|h))$/;
const WORDS = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null']);

function oneLine(text: string): string {
  const plain = PLAIN.test(text) && !text.endsWith(':') && !WORDS.has(text.toLowerCase());
  return plain ? text : quoted(text);
}

/** JSON's escapes are YAML's; what JSON leaves as it is and YAML does not allow is escaped too. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
