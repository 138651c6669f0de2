/**
 * The grammar of the class parameter `pathPattern`, its rendering for one claim, and the rules for directory names.
 *
 *   pattern    = { text | '${' variable [ ':-' pattern ] '}' }
 *   variable   = '.PVC.name' | '.PVC.namespace' | '.PVC.uid' | '.PV.name' | '.PVC.labels.' KEY | '.PVC.annotations.' KEY
 *
 * KEY runs up to the first `}` (or `:-`, which no label or annotation key can hold), so it may hold `/` and `.`.
 * Rendering is one pass over the parsed pattern: a value is never looked at for further variables.
 */
import { createHash } from 'node:crypto';
import type { DirectoryPath } from './storage.ts';

type Variable =
  | { readonly kind: 'name' | 'namespace' | 'uid' | 'volume' }
  | { readonly kind: 'label' | 'annotation'; readonly key: string };

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly variable: Variable; readonly otherwise: readonly Piece[] | undefined };

export interface Pattern {
  /** As the class wrote it; empty for the default pattern. */
  readonly source: string;
  readonly pieces: readonly Piece[];
}

export type ParsedPattern =
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'malformed'; readonly reason: string };

/** What a pattern may take from a claim. */
export interface PatternValues {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** The name that the PersistentVolume will have. */
  readonly volumeName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PatternRules {
  /** `empty`: a missing value becomes empty text, as in nfs-subdir-external-provisioner. */
  readonly onMissing: 'fail' | 'empty';
  readonly allowSlashInValues: boolean;
  readonly strictNames: boolean;
}

export type RenderedPattern =
  | { readonly kind: 'path'; readonly path: DirectoryPath }
  | { readonly kind: 'refused'; readonly reason: 'missing-value' | 'bad-name'; readonly message: string };

/** Headroom below the 255 bytes of NAME_MAX for `archived-` in front and a time behind. */
export const SEGMENT_BYTES = 200;
const PATH_BYTES = 1024;
const PATH_SEGMENTS = 8;
const NESTING = 8;
const STRICT_SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;
const STRICT_RULE = '[A-Za-z0-9_][A-Za-z0-9._-]{0,199}';
const LOOSE_RULE = `1 to ${SEGMENT_BYTES} bytes of UTF-8 without control characters, leading "." or "-", trailing space or dot`;
const RESERVED_FIRST = /^(?:\.larder|\.trash|lost\+found|\.glusterfs)$|^\.snapshot/;

/** `<namespace>-<name>-<pv name>`, the default of nfs-subdir-external-provisioner. */
export const defaultPattern: Pattern = { source: '', pieces: [] };

/**
 * A slash at either end is dropped: every path is below the export. Empty text is the default pattern, as in
 * nfs-subdir-external-provisioner.
 */
export function parsePattern(source: string): ParsedPattern {
  if (source === '') return { kind: 'pattern', pattern: defaultPattern };
  const trimmed = source.replace(/^\/+/, '').replace(/\/+$/, '');
  if (trimmed === '') return { kind: 'malformed', reason: 'it is empty, which would be the whole export' };
  const parsed = parsePieces(trimmed, 0, 0);
  return typeof parsed === 'string'
    ? { kind: 'malformed', reason: parsed }
    : { kind: 'pattern', pattern: { source, pieces: parsed.pieces } };
}

/** Reads until the end of the text or, inside a default, until its closing brace; a string is the reason of a refusal. */
function parsePieces(source: string, start: number, depth: number): { pieces: Piece[]; end: number } | string {
  const pieces: Piece[] = [];
  let at = start;
  let text = '';
  while (at < source.length && !(depth > 0 && source[at] === '}')) {
    if (!source.startsWith('${', at)) {
      text += source[at];
      at += 1;
      continue;
    }
    if (text !== '') pieces.push({ kind: 'text', text });
    text = '';
    const parsed = parseVariable(source, at, depth);
    if (typeof parsed === 'string') return parsed;
    pieces.push(parsed.piece);
    at = parsed.end;
  }
  if (depth > 0 && at >= source.length) return 'a "${" has no closing brace';
  if (text !== '') pieces.push({ kind: 'text', text });
  return { pieces, end: at };
}

function parseVariable(source: string, start: number, depth: number): { piece: Piece; end: number } | string {
  if (depth >= NESTING) return `defaults are nested deeper than ${NESTING}`;
  const brace = source.indexOf('}', start);
  if (brace < 0) return 'a "${" has no closing brace';
  const inside = source.slice(start + 2, brace);
  const colon = inside.indexOf(':-');
  const name = colon < 0 ? inside : inside.slice(0, colon);
  const variable = variableOf(name);
  if (!variable) {
    return `"\${${name}}" is not known: a variable is \${.PVC.name}, \${.PVC.namespace}, \${.PVC.uid}, \${.PVC.labels.KEY}, \${.PVC.annotations.KEY} or \${.PV.name}`;
  }
  if (colon < 0) return { piece: { kind: 'variable', variable, otherwise: undefined }, end: brace + 1 };
  const parsed = parsePieces(source, start + 2 + colon + 2, depth + 1);
  if (typeof parsed === 'string') return parsed;
  return { piece: { kind: 'variable', variable, otherwise: parsed.pieces }, end: parsed.end + 1 };
}

function variableOf(name: string): Variable | undefined {
  if (name === '.PVC.name') return { kind: 'name' };
  if (name === '.PVC.namespace') return { kind: 'namespace' };
  if (name === '.PVC.uid') return { kind: 'uid' };
  if (name === '.PV.name') return { kind: 'volume' };
  const match = /^\.PVC\.(labels|annotations)\.(.+)$/s.exec(name);
  if (!match) return undefined;
  return { kind: match[1] === 'labels' ? 'label' : 'annotation', key: match[2] ?? '' };
}

/** Renders the pattern for a claim and checks the outcome against the name rules. */
export function renderPattern(pattern: Pattern, values: PatternValues, rules: PatternRules): RenderedPattern {
  if (pattern.source === '') return checkPath([defaultName(values)], rules);
  const rendered = renderPieces(pattern.pieces, values, rules);
  if (typeof rendered !== 'string') return rendered;
  return checkPath(rendered.split('/'), rules);
}

function renderPieces(
  pieces: readonly Piece[],
  values: PatternValues,
  rules: PatternRules,
): string | (RenderedPattern & { kind: 'refused' }) {
  let text = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      text += piece.text;
      continue;
    }
    const value = lookUp(piece.variable, values);
    if (value === '' && piece.otherwise) {
      const otherwise = renderPieces(piece.otherwise, values, rules);
      if (typeof otherwise !== 'string') return otherwise;
      text += otherwise;
    } else if (value === '' && rules.onMissing === 'fail') {
      return missing(piece.variable);
    } else if (value.includes('/') && !rules.allowSlashInValues) {
      return slash(piece.variable, value, rules);
    } else text += value;
  }
  return text;
}

/** Empty counts as missing: `glusterfs_` would be shared by everyone who left the value out. */
function lookUp(variable: Variable, values: PatternValues): string {
  switch (variable.kind) {
    case 'name':
      return values.name;
    case 'namespace':
      return values.namespace;
    case 'uid':
      return values.uid;
    case 'volume':
      return values.volumeName;
    case 'label':
      return own(values.labels, variable.key);
    case 'annotation':
      return own(values.annotations, variable.key);
    default:
      return variable satisfies never;
  }
}

/** Keys come from users: `constructor` must not find Object.prototype's. */
const own = (record: Readonly<Record<string, string>>, key: string): string =>
  Object.hasOwn(record, key) ? (record[key] ?? '') : '';

const nounOf = (variable: Variable): string =>
  variable.kind === 'label' || variable.kind === 'annotation'
    ? `${variable.kind} "${variable.key}"`
    : variable.kind === 'volume'
      ? 'a volume name'
      : `a ${variable.kind}`;

function missing(variable: Variable): RenderedPattern & { kind: 'refused' } {
  return {
    kind: 'refused',
    reason: 'missing-value',
    message: `pathPattern needs ${nounOf(variable)} on the claim: add it to the claim`,
  };
}

function slash(variable: Variable, value: string, rules: PatternRules): RenderedPattern & { kind: 'refused' } {
  return {
    kind: 'refused',
    reason: 'bad-name',
    message: `${quote(value)}: ${ruleOf(rules)}: ${nounOf(variable)} holds a "/": choose a value without it, or set allowSlashInValues in the class`,
  };
}

/** Checks the segments of a path: what it accepts can neither leave the export nor meet Larder's own names. */
export function checkPath(segments: readonly string[], rules: { readonly strictNames: boolean }): RenderedPattern {
  const text = segments.join('/');
  const refused = (what: string, remedy: string): RenderedPattern => ({
    kind: 'refused',
    reason: 'bad-name',
    message: `${quote(text)}: ${what}: ${remedy}`,
  });
  const rename = 'change the value on the claim, or the pathPattern of the class';
  const allowed = rules.strictNames ? isStrictSegment : isSegment;
  if (segments.length === 0 || !segments.every(allowed)) return refused(ruleOf(rules), rename);
  if (segments.length > PATH_SEGMENTS) return refused(`a path has at most ${PATH_SEGMENTS} segments`, rename);
  if (Buffer.byteLength(text) > PATH_BYTES) return refused(`a path has at most ${PATH_BYTES} bytes`, rename);
  const reserved = segments.find((segment, index) => isReserved(segment, index));
  if (reserved !== undefined) return refused(`the name ${quote(reserved)} is reserved`, rename);
  return { kind: 'path', path: segments };
}

const ruleOf = ({ strictNames }: { readonly strictNames: boolean }): string =>
  strictNames ? `a path segment must match ${STRICT_RULE}` : `a path segment must be ${LOOSE_RULE}`;

export const isStrictSegment = (segment: string): boolean => STRICT_SEGMENT.test(segment);

/** The rule of `strictNames: "false"`, and the least that any segment of any volume fulfils. */
export function isSegment(segment: string): boolean {
  return (
    segment !== '' &&
    segment.isWellFormed() &&
    Buffer.byteLength(segment) <= SEGMENT_BYTES &&
    !/[/\p{Cc}]/u.test(segment) &&
    !/^[.-]/.test(segment) &&
    !/[\s.]$/u.test(segment)
  );
}

/** An archive lies beside the directory that it was, so `archived-…` is nobody's name at any depth. */
const isReserved = (segment: string, index: number): boolean =>
  segment.startsWith('archived-') || (index === 0 && RESERVED_FIRST.test(segment));

/** Where it would pass the segment limit, the front is cut and a hash of the whole stands for what is lost. */
function defaultName(values: PatternValues): string {
  const whole = `${values.namespace}-${values.name}-${values.volumeName}`;
  if (Buffer.byteLength(whole) <= SEGMENT_BYTES) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 16);
  const tail = `-${hash}-${values.volumeName}`;
  return `${whole.slice(0, SEGMENT_BYTES - Buffer.byteLength(tail))}${tail}`;
}

/**
 * What JSON leaves as it is and no terminal should get: DEL and C1, where 0x9b begins an escape sequence, line separators,
 * and what turns the direction of text or is not seen at all. Without the u flag: by UTF-16 unit.
 */
const UNSEEN = /[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text of a user inside a message: quoted, control characters escaped, cut so that the rest of the message survives. */
export function quote(text: string): string {
  const cut = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return JSON.stringify(cut.toWellFormed()).replace(
    UNSEEN,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
