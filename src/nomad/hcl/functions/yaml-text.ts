import { decimalText } from '../decimal.ts';
import {
  inKeyOrder,
  isMapping,
  isSequence,
  type MappingValue,
  type SequenceValue,
  stringValue,
  type Value,
} from '../value.ts';
import { type HclFunction, nullable, one } from './hcl-function.ts';

export const yamlTextFunctions: Readonly<Record<string, HclFunction>> = {
  yamlencode: one(nullable, (value) => stringValue(yamlText(value))),
};

const STEP = 2;

/** As HCL writes it: block style, every string in double quotes or, with several lines, as a literal block. */
function yamlText(value: Value): string {
  if (isSequence(value) && value.items.length > 0) return sequence(value, 0);
  if (isMapping(value) && value.entries.size > 0) return mapping(value, 0);
  const text = scalar(value, 0);
  // A plain scalar could go on, so its document is closed.
  return `${text}\n${value.kind === 'number' || value.kind === 'bool' || value.kind === 'null' ? '...\n' : ''}`;
}

function mapping(value: MappingValue, indent: number): string {
  return inKeyOrder(value)
    .map(([name, inner]) => `${' '.repeat(indent)}${quoted(name)}:${behindName(inner, indent)}`)
    .join('');
}

/** A list below a name is not indented. */
function behindName(value: Value, indent: number): string {
  if (isSequence(value) && value.items.length > 0) return `\n${sequence(value, indent)}`;
  if (isMapping(value) && value.entries.size > 0) return `\n${mapping(value, indent + STEP)}`;
  return ` ${scalar(value, indent)}\n`;
}

/** What is inside an item starts on its line. */
function sequence({ items }: SequenceValue, indent: number): string {
  return items
    .map((item) => {
      const inner = indent + STEP;
      if (isSequence(item) && item.items.length > 0)
        return `${' '.repeat(indent)}- ${sequence(item, inner).slice(inner)}`;
      if (isMapping(item) && item.entries.size > 0)
        return `${' '.repeat(indent)}- ${mapping(item, inner).slice(inner)}`;
      return `${' '.repeat(indent)}- ${scalar(item, indent)}\n`;
    })
    .join('');
}

function scalar(value: Value, indent: number): string {
  if (isSequence(value)) return '[]';
  if (isMapping(value)) return '{}';
  if (value.kind === 'null') return 'null';
  if (value.kind === 'number') return decimalText(value.value);
  if (value.kind === 'bool') return String(value.value);
  return literalFits(value.value) ? literal(value.value, indent + STEP) : quoted(value.value);
}

/** What cannot stand as it is in a document. Characters beyond the first plane are written as escapes too. */
const SPECIAL = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;
const QUOTED = /[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|["\\\u2028\u2029]/gu;

function literalFits(value: string): boolean {
  return value.includes('\n') && !SPECIAL.test(value) && !value.endsWith(' ') && !/ [\n\u2028\u2029]/.test(value);
}

function literal(value: string, indent: number): string {
  const hint = /^[ \n]/.test(value) ? String(STEP) : '';
  const lines = value.replace(/\n$/, '').split('\n');
  const text = lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n');
  return `|${hint}${chomping(value)}\n${value === '\n' ? '' : text}`;
}

/** Whether the breaks at the end belong to the value: none, one, all of them. */
function chomping(value: string): string {
  if (!value.endsWith('\n')) return '-';
  return value === '\n' || value.endsWith('\n\n') ? '+' : '';
}

const SHORT: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function quoted(value: string): string {
  return `"${value.replace(QUOTED, (character) => SHORT[character] ?? byCode(character.codePointAt(0) ?? 0))}"`;
}

function byCode(code: number): string {
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
