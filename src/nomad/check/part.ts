import { type Delimiters, isCertain, piecesOf, type SecretKey, secretKeyIn } from './piece.ts';

/** A text taken apart into what it says itself and the values of secrets in it. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'secret'; readonly of: SecretKey }
  /** Something that only a rendering would tell. */
  | { readonly kind: 'unknown' };

/** The parts of a consul-template. */
export function partsOf(text: string, delimiters: Delimiters): readonly Part[] {
  const names = new Map<string, string>();
  const parts: Part[] = [];
  for (const { text: own, action, within } of piecesOf(text, delimiters)) {
    if (!isCertain(within)) {
      parts.push({ kind: 'unknown' });
      continue;
    }
    parts.push({ kind: 'text', text: own });
    if (action === undefined || isSilent(action)) continue;
    const of = secretKeyIn(action, { within, names });
    parts.push(of ? { kind: 'secret', of } : { kind: 'unknown' });
  }
  return parts;
}

/** Actions that leave nothing behind. */
function isSilent(action: string): boolean {
  return (
    action === 'end' || /^\/\*.*\*\/$/s.test(action) || /^with\s[^|]*\b(?:secret|nomadVar)\s+"[^"]*"$/.test(action)
  );
}

/** Lines of parts; what breaks a line is text. */
export function linesOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const lines: Part[][] = [[]];
  for (const part of parts) {
    if (part.kind !== 'text') {
      lines.at(-1)?.push(part);
      continue;
    }
    for (const [index, text] of part.text.split('\n').entries()) {
      if (index > 0) lines.push([]);
      if (text !== '') lines.at(-1)?.push({ kind: 'text', text });
    }
  }
  return lines;
}

/** Whether two texts say the same; undefined where that cannot be told. Trim marks take spaces away: those do not count. */
export function sameParts(one: readonly Part[], other: readonly Part[]): boolean | undefined {
  if ([...one, ...other].some(({ kind }) => kind === 'unknown')) return undefined;
  const [left, right] = [joined(one), joined(other)];
  return left.length === right.length && left.every((part, index) => isSame(part, right[index]));
}

function isSame(one: Part, other: Part | undefined): boolean {
  if (one.kind === 'text') return other?.kind === 'text' && one.text === other.text;
  return one.kind === 'secret' && other?.kind === 'secret' && isSameKey(one.of, other.of);
}

function joined(parts: readonly Part[]): readonly Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (part.kind !== 'text') all.push(part);
    else {
      const text = part.text.replaceAll(/\s+/g, '');
      if (last?.kind === 'text') all[all.length - 1] = { kind: 'text', text: last.text + text };
      else if (text !== '') all.push({ kind: 'text', text });
    }
  }
  return all;
}

/** One key of one secret, however its path is spelled; the mount may stand in the store instead. */
function isSameKey(wanted: SecretKey, found: SecretKey): boolean {
  return wanted.key === found.key && isSamePath(wanted.path, found.path);
}

export function isSamePath(wanted: string, found: string): boolean {
  const [mount, ...rest] = segments(wanted);
  const own = segments(found).join('/');
  return own === [mount, ...rest].join('/') || own === rest.join('/');
}

/** `mount/data/path` and `mount/path` are the same in version 2. */
function segments(path: string): readonly string[] {
  const parts = path.split('/').filter((each) => each !== '');
  return parts[1] === 'data' && parts.length > 2 ? [parts[0] ?? '', ...parts.slice(2)] : parts;
}

/** For a person: secrets by their names; text may be a credential, and is not shown. */
export function shownParts(parts: readonly Part[]): string {
  const told = joined(parts);
  if (told.length === 0) return 'empty';
  if (told.every(({ kind }) => kind === 'text')) return 'a text';
  return told.map((part) => (part.kind === 'secret' ? `${part.of.key} of ${part.of.path}` : '…')).join('');
}
