/**
 * Values of Kubernetes Secrets, in YAML, in JSON over several lines, and in diffs of both. kubectl and helm mask what
 * they compare; what has no mask is a finding. Lines are read, not parsed: a diff has only parts of a manifest.
 */
import { isMasked } from './masked.ts';
import type { Span } from './span.ts';

interface Line {
  readonly start: number;
  /** Up to the first letter; the marks of a diff and of lists count as spaces. */
  readonly indent: number;
  /** The first line of an entry of a list. */
  readonly item: boolean;
  /** All of it, without its margin. */
  readonly text: string;
  readonly key: string;
  readonly value: string;
  readonly valueStart: number;
}

const KIND = 'value of a Secret';
const keyed = /^([ \t+-]*)"?([\w./-]+)"?[ \t]*:(?:[ \t]+(.*?))?[ \t]*,?[ \t\r]*$/;
/** `diff -u -N /tmp/LIVE-1/v1.Secret.default.db …` of kubectl, `default, db, Secret (v1) has changed:` of helm. */
const header = /^(?:diff |--- |\+\+\+ ).*|^[\w.-]*, [^,\n]+, [\w.]+ \([\w./]+\) (?:has |to be ).*$/;
const headerOfSecret = /\/v1\.Secret\.|, Secret \(v1\) (?:has |to be )/;
const boundary = /^[ +-]?---\s*$|^---\s/;

export function findSecretManifests(text: string): readonly Span[] {
  if (!text.includes('Secret')) return [];
  return [...documentsOf(text)].flatMap(({ lines, ofSecret }) => (ofSecret ? inPart(lines) : inDocument(lines)));
}

interface Part {
  readonly lines: readonly Line[];
  /** A header says so; the line `kind: Secret` may be outside of what the diff shows. */
  readonly ofSecret: boolean;
}

function* documentsOf(text: string): Generator<Part> {
  let lines: Line[] = [];
  let ofSecret = false;
  let start = 0;
  for (const raw of text.split('\n')) {
    const isHeader = header.test(raw);
    if (isHeader || boundary.test(raw)) {
      yield { lines, ofSecret };
      lines = [];
      ofSecret = false;
    }
    if (isHeader) ofSecret = headerOfSecret.test(raw);
    else if (raw.trim() !== '' && !raw.startsWith('@@')) lines.push(lineOf(raw, start));
    start += raw.length + 1;
  }
  yield { lines, ofSecret };
}

function lineOf(raw: string, start: number): Line {
  const [, margin = '', key = '', value = ''] = keyed.exec(raw) ?? [];
  const indent = raw.search(/[^ \t+-]/);
  const text = raw.slice(indent);
  const item = /-[ \t]$/.test(raw.slice(0, indent));
  const at = key === '' ? indent : raw.indexOf(':', margin.length + key.length) + 1;
  const spaces = raw.slice(at).search(/\S/);
  return { start: start + indent, indent, item, text, key, value, valueStart: start + at + Math.max(spaces, 0) };
}

/** The object around each `kind: Secret`; what was seen with one is not looked at again. */
function inDocument(lines: readonly Line[]): readonly Span[] {
  const spans: Span[] = [];
  let seen = 0;
  for (const [index, line] of lines.entries()) {
    if (index < seen || line.key !== 'kind' || unquoted(line.value) !== 'Secret') continue;
    const [first, after] = objectAround(lines, index);
    spans.push(...valuesIn(lines.slice(Math.max(first, seen), after)));
    seen = after;
  }
  return spans;
}

/** Its first line, and the one behind its last. */
function objectAround(lines: readonly Line[], index: number): readonly [first: number, after: number] {
  const indent = lines[index]?.indent ?? 0;
  const isFirst = (line: Line | undefined): boolean => line?.item === true && line.indent === indent;
  const isInside = (line: Line | undefined): boolean => line !== undefined && line.indent >= indent;
  let first = index;
  while (!isFirst(lines[first]) && isInside(lines[first - 1])) first -= 1;
  let after = index + 1;
  while (isInside(lines[after]) && !isFirst(lines[after])) after += 1;
  return [first, after];
}

/** The members of `data` and `stringData` of one object, whose own members have the smallest indent. */
function valuesIn(lines: readonly Line[]): readonly Span[] {
  const base = baseOf(lines);
  let inside = false;
  return lines.flatMap((line) => {
    if (line.indent > base) return inside ? secretOf(line) : [];
    inside = line.key === 'data' || line.key === 'stringData';
    return inside && /^\{.+/.test(line.value) && !line.value.startsWith('{}') ? secretOf(line) : [];
  });
}

/** What only says that lines follow, or that none do. */
const openings = /^(?:[|>][+-]?\d?|[{}[\],]*|\{\})$/;

/** What stands there is the span; the lines of a block scalar have no key. */
function secretOf({ key, value, text, start, valueStart }: Line): readonly Span[] {
  const [shown, at] = key === '' ? [text.trimEnd(), start] : [value, valueStart];
  if (openings.test(shown.trim()) || isMasked(unquoted(shown))) return [];
  return [{ start: at, end: at + shown.length, kind: KIND }];
}

/** Members of metadata: they stand at the indent of values where a diff shows no more. */
const metadata =
  /^(?:annotations|creationTimestamp|deletionTimestamp|finalizers|generation|labels|managedFields|name|namespace|ownerReferences|resourceVersion|uid)$/;

const ofObject = /^(?:apiVersion|data|stringData|kind|metadata|type|immutable)$/;

/** A part of a Secret in a diff: what follows `data`, and what stands before anything says where it is. */
function inPart(lines: readonly Line[]): readonly Span[] {
  const base = baseOf(lines);
  const known = lines.some(({ key, indent }) => indent === base && ofObject.test(key));
  const unplaced = known
    ? lines.slice(
        0,
        lines.findIndex(({ indent }) => indent === base),
      )
    : lines;
  return [...valuesIn(lines), ...unplaced.filter(({ key }) => !metadata.test(key)).flatMap(secretOf)];
}

/** The indent of the object's own members. */
function baseOf(lines: readonly Line[]): number {
  return lines.reduce((least, { indent }) => Math.min(least, indent), Number.POSITIVE_INFINITY);
}

function unquoted(value: string): string {
  return value.replace(/^(["'])(.*)\1$/, '$2');
}
