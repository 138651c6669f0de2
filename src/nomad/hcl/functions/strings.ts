import { byteOrder, stringValue, wholeValue } from '../value.ts';
import { graphemesOf } from './graphemes.ts';
import {
  type HclFunction,
  type Outcome,
  one,
  oneThenMany,
  refuse,
  stringList,
  text,
  texts,
  three,
  two,
  whole,
} from './hcl-function.ts';

const SPACE_AT_START = /^\p{White_Space}+/u;
const SPACE_AT_END = /\p{White_Space}+$/u;
const LINE_ENDS = /[\r\n]+$/;
/** Inside of a word. Outside ASCII everything is, but white space. */
const IN_WORD = /^(?:\w|[^\p{ASCII}\p{White_Space}])$/u;
/** Nobody indents that far; keeps a hostile number from filling the memory. */
const DEEPEST_INDENT = 1000;

const reverse = one(text, (value) => stringValue(graphemesOf(value).toReversed().join('')));

export const stringFunctions: Readonly<Record<string, HclFunction>> = {
  chomp: one(text, (value) => stringValue(value.replace(LINE_ENDS, ''))),
  indent: two(whole, text, indent),
  join: oneThenMany(text, texts, join),
  lower: one(text, (value) => stringValue(eachCharacter(value, lowerOf))),
  replace: three([text, text, text], (value, search, replacement) =>
    stringValue(value.replaceAll(search, () => replacement)),
  ),
  // The lists' reverse goes by another name in Terraform; in Nomad both names are the one of strings.
  reverse,
  sort: one(texts, sort),
  split: two(text, text, (separator, value) =>
    stringList(separator === '' ? Array.from(value) : value.split(separator)),
  ),
  strlen: one(text, (value) => wholeValue(graphemesOf(value).length)),
  strrev: reverse,
  substr: three([text, whole, whole], (value, offset, length) => stringValue(part(value, offset, length))),
  title: one(text, (value) => stringValue(title(value))),
  trim: two(text, text, (value, cut) => stringValue(trim(value, new Set(cut)))),
  trimprefix: two(text, text, (value, prefix) =>
    stringValue(value.startsWith(prefix) ? value.slice(prefix.length) : value),
  ),
  trimspace: one(text, (value) => stringValue(value.replace(SPACE_AT_START, '').replace(SPACE_AT_END, ''))),
  trimsuffix: two(text, text, (value, suffix) =>
    stringValue(value.endsWith(suffix) ? value.slice(0, value.length - suffix.length) : value),
  ),
  upper: one(text, (value) => stringValue(eachCharacter(value, upperOf))),
};

function indent(spaces: number, value: string): Outcome {
  if (spaces < 0 || spaces > DEEPEST_INDENT)
    return refuse(`the number of spaces must be from 0 to ${DEEPEST_INDENT}`, 0);
  return stringValue(value.replaceAll('\n', `\n${' '.repeat(spaces)}`));
}

function join(separator: string, lists: readonly (readonly (string | undefined)[])[]): Outcome {
  if (lists.length === 0) return refuse('at least one list is needed');
  for (const [index, items] of lists.entries()) {
    const missing = items.indexOf(undefined);
    if (missing >= 0) return refuse(`element ${missing} is null, which cannot be joined`, index + 1);
  }
  return stringValue(lists.flat().join(separator));
}

function sort(items: readonly (string | undefined)[]): Outcome {
  const known = items.filter((item) => item !== undefined);
  if (known.length < items.length)
    return refuse(`element ${items.indexOf(undefined)} is null, which cannot be sorted`, 0);
  return stringList(known.sort(byteOrder));
}

/** A negative offset counts from the end, and reaches the start at most; a negative length takes all that is left. */
function part(value: string, offset: number, length: number): string {
  const characters = graphemesOf(value);
  const from = Math.max(0, offset < 0 ? offset + characters.length : offset);
  if (length < 0) return characters.slice(from).join('');
  // With an offset from the end HCL takes a length of zero for "all that is left".
  return characters.slice(from, length === 0 && offset < 0 ? undefined : from + length).join('');
}

function trim(value: string, cut: ReadonlySet<string>): string {
  const characters = Array.from(value);
  const start = characters.findIndex((each) => !cut.has(each));
  if (start < 0) return '';
  return characters.slice(start, characters.findLastIndex((each) => !cut.has(each)) + 1).join('');
}

function title(value: string): string {
  let before = ' ';
  return eachCharacter(value, (character) => {
    const starts = !IN_WORD.test(before);
    before = character;
    return starts ? titleOf(character) : character;
  });
}

function eachCharacter(value: string, change: (character: string) => string): string {
  return Array.from(value, change).join('');
}

/** Only where one character becomes one: `ß` stays, although its capitals are two letters. */
function upperOf(character: string): string {
  const upper = character.toUpperCase();
  return Array.from(upper).length === 1 ? upper : character;
}

function lowerOf(character: string): string {
  return Array.from(character.toLowerCase())[0] ?? character;
}

/** Croatian digraphs have a form of their own at the start of a word. */
const DIGRAPHS: ReadonlyMap<string, string> = new Map([
  ['ǆ', 'ǅ'],
  ['Ǆ', 'ǅ'],
  ['ǉ', 'ǈ'],
  ['Ǉ', 'ǈ'],
  ['ǌ', 'ǋ'],
  ['Ǌ', 'ǋ'],
  ['ǳ', 'ǲ'],
  ['Ǳ', 'ǲ'],
]);

function titleOf(character: string): string {
  return DIGRAPHS.get(character) ?? upperOf(character);
}
