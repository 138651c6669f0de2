/** Moving a volume's directory out of the way, and back: one rename each, never a copy, never onto something. */
import {
  closeDescriptor,
  factsAt,
  makeDirectory,
  move,
  namesOf,
  removeDirectory,
  withDescriptor,
} from '../directory/descriptor.ts';
import { entering, making, openEntry, splitPath, within } from '../directory/directory.ts';
import { errnoOf, kindOfErrno, problem, wording } from '../directory/problem.ts';
import { PAGE } from '../export/protocol.ts';
import type { EntriesPage } from '../export/result.ts';
import type { OpenRoot } from '../export/root.ts';
import type { DirectoryPath, MoveRequest, MoveResult, StorageProblem, TrashEntry } from '../storage.ts';
import { archiveName } from './archive-name.ts';
import { isPlaceholderMode, PLACEHOLDER_MODE } from './placeholder.ts';
import {
  inOwn,
  isSidecar,
  purgeName,
  readSidecar,
  removeSidecar,
  type Sidecar,
  sidecarName,
  trashName,
  type Whereabouts,
  whereaboutsOf,
  writeSidecar,
} from './sidecar.ts';

export interface Place {
  readonly fd: number;
  readonly name: string;
  /** True when its removal has begun: part of it may be gone. Default false. */
  readonly begun?: boolean;
}

/** How many names are tried before giving up; each is free unless something odd is going on. */
const NAMES = 9;
const READ_AT_ONCE = 8;

export function trash(root: OpenRoot, request: MoveRequest): Promise<MoveResult> {
  return inOwn(root, 'trash', (fd) => moveAway(root, request, { kind: 'trash', fd, notes: fd }));
}

export function archive(root: OpenRoot, request: MoveRequest): Promise<MoveResult> {
  const { parents } = splitPath(request.path);
  return inOwn(root, 'archive', (notes) =>
    within(root, parents, entering(root), (fd) => moveAway(root, request, { kind: 'archive', fd, notes })),
  );
}

interface Target {
  readonly kind: TrashEntry['kind'];
  /** The directory that will hold it. */
  readonly fd: number;
  /** The directory of its note. */
  readonly notes: number;
}

async function moveAway(root: OpenRoot, request: MoveRequest, target: Target): Promise<MoveResult> {
  const { parents, name } = splitPath(request.path);
  return within(root, parents, entering(root), async (fd) => {
    const opened = await openEntry(root, fd, name);
    if (opened.kind === 'problem') return opened;
    await closeDescriptor(opened.fd);
    const identity = opened.facts.ino.toString();
    if (request.identity !== undefined && request.identity !== identity) return notTheOne;
    return moveTo(request, identity, { fd, name }, target);
  });
}

const notTheOne = problem('missing', 'is another directory now than the one that was meant');

async function moveTo(request: MoveRequest, identity: string, from: Place, target: Target): Promise<MoveResult> {
  const reserved = await reserve(request, target);
  if (reserved.kind === 'problem') return reserved;
  const to = { fd: target.fd, name: reserved.name };
  const where = placeOf(request, target, reserved.name);
  const note = sidecarName(where);
  const entry = where.path.join('/');
  try {
    await writeSidecar(
      target.notes,
      note,
      sidecarOf(request, { kind: target.kind, entry, identity }, reserved.identity),
    );
    await move(from, to);
  } catch (cause) {
    await withdraw(cause, to, { notes: target.notes, note });
    if (errnoOf(cause) === 'ENOENT') return problem('missing', wording.missing, 'ENOENT');
    throw cause;
  }
  if ((await factsAt(to.fd, to.name)).ino.toString() === identity) return { kind: 'moved', entry };
  await move(to, from); // between our look and the rename another took its name: it is nobody's to remove
  await removeSidecar(target.notes, note);
  return notTheOne;
}

const placeOf = (request: MoveRequest, { kind }: Target, name: string): Whereabouts => ({
  kind,
  path: kind === 'trash' ? [name] : [...splitPath(request.path).parents, name],
});

/**
 * Takes a free name with mkdir, which is exclusive; the rename then replaces this empty directory and nothing else. A
 * check before a rename would not do: a rename replaces somebody's new empty directory without a word.
 */
async function reserve(
  request: MoveRequest,
  target: Target,
): Promise<{ readonly kind: 'reserved'; readonly name: string; readonly identity: string } | StorageProblem> {
  for (let round = 0; round < NAMES; round += 1) {
    const name =
      target.kind === 'trash'
        ? trashName(request.volumeUid, request.at, round)
        : archiveName(splitPath(request.path).name, request.at, round);
    if (name === undefined) break;
    try {
      await makeDirectory(target.fd, name, 0o700);
    } catch (cause) {
      if (errnoOf(cause) === 'EEXIST') continue;
      throw cause;
    }
    return { kind: 'reserved', name, identity: (await factsAt(target.fd, name)).ino.toString() };
  }
  return problem('unexpected', `failed: no free name for volume uid ${JSON.stringify(request.volumeUid)}`);
}

function sidecarOf(
  request: MoveRequest,
  moved: Pick<TrashEntry, 'kind' | 'entry' | 'identity'>,
  placeholder: string,
): Sidecar {
  const { path, volumeUid, volumeName, claim, at, expiresAt, manifest } = request;
  const optional = {
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(manifest === undefined ? {} : { manifest }),
  };
  return { entry: { ...moved, path, volumeUid, volumeName, claim, trashedAt: at, ...optional }, placeholder };
}

/**
 * The name was taken for nothing. What cannot be undone stays as an empty directory with a note, which lists nowhere;
 * so does all of it when the server did not answer, because the rename may have been done: then it is no placeholder.
 */
async function withdraw(
  failure: unknown,
  to: Place,
  { notes, note }: { readonly notes: number; readonly note: string },
): Promise<void> {
  if (kindOfErrno(failure) === 'unavailable') return;
  try {
    await removeDirectory(to.fd, to.name);
    await removeSidecar(notes, note);
  } catch (cause) {
    if (errnoOf(cause) === '') throw cause;
  }
}

/** One page of entries: those whose note and directory are both there. */
export async function entries(root: OpenRoot, after: string): Promise<EntriesPage | StorageProblem> {
  const notes: { kind: TrashEntry['kind']; name: string }[] = [];
  for (const kind of ['trash', 'archive'] as const) {
    const failed = await inOwn(root, kind, async (fd) => {
      for (const bytes of await namesOf(fd))
        if (isSidecar(bytes.toString())) notes.push({ kind, name: bytes.toString() });
    });
    if (failed) return failed;
  }
  const keyOf = (note: { kind: string; name: string }): string => `${note.kind}/${note.name}`;
  notes.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = notes.filter((note) => keyOf(note) > after).slice(0, PAGE);
  const last = page.at(-1);
  const found: TrashEntry[] = [];
  for (let index = 0; index < page.length; index += READ_AT_ONCE) {
    const some = page.slice(index, index + READ_AT_ONCE);
    const read = await Promise.all(some.map(({ kind, name }) => readEntry(root, kind, name)));
    for (const entry of read) if (entry) found.push(entry);
  }
  return { kind: 'entries', entries: found, next: last && page.length === PAGE ? keyOf(last) : '' };
}

async function readEntry(root: OpenRoot, kind: TrashEntry['kind'], note: string): Promise<TrashEntry | undefined> {
  const sidecar = await inOwn(root, kind, (fd) => readSidecar(fd, note));
  if (!sidecar || 'problem' in sidecar) return undefined;
  const where = whereaboutsOf(sidecar.entry.entry);
  if (!where || where.kind !== kind || sidecarName(where) !== note) return undefined;
  let removing = {};
  const identity = await inPlace(root, where, async ({ fd, name, begun }) => {
    removing = begun ? { removing: true } : {};
    return (await openIdentity(root, fd, name)) ?? '';
  });
  if (typeof identity !== 'string' || identity === '' || identity === sidecar.placeholder) return undefined;
  const mistaken = identity === sidecar.entry.identity ? {} : { mistaken: true };
  return { ...sidecar.entry, identity, kind, ...mistaken, ...removing };
}

async function openIdentity(root: OpenRoot, fd: number, name: string): Promise<string | undefined> {
  const opened = await openEntry(root, fd, name);
  if (opened.kind === 'problem') return undefined;
  await closeDescriptor(opened.fd);
  return opened.facts.ino.toString();
}

/**
 * Runs `work` with the directory that holds an entry. One whose removal has begun is in the trash under a name of its
 * own: nobody sees half of it among the volumes or brings it back, and the removal finds it again.
 */
export async function inPlace<T>(
  root: OpenRoot,
  where: Whereabouts,
  work: (place: Place) => Promise<T>,
): Promise<T | StorageProblem> {
  const { parents, name } = splitPath(where.path);
  const hidden = purgeName(where);
  const begun = await inOwn(root, 'trash', (fd) => openIdentity(root, fd, hidden));
  if (typeof begun === 'string') return inOwn(root, 'trash', (fd) => work({ fd, name: hidden, begun: true }));
  if (begun) return begun;
  if (where.kind === 'trash') return inOwn(root, 'trash', (fd) => work({ fd, name }));
  return within(root, parents, entering(root), (fd) => work({ fd, name }));
}

/** Runs `work` in the directory of an entry that Larder noted. */
export async function inEntry<T>(
  root: OpenRoot,
  entry: string,
  work: (fd: number) => Promise<T>,
): Promise<T | StorageProblem> {
  const where = whereaboutsOf(entry);
  if (!where) return problem('missing', wording.missing);
  return inPlace(root, where, async ({ fd, name }) => {
    const opened = await openEntry(root, fd, name);
    return opened.kind === 'problem' ? opened : withDescriptor(Promise.resolve(opened.fd), work);
  });
}

export async function restore(
  root: OpenRoot,
  request: { readonly entry: string; readonly path?: DirectoryPath },
): Promise<{ readonly kind: 'restored'; readonly path: DirectoryPath } | StorageProblem> {
  const where = whereaboutsOf(request.entry);
  if (!where) return problem('missing', wording.missing);
  return inOwn(root, where.kind, async (notes) => {
    const note = sidecarName(where);
    const sidecar = await readSidecar(notes, note);
    const path = request.path ?? sidecar?.entry.path;
    if (!path) return problem('missing', 'has no note of where it was: say where it shall go');
    const result = await inPlace(root, where, (from) => moveBack(root, from, path, sidecar));
    if (result.kind === 'restored') await removeSidecar(notes, note);
    return result;
  });
}

async function moveBack(
  root: OpenRoot,
  from: Place,
  path: DirectoryPath,
  sidecar: Sidecar | undefined,
): Promise<{ readonly kind: 'restored'; readonly path: DirectoryPath } | StorageProblem> {
  if (from.begun) return problem('missing', 'is being removed, and part of it is gone already');
  const opened = await openEntry(root, from.fd, from.name);
  if (opened.kind === 'problem') return opened;
  await closeDescriptor(opened.fd);
  if (opened.facts.ino.toString() === sidecar?.placeholder) return problem('missing', wording.missing);
  const { parents, name } = splitPath(path);
  return within(
    root,
    parents,
    making(root, () => Promise.resolve(undefined)),
    async (fd) => {
      if (!(await keepFree({ fd, name }))) return problem('exists', wording.exists, 'EEXIST');
      try {
        await move(from, { fd, name });
        return { kind: 'restored', path } as const;
      } catch (cause) {
        const occupied = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(cause));
        if (occupied) return problem('exists', wording.exists, errnoOf(cause));
        throw cause;
      }
    },
  );
}

/**
 * Takes the name with mkdir, which is exclusive: the rename replaces this placeholder, and not the new empty directory of
 * somebody else. False: it is taken. The placeholder of an attempt that went no further is used again.
 */
async function keepFree({ fd, name }: Place): Promise<boolean> {
  try {
    await makeDirectory(fd, name, PLACEHOLDER_MODE);
    return true;
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause;
  }
  const facts = await factsAt(fd, name);
  return facts.isDirectory() && isPlaceholderMode(Number(facts.mode));
}
