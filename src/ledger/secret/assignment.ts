/** Secrets that a name gives away: `password: …`, `K3S_TOKEN=…`, `--token …`, `- name: DB_PASSWORD`. */
import { isMasked } from './masked.ts';
import { type KeyStrength, keyStrength, looksSecret } from './secret-key.ts';
import type { Span } from './span.ts';

const KEY = String.raw`[A-Za-z_][\w./-]{0,100}`;
/** Quotes may be escaped, as in JSON within JSON. */
const QUOTE = String.raw`\\{0,8}["']`;
const QUOTED = String.raw`${QUOTE}[^"'\\\n]*`;

/** The first thing on its line, also of a diff, of a list, of a shell script; the value goes to the end of the line. */
const line = new RegExp(
  String.raw`^[ \t+<>|#-]*(?:(?:export|set|env|declare -x|Environment=)[ \t]*)?(?:${QUOTE})?(${KEY})(?:${QUOTE})?[ \t]*(?::=|=>|=|:(?=[ \t]|$))[ \t]*(.*)$`,
  'dgm',
);
/** Anywhere else; the value ends at the next space. */
const inline = new RegExp(
  String.raw`(?<![\w./-])(${KEY})(?:${QUOTE})?[ \t]{0,2}(:=|=>|==?|:)[ \t]{0,2}(${QUOTED}|[^\s"',;\]})\\]+)`,
  'dg',
);
const flag = new RegExp(
  String.raw`(?<![\w-])--?([A-Za-z][\w-]{0,60})(?:=|[ \t]+|${QUOTE}\s*,\s*|[ \t]*\n[ \t+-]*- )(${QUOTED}|[^\s"'\\]+)`,
  'dg',
);
/** The value of each is secret, whatever the name. */
const commands: readonly RegExp[] = [
  new RegExp(String.raw`--from-literal(?:=|[ \t]+)(?:${QUOTE})?[\w.-]+=(${QUOTED}|[^\s"'\\]+)`, 'dg'),
  /\bcurl\b[^\n]{0,400}?[ \t](?:-u|--user)[ =]?["']?[^\s:"']+:([^\s"']+)/dg,
  /\bsshpass[ \t]+-p[ \t]?["']?([^\s"']+)/dg,
];
const pairName = new RegExp(String.raw`^[ \t+-]*(?:${QUOTE})?name(?:${QUOTE})?[ \t]*:[ \t]*["']?([\w.-]+)["']?,?$`);
const pairValue = new RegExp(String.raw`^[ \t+-]*(?:${QUOTE})?value(?:${QUOTE})?[ \t]*:[ \t]*(.*)$`);
const inlinePair = new RegExp(
  String.raw`["']?\bname["']?[ \t]*:[ \t]*["']?([\w.-]+)["']?,[ \t]*["']?value["']?[ \t]*:[ \t]*(${QUOTED}|[^\s"',}]+)`,
  'dg',
);

export function findAssignments(text: string): readonly Span[] {
  return [...onLines(text), ...inText(text), ...asFlags(text), ...inCommands(text), ...asPairs(text)];
}

interface Value {
  readonly start: number;
  readonly text: string;
  readonly quoted: boolean;
}

/** Without quotes, a comment behind it, a comma. */
function valueAt(raw: string, at: number): Value {
  const opening = /^\\{0,8}(["'])/.exec(raw);
  if (opening) {
    const rest = raw.slice(opening[0].length);
    const closing = rest.search(new RegExp(String.raw`\\{0,8}${opening[1]}`));
    return { start: at + opening[0].length, text: closing < 0 ? rest : rest.slice(0, closing), quoted: true };
  }
  return { start: at, text: raw.replace(/[ \t]#.*$/, '').replace(/[ \t,;\r]+$/, ''), quoted: false };
}

function spanOf({ start, text }: Value, name: string): Span {
  return { start, end: start + text.length, kind: `value of ${shown(name)}` };
}

/** The name of a field is told, because it helps to find the place; it is somebody else's text all the same. */
function shown(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}

/** Group `group` of a match with its place. */
function groupAt(match: RegExpExecArray, group: number): Value | undefined {
  const [start] = match.indices?.[group] ?? [];
  const raw = match[group];
  return start === undefined || raw === undefined ? undefined : valueAt(raw, start);
}

function onLines(text: string): readonly Span[] {
  return [...text.matchAll(line)].flatMap((match) => {
    const name = match[1] ?? '';
    const strength = keyStrength(name);
    const value = strength === 'none' ? undefined : groupAt(match, 2);
    if (!value) return [];
    const block = /^[|>][+-]?\d?$/.test(value.text) ? lineAfter(text, value.start) : value;
    return block && onLineIsSecret({ name, strength, value: block }) ? [spanOf(block, name)] : [];
  });
}

/** The first line of a block scalar. */
function lineAfter(text: string, at: number): Value | undefined {
  const begin = text.indexOf('\n', at) + 1;
  if (begin === 0) return undefined;
  const end = text.indexOf('\n', begin);
  const raw = text.slice(begin, end < 0 ? undefined : end);
  const indent = raw.search(/[^ \t+-]/);
  return indent <= 0 ? undefined : { start: begin + indent, text: raw.slice(indent), quoted: true };
}

function onLineIsSecret({ name, strength, value }: { name: string; strength: KeyStrength; value: Value }): boolean {
  if (strength === 'none' || isMasked(value.text)) return false;
  if (strength === 'weak') return looksSecret(value.text);
  // "Password: see the vault" is a sentence, "password: see the vault" a field.
  return value.quoted || /^[a-z_]|^[A-Z0-9_]+$/.test(name) ? !isCode(value.text) : isMixed(value.text);
}

function inText(text: string): readonly Span[] {
  return [...text.matchAll(inline)].flatMap((match) => {
    const name = match[1] ?? '';
    const strength = keyStrength(name);
    const value = strength === 'none' ? undefined : groupAt(match, 3);
    if (!value || isMasked(value.text) || isCode(value.text)) return [];
    const certain = strength === 'strong' && (value.quoted || match[2] !== ':' || isMixed(value.text));
    return certain || (strength === 'weak' && looksSecret(value.text)) ? [spanOf(value, name)] : [];
  });
}

const MIXED_AT_LEAST = 6;

/** A word of a language has letters only. */
function isMixed(value: string): boolean {
  return value.length >= MIXED_AT_LEAST && /[A-Za-z]/.test(value) && /[^A-Za-z.:]/.test(value) && !/\s/.test(value);
}

/** A call or a field of an object, as in source code. */
function isCode(value: string): boolean {
  return /^\w+(?:\.\w+)*\(/.test(value) || /^(?:self|this|os|process|config)\.\w/.test(value);
}

function asFlags(text: string): readonly Span[] {
  return [...text.matchAll(flag)].flatMap((match) => {
    const name = match[1] ?? '';
    const strength = keyStrength(name);
    const value = strength === 'none' ? undefined : groupAt(match, 2);
    if (!value || isMasked(value.text) || value.text.startsWith('-')) return [];
    const named = /secret$|auth$/i.test(name) && strength === 'weak';
    return !named || looksSecret(value.text) ? [spanOf(value, `--${name}`)] : [];
  });
}

function inCommands(text: string): readonly Span[] {
  return commands.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const value = groupAt(match, 1);
      return value && !isMasked(value.text) ? [spanOf(value, 'an argument')] : [];
    }),
  );
}

/** A value stands on the lines after the name, of a diff on two. */
const PAIR_LINES = 2;

function asPairs(text: string): readonly Span[] {
  const spans = [...text.matchAll(inlinePair)].flatMap((match) => pairSpan(match[1] ?? '', groupAt(match, 2)));
  if (!/\bvalue["']?[ \t]*:/.test(text)) return spans;
  const lines = text.split('\n');
  let at = 0;
  let name = '';
  let since = 0;
  for (const each of lines) {
    const named = pairName.exec(each.trimEnd());
    const value = pairValue.exec(each);
    if (named) [name, since] = [named[1] ?? '', 0];
    else if (value && since < PAIR_LINES) {
      spans.push(...pairSpan(name, valueAt(value[1] ?? '', at + each.length - (value[1] ?? '').length)));
      since += 1;
    } else name = '';
    at += each.length + 1;
  }
  return spans;
}

function pairSpan(name: string, value: Value | undefined): readonly Span[] {
  const strength = keyStrength(name);
  if (!value || strength === 'none' || isMasked(value.text)) return [];
  return strength === 'strong' || looksSecret(value.text) ? [spanOf(value, name)] : [];
}
