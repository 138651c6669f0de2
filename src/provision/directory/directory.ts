/**
 * Directories of volumes, each found by walking down from the root's descriptor one component at a time. Whatever a
 * tenant does meanwhile, what is changed is the directory that was opened, and it was checked after it was opened.
 */

import type { NameList } from '../export/result.ts';
import type { OpenRoot } from '../export/root.ts';
import { OWN_DIRECTORY } from '../fields.ts';
import type { DirectoryPath, DirectoryState, EnsureRequest, EnsureResult, StorageProblem } from '../storage.ts';
import type { Facts } from './descriptor.ts';
import {
  closeDescriptor,
  factsAt,
  factsOf,
  isEmpty,
  makeDirectory,
  mountOf,
  namesOf,
  openDirectory,
  removeDirectory,
  setMode,
  setOwner,
  withDescriptor,
} from './descriptor.ts';
import { errnoOf, freeText, modeText, problem, remedyForOwnership, wording } from './problem.ts';

interface Opened {
  readonly kind: 'open';
  readonly fd: number;
  readonly facts: Facts;
}

type Created = Extract<EnsureResult, { kind: 'created' }>;

/** Intermediate directories are root's, and nobody else creates in them: a tenant must not swap another's directory. */
const PARENT_MODE = 0o755;
/** Somebody who creates and removes the same name all the time is not waited for. */
const ROUNDS = 4;
const LISTED_AT_ONCE = 16;

/** Splits a path that is known to have at least one segment. */
export function splitPath(path: DirectoryPath): { readonly parents: readonly string[]; readonly name: string } {
  return { parents: path.slice(0, -1), name: path.at(-1) ?? '' };
}

/** Opens one entry of a directory; a value, never a throw, for what may stand there instead of a directory. */
export async function openEntry(root: OpenRoot, parent: number, name: string): Promise<Opened | StorageProblem> {
  let fd: number;
  try {
    fd = await openDirectory(parent, name);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === 'ENOENT') return problem('missing', wording.missing, errno);
    if (errno === 'ENOTDIR' || errno === 'ELOOP') return obstacleOf(parent, name);
    throw cause;
  }
  try {
    const facts = await factsOf(fd);
    if (facts.dev === root.device && mountOf(fd) === root.mount) return { kind: 'open', fd, facts };
  } catch (cause) {
    await closeDescriptor(fd);
    throw cause;
  }
  await closeDescriptor(fd);
  return problem('other-filesystem', wording.otherFilesystem);
}

/** O_DIRECTORY and O_NOFOLLOW together say ENOTDIR for a symlink too. */
async function obstacleOf(parent: number, name: string): Promise<StorageProblem> {
  const facts = await factsAt(parent, name).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return undefined; // gone again: it still was no directory when we looked
    throw cause;
  });
  return facts?.isSymbolicLink()
    ? problem('symbolic-link', wording.symbolicLink, 'ELOOP')
    : problem('not-a-directory', wording.notADirectory, 'ENOTDIR');
}

/** Walks down `path` and runs `work` in the directory at its end; the root itself for an empty path. */
export async function within<T>(
  root: OpenRoot,
  path: readonly string[],
  enter: Enter,
  work: (fd: number) => Promise<T>,
): Promise<T | StorageProblem> {
  let fd = root.fd;
  try {
    for (const name of path) {
      const opened = await enter(fd, name);
      if (opened.kind === 'problem') return opened;
      const above = fd;
      fd = opened.fd;
      if (above !== root.fd) await closeDescriptor(above);
    }
    return await work(fd);
  } finally {
    if (fd !== root.fd) await closeDescriptor(fd);
  }
}

type Enter = (parent: number, name: string) => Promise<Opened | StorageProblem>;

export const entering = (root: OpenRoot): Enter => openEntry.bind(undefined, root);

/** Like `entering`, and makes what is missing; `refuseWhenFull` stands before each mkdir. */
export function making(root: OpenRoot, refuseWhenFull: () => Promise<StorageProblem | undefined>): Enter {
  return async (parent, name) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const opened = await openEntry(root, parent, name);
      if (opened.kind === 'open' || opened.problem !== 'missing') return opened;
      const full = await refuseWhenFull();
      if (full) return full;
      if (!(await makeNew(parent, name, PARENT_MODE))) continue;
      const made = await openEntry(root, parent, name);
      if (made.kind === 'open' && isFresh(root, made.facts, PARENT_MODE)) await setMode(made.fd, PARENT_MODE);
      return made;
    }
    return restless(name);
  };
}

const restless = (name: string): StorageProblem =>
  problem('unexpected', `failed: ${JSON.stringify(name)} is created and removed by somebody at the same time`);

/** False when something of that name exists. */
async function makeNew(parent: number, name: string, mode: number): Promise<boolean> {
  try {
    await makeDirectory(parent, name, mode);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

/**
 * Whether an opened directory can be the one that mkdir has just made. Where somebody put another in its place it is an
 * existing one, with the rules of those: a tenant's swap must not open up the mode of someone else's directory.
 */
function isFresh(root: OpenRoot, facts: Facts, mode: number): boolean {
  return Number(facts.uid) === root.fresh.uid && (Number(facts.mode) & 0o777) === (mode & 0o777 & ~root.fresh.mask);
}

export async function ensure(root: OpenRoot, request: EnsureRequest): Promise<EnsureResult> {
  const { parents, name } = splitPath(request.path);
  const refuseWhenFull = (): Promise<StorageProblem | undefined> => tooFull(root, request);
  return within(root, parents, making(root, refuseWhenFull), async (parent) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const opened = await openEntry(root, parent, name);
      if (opened.kind === 'open') return closing(opened, () => takeExisting(root, opened, request));
      if (opened.problem !== 'missing') return opened;
      const full = await refuseWhenFull();
      if (full) return full;
      const created = (await makeNew(parent, name, request.mode)) ? await finish(root, parent, request) : undefined;
      if (created) return created;
    }
    return restless(name);
  });
}

const closing = <T>({ fd }: Opened, work: () => Promise<T>): Promise<T> => withDescriptor(Promise.resolve(fd), work);

/** mkdir often still succeeds on a disk that is full for everyone else. Some filesystems count no inodes: total is 0. */
async function tooFull(root: OpenRoot, request: EnsureRequest): Promise<StorageProblem | undefined> {
  const space = await root.space();
  const few = space.totalInodes > 0n && space.freeInodes < request.minFreeInodes;
  return few || space.freeBytes < request.minFreeBytes ? problem('no-space', freeText(space)) : undefined;
}

/** Undefined: what is there now is not what was made, look again. */
async function finish(
  root: OpenRoot,
  parent: number,
  request: EnsureRequest,
): Promise<Created | StorageProblem | undefined> {
  const { name } = splitPath(request.path);
  const opened = await openEntry(root, parent, name);
  if (opened.kind === 'problem') return opened.problem === 'missing' ? undefined : opened;
  return closing(opened, async () => {
    if (!isFresh(root, opened.facts, request.mode)) return undefined;
    const refused = await grant(root, opened, request);
    if (!refused) return { kind: 'created', identity: opened.facts.ino.toString() } as const;
    await removeDirectory(parent, name).catch((cause: unknown) => {
      if (errnoOf(cause) === '') throw cause; // it stays, empty: the next attempt finds and corrects it
    });
    return refused;
  });
}

/** Sets owner and mode where they are not as asked, and believes only fstat: some servers accept and ignore both. */
async function grant(
  root: OpenRoot,
  { fd, facts }: Opened,
  request: EnsureRequest,
): Promise<StorageProblem | undefined> {
  if (isAsAsked(facts, request)) return undefined;
  try {
    const owned = Number(facts.uid) === request.uid && Number(facts.gid) === request.gid;
    if (!owned) await setOwner(fd, request.uid, request.gid);
    await setMode(fd, request.mode);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno !== 'EPERM' && errno !== 'EACCES') throw cause;
    const asked = `cannot set mode ${modeText(request.mode)} and owner ${request.uid}:${request.gid}`;
    return problem('denied', `${asked} as uid ${root.as}: ${remedyForOwnership(root.as)}`, errno);
  }
  const after = await factsOf(fd);
  return isAsAsked(after, request) ? undefined : differs(after, request);
}

const isAsAsked = (facts: Facts, request: EnsureRequest): boolean =>
  permissionsOf(facts) === request.mode && Number(facts.uid) === request.uid && Number(facts.gid) === request.gid;

const permissionsOf = (facts: Facts): number => Number(facts.mode) & 0o7777;

const foundText = (facts: Facts): string =>
  `it has mode ${modeText(permissionsOf(facts))} and owner ${facts.uid}:${facts.gid}`;

const differs = (facts: Facts, { mode, uid, gid }: EnsureRequest): StorageProblem =>
  problem('mode-differs', `${foundText(facts)}, not ${modeText(mode)} and ${uid}:${gid}`);

async function takeExisting(root: OpenRoot, opened: Opened, request: EnsureRequest): Promise<EnsureResult> {
  const empty = await isEmpty(opened.fd);
  if (!empty && request.adoption === 'empty-only') return problem('not-empty', wording.notEmpty);
  const asked = isAsAsked(opened.facts, request);
  if (!asked && request.existing === 'fail') return differs(opened.facts, request);
  const correct =
    !asked && (isToCorrect(root, opened.facts, request) || (empty && isHalfGiven(root, opened.facts, request)));
  const refused = correct ? await grant(root, opened, request) : undefined;
  if (refused?.problem === 'denied') {
    // It was there before us: an immutable flag is as likely as a squashing server.
    return problem('mode-differs', `${foundText(opened.facts)}, and uid ${root.as} may not change it`, refused.errno);
  }
  if (refused) return refused;
  const state = stateOf(correct ? await factsOf(opened.fd) : opened.facts, empty);
  return { ...state, kind: 'existed', permissions: asked ? 'as-asked' : correct ? 'corrected' : 'kept' };
}

/** A directory that this process made, as root or as an ordinary user, is nobody's own yet. */
function isToCorrect(root: OpenRoot, facts: Facts, request: EnsureRequest): boolean {
  if (request.existing !== 'correct-if-root-owned') return request.existing === 'correct';
  return facts.uid === 0n || Number(facts.uid) === root.as;
}

/** Made by an attempt that ended between the owner and the mode: what mkdir gave is left of the mode. */
const isHalfGiven = (root: OpenRoot, { uid, gid, mode }: Facts, request: EnsureRequest): boolean =>
  request.existing === 'correct-if-root-owned' &&
  Number(uid) === request.uid &&
  Number(gid) === request.gid &&
  (Number(mode) & 0o777) === (request.mode & 0o777 & ~root.fresh.mask);

const stateOf = (facts: Facts, empty: boolean): DirectoryState => ({
  kind: 'directory',
  identity: facts.ino.toString(),
  mode: permissionsOf(facts),
  uid: Number(facts.uid),
  gid: Number(facts.gid),
  empty,
});

export async function inspect(root: OpenRoot, path: DirectoryPath): Promise<DirectoryState | StorageProblem> {
  return within(root, path, entering(root), async (fd) => stateOf(await factsOf(fd), await isEmpty(fd)));
}

/** A name that is not UTF-8 is shown as `other`: nothing can be done with it by name. */
export async function list(root: OpenRoot, path: readonly string[]): Promise<NameList | StorageProblem> {
  return within(root, path, entering(root), async (fd) => {
    const found: { name: string; type: 'directory' | 'other' }[] = [];
    const names = await namesOf(fd);
    for (let index = 0; index < names.length; index += LISTED_AT_ONCE) {
      const some = names.slice(index, index + LISTED_AT_ONCE);
      for (const entry of await Promise.all(some.map((bytes) => typedName(fd, bytes)))) {
        if (entry && !(path.length === 0 && entry.name === OWN_DIRECTORY)) found.push(entry);
      }
    }
    return { kind: 'list', names: found } as const;
  });
}

async function typedName(fd: number, bytes: Buffer): Promise<NameList['names'][number] | undefined> {
  const name = bytes.toString();
  try {
    const facts = await factsAt(fd, bytes);
    return { name, type: facts.isDirectory() && Buffer.from(name).equals(bytes) ? 'directory' : 'other' };
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined; // removed since the listing
    throw cause;
  }
}
