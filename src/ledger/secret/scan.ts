/**
 * Looks for secrets before anything is written. A finding names the place and the kind, never the value. What nobody
 * would take for a secret (a password that is a plain word, in a sentence) cannot be found: known values help.
 */
import { findAssignments } from './assignment.ts';
import { findCredentials } from './credential.ts';
import { findEncoded } from './encoded.ts';
import { findKnown } from './known-value.ts';
import { isMasked } from './masked.ts';
import { keyStrength, looksSecret } from './secret-key.ts';
import { findSecretManifests } from './secret-manifest.ts';
import { type Span, spansOf } from './span.ts';
import { tokenFormats } from './token-format.ts';

export interface SecretFinding {
  /** `data.notes`, or the name of an artifact and the line in it. */
  readonly where: string;
  readonly kind: string;
}

/** How often base64 is looked into: Helm writes base64 of base64. */
const ENCODED_DEPTH = 2;

/** Text of one place. `known` are values that the caller knows to be secret. */
export function scanText(where: string, text: string, known: readonly string[] = []): readonly SecretFinding[] {
  const oneLine = !text.trimEnd().includes('\n');
  let line = 1;
  let at = 0;
  return findSecrets(text, known).map(({ start, kind }) => {
    for (; at < start; at += 1) if (text[at] === '\n') line += 1;
    return { where: oneLine ? where : `${where}:${line}`, kind };
  });
}

/** Every text in a JSON value, with the names of its fields. */
export function scanData(where: string, data: unknown, known: readonly string[] = []): readonly SecretFinding[] {
  if (typeof data === 'string') return scanText(where, data, known);
  if (typeof data === 'number') return scanText(where, String(data), known);
  if (Array.isArray(data)) return data.flatMap((each, index) => scanData(`${where}[${index}]`, each, known));
  if (typeof data !== 'object' || data === null) return [];
  const values = new Set(secretValues(data));
  return Object.entries(data).flatMap(([name, value]) => {
    const place = `${where}.${name}`;
    const named = typeof value === 'string' ? namedFinding(place, name, value) : [];
    const inside = values.has(name) && isUnmasked(value) ? [{ where: place, kind: 'value of a Secret' }] : [];
    return distinct([...scanText(where, name, known), ...named, ...inside, ...scanData(place, value, known)]);
  });
}

/** The content of a file, before it is compressed. */
export function scanBytes(where: string, content: Uint8Array, known: readonly string[] = []): readonly SecretFinding[] {
  return scanText(where, textOf(content), known);
}

/** The text with `***` in place of every secret. */
export function maskText(text: string, known: readonly string[] = []): string {
  let masked = '';
  let at = 0;
  for (const { start, end } of findSecrets(text, known)) {
    masked += `${text.slice(at, start)}***`;
    at = end;
  }
  return masked + text.slice(at);
}

/** In the order of the text, none within another. */
function findSecrets(text: string, known: readonly string[], depth = ENCODED_DEPTH): readonly Span[] {
  const found = [
    ...tokenFormats.flatMap(({ kind, pattern }) =>
      spansOf(text, pattern, kind, /\((?!\?)/.test(pattern.source) ? 1 : 0),
    ),
    ...findKnown(text, known),
    ...findSecretManifests(text),
    ...secretObjects(text),
    ...findAssignments(text),
    ...findCredentials(text),
    ...(depth === 0 ? [] : findEncoded(text, (decoded) => findSecrets(decoded, known, depth - 1))),
  ];
  const outer: Span[] = [];
  for (const span of found.toSorted((one, other) => one.start - other.start)) {
    const last = outer.at(-1);
    if (!last || span.start >= last.end) outer.push(span);
    else outer[outer.length - 1] = { ...last, end: Math.max(last.end, span.end) };
  }
  return outer;
}

/** Secrets as JSON on one line: kubectl's last-applied annotation, also with its quotes escaped. */
function secretObjects(text: string): readonly Span[] {
  const secret = /\\{0,8}"kind\\{0,8}"\s*:\s*\\{0,8}"Secret\\{0,8}"/;
  if (!secret.test(text)) return [];
  const lines = /^[^\n{]*(\{[^\n]*\})[^\n}]*$/dgm;
  return spansOf(text, lines, 'value of a Secret', 1).filter(({ start, end }) => {
    const json = text.slice(start, end);
    return secret.test(json) && hasSecretValues(json);
  });
}

const pairs = /\\{0,8}"((?:[^"\\]|\\[^"])+)\\{0,8}"\s*:\s*\\{0,8}"((?:[^"\\])*)/g;

/** Cut JSON cannot be parsed; then every field of what is called data counts. */
function hasSecretValues(json: string): boolean {
  const parsed = parse(json);
  if (parsed !== undefined) return scanData('', parsed).length > 0;
  return [...json.matchAll(/\\{0,8}"(?:data|stringData)\\{0,8}"\s*:\s*\{([^{}]*)\}/g)].some(([, members = '']) =>
    [...members.matchAll(pairs)].some(([, , value = '']) => !isMasked(value)),
  );
}

function parse(json: string): unknown {
  for (const text of [json, json.replace(/\\"/g, '"').replace(/\\\\/g, '\\')]) {
    try {
      return JSON.parse(text);
    } catch {
      // given up on purpose: the next reading of it, or none, is what there is
    }
  }
  return undefined;
}

/** Names of the members whose values are those of a Secret. */
function secretValues(data: object): readonly string[] {
  return 'kind' in data && data.kind === 'Secret' ? ['data', 'stringData'] : [];
}

function isUnmasked(value: unknown): boolean {
  if (typeof value === 'string') return !isMasked(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(isUnmasked);
}

function namedFinding(where: string, name: string, value: string): readonly SecretFinding[] {
  const strength = keyStrength(name);
  if (strength === 'none' || isMasked(value)) return [];
  return strength === 'strong' || looksSecret(value) ? [{ where, kind: `value of ${name}` }] : [];
}

function distinct(findings: readonly SecretFinding[]): readonly SecretFinding[] {
  const seen = new Set<string>();
  return findings.filter(({ where }) => !seen.has(where) && seen.add(where));
}

/** UTF-8, or UTF-16 where its mark or its zeros say so; of anything else the letters that there are. */
function textOf(content: Uint8Array): string {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(content);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(content);
  const text = new TextDecoder('utf-8').decode(content);
  return text.includes('\u0000') ? `${text.replaceAll('\u0000', '')}` : text;
}
