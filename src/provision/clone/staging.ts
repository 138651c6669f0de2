/**
 * Where copies grow: `.larder/clone/<uid of the claim>.<time>` with the tree itself, and beside it a note that is written
 * before the tree gets its name. A tree under its staging name can still become a volume; buried it cannot, not even by
 * a rename that an abandoned process has asked for and that lands late.
 */

import {
  factsAt,
  makeDirectory,
  move,
  namesOf,
  openDirectory,
  readFile,
  withDescriptor,
  writeFile,
} from '../directory/descriptor.ts';
import { openEntry } from '../directory/directory.ts';
import { errnoOf, wording } from '../directory/problem.ts';
import { makePrivate, withOwnDirectory } from '../export/probe.ts';
import type { OpenRoot } from '../export/root.ts';
import { Fields } from '../fields.ts';
import type { StorageProblem } from '../storage.ts';
import { removeSidecar } from '../trash/sidecar.ts';
import { type CloneEntry, type CloneFigures, type CloneRequest, cloneFiguresOf } from './clones.ts';

/** Below `.larder`. */
const CLONES = 'clone';
/** In a staging directory: the copy, what was the copy, and the first names of files with several. */
export const TREE = 'tree';
const BURIED = 'buried';
export const LINKS = 'links';
const STAGING = /^([A-Za-z0-9-]{1,64})\.t[a-z0-9]{1,12}$/;
const NOTE = /^([A-Za-z0-9-]{1,64})\.json$/;
const NOTE_BYTES = 65_536;
const PRIVATE = 0o700;

/** Runs `work` in `.larder/clone`, made when it is missing. */
export function inClones<T>(root: OpenRoot, work: (clones: number) => Promise<T>): Promise<T | StorageProblem> {
  return withOwnDirectory(root, async (own) => {
    await makePrivate(own, CLONES);
    const opened = await openEntry(root, own, CLONES);
    return opened.kind === 'problem' ? opened : withDescriptor(Promise.resolve(opened.fd), work);
  });
}

export const uidOf = (name: string): string => (NOTE.exec(name) ?? STAGING.exec(name))?.[1] ?? '';
export const isNote = (name: string): boolean => NOTE.test(name);
const noteOf = (uid: string): string => `${uid}.json`;

/** Makes an empty staging directory and returns its name, which no other has. */
export async function makeStaging(clones: number, uid: string, nowMs: number): Promise<string> {
  const name = `${uid}.t${nowMs.toString(36)}`;
  try {
    await makeDirectory(clones, name, PRIVATE);
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause;
    return makeStaging(clones, uid, nowMs + 1);
  }
  await withDescriptor(openDirectory(clones, name), async (fd) => {
    await makeDirectory(fd, LINKS, PRIVATE);
    await makeDirectory(fd, TREE, PRIVATE);
  });
  return name;
}

/** From then on the staging directory of that name can become no volume. */
export async function bury(clones: number, name: string): Promise<void> {
  try {
    await withDescriptor(openDirectory(clones, name), (fd) => move({ fd, name: TREE }, { fd, name: BURIED }));
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause; // it was buried before, or it has become the volume
  }
}

export async function buryAllOf(clones: number, uid: string): Promise<void> {
  for (const bytes of await namesOf(clones)) {
    const name = bytes.toString();
    if (STAGING.exec(name)?.[1] === uid) await bury(clones, name);
  }
}

/** What was finished for a claim: whoever finds that very directory at that path has nothing left to copy. */
export interface CloneNote {
  readonly path: CloneRequest['path'];
  readonly identity: string;
  readonly figures: CloneFigures;
}

export async function writeNote(clones: number, uid: string, note: CloneNote): Promise<void> {
  const text = JSON.stringify(note, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  await removeSidecar(clones, noteOf(uid));
  await writeFile(clones, noteOf(uid), text);
}

/** Undefined: there is none, or half of one. */
export async function readNote(clones: number, uid: string): Promise<CloneNote | undefined> {
  let text: string | undefined;
  try {
    text = await readFile(clones, noteOf(uid), NOTE_BYTES);
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause;
  }
  if (text === undefined) return undefined;
  try {
    const fields = new Fields(JSON.parse(text), '');
    return {
      path: fields.path('path'),
      identity: fields.text('identity'),
      figures: cloneFiguresOf(fields.object('figures')),
    };
  } catch {
    return undefined; // half a file after a power cut: the tree had no name yet then
  }
}

export async function cloneEntries(
  root: OpenRoot,
): Promise<{ readonly kind: 'clones'; readonly entries: readonly CloneEntry[] } | StorageProblem> {
  return withOwnDirectory(root, async (own) => {
    const opened = await openEntry(root, own, CLONES);
    if (opened.kind === 'problem') return opened.detail === wording.missing ? { kind: 'clones', entries: [] } : opened;
    return withDescriptor(Promise.resolve(opened.fd), async (clones) => {
      const entries: CloneEntry[] = [];
      for (const bytes of await namesOf(clones)) {
        const name = bytes.toString();
        const uid = uidOf(name);
        const found = uid === '' ? undefined : await stateOf(clones, name);
        if (found) entries.push({ name, uid, ...found });
      }
      return { kind: 'clones', entries } as const;
    });
  });
}

async function stateOf(clones: number, name: string): Promise<Pick<CloneEntry, 'state' | 'touchedAt'> | undefined> {
  try {
    const touchedAt = Number((await factsAt(clones, name)).mtimeMs);
    if (isNote(name)) return { state: 'note', touchedAt };
    const growing = await withDescriptor(openDirectory(clones, name), (fd) => exists(fd, TREE));
    return { state: growing ? 'growing' : 'left', touchedAt };
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined; // removed since the listing
    throw cause;
  }
}

async function exists(fd: number, name: string): Promise<boolean> {
  try {
    await factsAt(fd, name);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return false;
    throw cause;
  }
}
