import { createHash } from 'node:crypto';
import { closeSync, fstatSync, lstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { markerHash, markerText } from '../../nomad/output/marker.ts';
import type { OutputFile } from '../../nomad/output/output-tree.ts';
import { NomadError } from '../../nomad/registry.ts';
import { MARKER } from '../../nomad/source/input-name.ts';

/** Of a file of the output, from its root: none leads out of it, whoever wrote the record. */
export function isOutputPath(path: unknown): path is string {
  return typeof path === 'string' && !/[\0\\]/.test(path) && !path.split('/').some((part) => /^\.{0,2}$/.test(part));
}

/** What an object of JSON holds, by name; undefined for what is none. */
export function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? new Map(Object.entries(value)) : undefined;
}

/** What writing would do. Paths are relative to the output, with `/`. */
export interface OutputPlan {
  readonly place: readonly Placed[];
  /** Written by an earlier run, unchanged since, and of no use now. */
  readonly remove: readonly Recorded[];
  /** Files of somebody else, or edited since: they stay, and what would be there now stands beside them. */
  readonly kept: readonly { readonly path: string; readonly beside: string }[];
  readonly same: number;
  /** The text of the marker afterwards. */
  readonly marker: string;
  /** What it is before: another run may write while this one decides. */
  readonly markerBefore: string | undefined;
}

export interface Placed {
  readonly path: string;
  /** Hash of the file that it replaces. */
  readonly before?: string;
}

interface Recorded {
  readonly path: string;
  readonly hash: string;
}

/** What a run writes. */
export interface Output {
  readonly files: Iterable<OutputFile>;
  /** Folders that this run is about: what an earlier run left in them goes when it is of no use any more. */
  readonly folders: readonly string[];
}

/** Called for each file that is to be placed, while its text is at hand: no plan holds all of them. */
export type See = (placed: Placed, pieces: OutputFile['pieces']) => void;

export function planOutput(out: string, { files, folders }: Output, see: See): OutputPlan {
  const recorded = recordedIn(out);
  const place: Placed[] = [];
  const kept: { path: string; beside: string }[] = [];
  const next: Record<string, string> = {};
  let same = 0;
  for (const { path, pieces: made } of files) {
    const pieces = heldWhileSmall(made);
    const hash = markerHash(pieces());
    const target = placeOf({ out, path, hash, recorded });
    if (target.path !== path) kept.push({ path, beside: target.path });
    if (target.kind === 'taken') throw taken(out, path);
    next[target.path] = hash;
    if (target.kind === 'same') same += 1;
    else {
      const placed = { path: target.path, ...(target.before === undefined ? {} : { before: target.before }) };
      see(placed, pieces);
      place.push(placed);
    }
  }
  const remove = Object.entries(recorded)
    .filter(([path, hash]) => !(path in next) && isOf(path, folders) && hashAt(out, path) === hash)
    .map(([path, hash]) => ({ path, hash }));
  for (const [path, hash] of Object.entries(recorded)) {
    if (!(path in next) && !isOf(path, folders)) next[path] = hash;
  }
  return { place, remove, kept, same, marker: markerText(next), markerBefore: contentOf(out, MARKER) };
}

/** Characters of a text that is worth to be held between its hash and its writing: making most of them again costs more. */
const MOST_HELD = 1 << 20;

/** The same pieces each time, made anew only where they are many. */
function heldWhileSmall(pieces: OutputFile['pieces']): OutputFile['pieces'] {
  let held: readonly string[] | undefined;
  return function* () {
    if (held !== undefined) return yield* held;
    const seen: string[] = [];
    let length = 0;
    for (const piece of pieces()) {
      length += piece.length;
      if (length <= MOST_HELD) seen.push(piece);
      yield piece;
    }
    if (length <= MOST_HELD) held = seen;
  };
}

/** Modules of earlier runs that this one says nothing about: the root file goes on naming them, or Terraform would remove what they made. */
export function earlierModules(out: string): readonly string[] {
  const names = Object.keys(recordedIn(out)).map((path) => /^modules-k8s\/([^/]+)\/main\.tf$/.exec(path)?.[1]);
  return names
    .filter((name) => name !== undefined)
    .filter((name) => isThere(out, `modules-k8s/${name}/main.tf`, 'file'));
}

type Target = { readonly kind: 'new' | 'same' | 'taken'; readonly path: string; readonly before?: string };

interface Wanted {
  readonly out: string;
  readonly path: string;
  readonly hash: string;
  readonly recorded: Readonly<Record<string, string>>;
}

function placeOf({ out, path, hash, recorded }: Wanted): Target {
  const before = hashAt(out, path);
  if (before === undefined) return { kind: 'new', path };
  if (before === hash) return { kind: 'same', path };
  if (recorded[path] === before) return { kind: 'new', path, before };
  if (path.endsWith('.new')) return { kind: 'taken', path };
  return placeOf({ out, path: `${path}.new`, hash, recorded });
}

function taken(out: string, path: string): NomadError {
  return new NomadError(
    'LARDER_NOMAD_OUTPUT',
    `${join(out, path)} and ${join(out, path)}.new were both edited: merge what you want to keep into the first and remove the second. Nothing was written`,
  );
}

function isOf(path: string, folders: readonly string[]): boolean {
  return !path.includes('/') || folders.some((folder) => path.startsWith(`${folder}/`));
}

/** Text of a file of the output; undefined where there is none. Throws where something else is in its place, such as a link. */
export function contentOf(out: string, path: string): string | undefined {
  return isThere(out, path, 'file') ? readFileSync(join(out, path), 'utf8') : undefined;
}

const CHUNK_BYTES = 1 << 18;

/** Hash of a file of the output; undefined and throwing as its text. */
export function hashAt(out: string, path: string): string | undefined {
  if (!isThere(out, path, 'file')) return undefined;
  const hash = createHash('sha256');
  const file = openSync(join(out, path), 'r');
  try {
    const { size } = fstatSync(file);
    const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(size, CHUNK_BYTES)));
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk))
      hash.update(chunk.subarray(0, count));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** Whether something is there, which then is of that kind, and is reached through folders only. */
export function isThere(out: string, path: string, kind: 'file' | 'folder'): boolean {
  if (!mayHoldFiles(out))
    throw new NomadError(
      'LARDER_NOMAD_OUTPUT',
      `${out} is no folder, and none can be made there: name another one with --out. Nothing was written`,
    );
  const parts = path.split('/');
  for (const [index] of parts.entries()) {
    const each = join(out, ...parts.slice(0, index + 1));
    const found = lstatSync(each, { throwIfNoEntry: false });
    if (!found) return false;
    const last = index === parts.length - 1 && kind === 'file';
    if (last ? found.isFile() : found.isDirectory()) continue;
    const what = found.isSymbolicLink() ? 'a link' : 'something else';
    throw new NomadError(
      'LARDER_NOMAD_OUTPUT',
      `${each} is ${what} where ${last ? 'a file' : 'a folder'} belongs: move it away. Nothing was written`,
    );
  }
  return true;
}

/** Whether it is a folder, or could be made one. */
function mayHoldFiles(out: string): boolean {
  const found = statSync(out, { throwIfNoEntry: false });
  if (found) return found.isDirectory();
  const above = dirname(out);
  return above === out || mayHoldFiles(above);
}

function recordedIn(out: string): Readonly<Record<string, string>> {
  const text = contentOf(out, MARKER);
  if (text === undefined) return {};
  try {
    return filesIn(JSON.parse(text));
  } catch (cause) {
    throw new NomadError(
      'LARDER_NOMAD_OUTPUT',
      `${join(out, MARKER)} does not say what was written here: bring it back from a backup, or convert into an empty folder in ${dirname(join(out, MARKER))}`,
      { cause },
    );
  }
}

function filesIn(marker: unknown): Readonly<Record<string, string>> {
  const members = membersOf(marker);
  const files = membersOf(members?.get('files'));
  if (members?.get('version') !== 1 || files === undefined) throw new Error('it is no marker of version 1');
  const entries = [...files].map(([path, hash]) => {
    if (!isOutputPath(path) || typeof hash !== 'string') throw new Error(`${path} is no file of the output`);
    return [path, hash] as const;
  });
  return Object.fromEntries(entries);
}
