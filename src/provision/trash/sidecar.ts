/**
 * What Larder notes about a directory that it moved away, as a JSON file under `.larder`: beside the directory in
 * `trash/`, and in `archives/` for an archive, which lies where users see it. It is on the disk before the directory
 * moves, so that nothing in the trash is ever without its story; a note without a directory means nothing.
 */
import { createHash } from 'node:crypto';
import { readFile, removeFile, withDescriptor, writeFile } from '../directory/descriptor.ts';
import { openEntry } from '../directory/directory.ts';
import { errnoOf } from '../directory/problem.ts';
import { ARCHIVES, TRASH, withOwnDirectory } from '../export/probe.ts';
import { MANIFEST_BYTES } from '../export/protocol.ts';
import { entryOf } from '../export/result.ts';
import type { OpenRoot } from '../export/root.ts';
import { Fields, isComponent } from '../fields.ts';
import type { StorageProblem, TrashEntry } from '../storage.ts';
import { ARCHIVE_PREFIX, compactTime } from './archive-name.ts';

export interface Sidecar {
  /** Its `identity` is that of the directory which was asked for. */
  readonly entry: TrashEntry;
  /** Identity of the empty directory that kept the name free until the rename; what has it now was never moved. */
  readonly placeholder: string;
}

const SUFFIX = '.json';
/** A manifest may triple when JSON escapes it. */
const SIDECAR_BYTES = MANIFEST_BYTES * 6 + 16_384;
const TRASH_NAME = /^[A-Za-z0-9-]{1,64}-\d{8}T\d{6}\.\d{3}Z(?:-\d)?$/;

/** `<pv uid>-<UTC time>`; undefined when the uid is not one. */
export function trashName(volumeUid: string, at: number, round: number): string | undefined {
  const name = `${volumeUid}-${compactTime(at, true)}${round === 0 ? '' : `-${round}`}`;
  return TRASH_NAME.test(name) && !name.startsWith(ARCHIVE_PREFIX) ? name : undefined;
}

export type Whereabouts = { readonly kind: 'trash' | 'archive'; readonly path: readonly string[] };

/** Where the directory of an entry lies; undefined for a name that this room never gives. */
export function whereaboutsOf(entry: string): Whereabouts | undefined {
  if (TRASH_NAME.test(entry)) return { kind: 'trash', path: [entry] };
  const path = entry.split('/');
  const archived = path.every(isComponent) && path.at(-1)?.startsWith(ARCHIVE_PREFIX) === true;
  return archived ? { kind: 'archive', path } : undefined;
}

/** The name of an entry's note. Archives are named by a hash, because their path may be longer than a name. */
export function sidecarName(where: Whereabouts): string {
  return `${where.kind === 'trash' ? where.path.join('/') : hashOf(where)}${SUFFIX}`;
}

/** What an archive is called in the trash while it is being removed. */
export const purgeName = (where: Whereabouts): string => `purge-${hashOf(where)}`;

const hashOf = ({ path }: Whereabouts): string => createHash('sha256').update(path.join('/')).digest('hex');

/** Runs `work` in `.larder/trash` or `.larder/archives`. */
export function inOwn<T>(
  root: OpenRoot,
  kind: TrashEntry['kind'],
  work: (fd: number) => Promise<T>,
): Promise<T | StorageProblem> {
  return withOwnDirectory(root, async (own) => {
    const opened = await openEntry(root, own, kind === 'trash' ? TRASH : ARCHIVES);
    return opened.kind === 'problem' ? opened : withDescriptor(Promise.resolve(opened.fd), work);
  });
}

/** Replaces the note of an earlier archive of the same name, which somebody has taken away since. */
export async function writeSidecar(fd: number, name: string, sidecar: Sidecar): Promise<void> {
  await removeSidecar(fd, name);
  await writeFile(fd, name, JSON.stringify(sidecar));
}

export async function removeSidecar(fd: number, name: string): Promise<void> {
  try {
    await removeFile(fd, name);
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause;
  }
}

/** Undefined: there is none, or it is not one of ours. */
export async function readSidecar(fd: number, name: string): Promise<Sidecar | undefined> {
  let text: string | undefined;
  try {
    text = await readFile(fd, name, SIDECAR_BYTES);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno !== 'ENOENT' && errno !== 'ELOOP') throw cause;
  }
  return text === undefined ? undefined : parseSidecar(text);
}

function parseSidecar(text: string): Sidecar | undefined {
  try {
    const fields = new Fields(JSON.parse(text), '');
    return { entry: entryOf(fields.object('entry')), placeholder: fields.text('placeholder') };
  } catch {
    return undefined; // half a file after a power cut: its directory had not been moved then
  }
}

export const isSidecar = (name: string): boolean => name.endsWith(SUFFIX);
