import type { Output, SecretPath } from './value.ts';

/** A variable that a template with `env = true` sets. */
export interface Setting {
  readonly name: string;
  readonly value: readonly Output[];
}

export type Settings =
  | { readonly kind: 'settings'; readonly settings: readonly Setting[]; readonly whole: readonly SecretPath[] }
  | { readonly kind: 'refused'; readonly message: string };

/** First of the private characters that stand for what is not text. */
const HOLE = 0xe000;

/**
 * Reads what a template renders as Nomad reads it (go-envparse): `NAME=value` lines with comments, `export`, single and
 * double quotes, JSON's escapes. A later line of the same name wins.
 */
export function settingsOf(outputs: readonly Output[]): Settings {
  const whole: SecretPath[] = [];
  const holes: Output[] = [];
  let text = '';
  for (const output of outputs) {
    if (output.kind === 'text') text += output.text;
    else if (output.kind === 'each') {
      if (!isWhole(output.body) || !/(^|\n)[ \t]*$/.test(text)) {
        return refused('a loop over a secret has lines that are not NAME=value of its keys');
      }
      whole.push(output.of);
    } else {
      if (output.kind === 'if' && spansLines(output)) return refused('whether a line is there depends on a secret');
      text += String.fromCharCode(HOLE + holes.length);
      holes.push(output);
    }
  }
  if (holes.length > 0x1000 || countHoles(text) !== holes.length) return refused('the text holds private characters');
  const settings = new Map<string, Setting>();
  for (const [at, line] of text.split('\n').entries()) {
    const read = readLine(line, holes);
    if (read.kind === 'refused') return refused(`line ${at + 1}: ${read.message}`);
    if (read.kind === 'setting') {
      settings.delete(read.setting.name);
      settings.set(read.setting.name, read.setting);
    }
  }
  return { kind: 'settings', settings: [...settings.values()], whole };
}

type Line =
  | { readonly kind: 'blank' }
  | { readonly kind: 'setting'; readonly setting: Setting }
  | { readonly kind: 'refused'; readonly message: string };

function readLine(written: string, holes: readonly Output[]): Line {
  const line = written.trim();
  if (line === '' || line.startsWith('#')) return { kind: 'blank' };
  const at = line.indexOf('=');
  if (at < 0) return refused('there is no =');
  const before = line.slice(0, at).trim();
  const name = before.length > 'export '.length ? before.replace(/^export /, '') : before;
  if (!/^[A-Za-z_][A-Za-z0-9_./]*$/.test(name)) return refused(`${JSON.stringify(name)} is no name of a variable`);
  const value = readValue(line.slice(at + 1).trim());
  if (value.kind === 'refused') return value;
  return { kind: 'setting', setting: { name, value: filled(value.text, holes) } };
}

type Decoded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * Parts of a value: blanks, quoted text, a comment, anything else. go-envparse cuts the last byte of a letter beyond
 * ASCII right before a comment; the letter is kept here.
 */
const part = /"((?:[^"\\]|\\.)*)"|'([^']*)'|(#)|([ \t]+)|([^"'# \t]+)/gsu;

function readValue(written: string): Decoded {
  let text = '';
  let significant = 0;
  let read = 0;
  for (const match of written.matchAll(part)) {
    if (match.index !== read) break;
    read = match.index + match[0].length;
    const [, double, single, comment, blank, plain] = match;
    if (comment !== undefined) return { kind: 'text', text: text.slice(0, significant) };
    if ([...match[0]].some((character) => character < ' ')) return refused('a value may not hold control characters');
    const decoded = double === undefined ? (single ?? blank ?? plain ?? '') : decodeEscapes(double);
    if (decoded === undefined) return refused('a quoted value holds an escape that is not one of JSON');
    text += decoded;
    if (blank === undefined) significant = text.length;
  }
  return read === written.length ? { kind: 'text', text } : refused('a quote is not closed');
}

function decodeEscapes(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    // not one of JSON's escapes: told by the caller
    return undefined;
  }
}

function filled(text: string, holes: readonly Output[]): readonly Output[] {
  const outputs: Output[] = [];
  let rest = '';
  const flush = (): void => {
    if (rest !== '') outputs.push({ kind: 'text', text: rest });
    rest = '';
  };
  for (const character of text) {
    const hole = holes[character.charCodeAt(0) - HOLE];
    if (!hole) rest += character;
    else {
      flush();
      outputs.push(hole);
    }
  }
  flush();
  return outputs;
}

function countHoles(text: string): number {
  return [...text].filter((character) => {
    const code = character.charCodeAt(0);
    return code >= HOLE && code < HOLE + 0x1900;
  }).length;
}

/** `{{ $k }}={{ $v }}`, with quotes or without: the variables are the keys of the secret. */
function isWhole(body: readonly Output[]): boolean {
  const shape = body.map((output) => {
    if (output.kind === 'text') return output.text;
    return output.kind === 'later' && output.later.kind === 'entry' ? `<${output.later.part}>` : '?';
  });
  return /^\s*(?:export )?<key>[ \t]*=[ \t]*(["']?)<value>\1[ \t]*\r?\n\s*$/.test(shape.join(''));
}

function spansLines({ body, other }: Output & { readonly kind: 'if' }): boolean {
  return [...body, ...other].some((each) => {
    if (each.kind === 'text') return each.text.includes('\n');
    return each.kind === 'if' ? spansLines(each) : each.kind === 'each';
  });
}

function refused(message: string): { readonly kind: 'refused'; readonly message: string } {
  return { kind: 'refused', message };
}
