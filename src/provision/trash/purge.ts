/**
 * Removes the tree of a trash entry in slices. No recursion and no stack: a directory that is not empty is emptied by
 * moving its subdirectories up to the top of the tree, so that a tree of any depth is only ever two levels deep here,
 * and a removal that was interrupted anywhere just goes on. Each directory is renamed or removed by name before it is
 * entered, which the kernel refuses for a mount point.
 */
import {
  changeModeAt,
  closeDescriptor,
  factsAt,
  factsOf,
  move,
  namesOf,
  openDirectory,
  removeDirectory,
  removeFile,
} from '../directory/descriptor.ts';
import { openEntry } from '../directory/directory.ts';
import { errnoOf, problem, wording } from '../directory/problem.ts';
import type { Budget } from '../directory/walk.ts';
import type { OpenRoot } from '../export/root.ts';
import type { StorageProblem } from '../storage.ts';
import {
  inOwn,
  purgeName,
  readSidecar,
  removeSidecar,
  type Sidecar,
  sidecarName,
  type Whereabouts,
  whereaboutsOf,
} from './sidecar.ts';
import { inPlace, type Place } from './trash.ts';

type Purged = { readonly kind: 'purged'; readonly remaining: boolean };

export async function purge(root: OpenRoot, entry: string, budget: Budget): Promise<Purged | StorageProblem> {
  const where = whereaboutsOf(entry);
  if (!where) return problem('missing', wording.missing);
  return inOwn(root, where.kind, async (notes) => {
    const note = sidecarName(where);
    const sidecar = await readSidecar(notes, note);
    if (!sidecar) return problem('missing', 'is not in the trash of Larder');
    const result = await inPlace(root, where, (place) => purgeAt(root, { place, where, sidecar }, budget));
    if (result.kind === 'purged' && !result.remaining) await removeSidecar(notes, note);
    return result;
  });
}

interface Doomed {
  readonly place: Place;
  readonly where: Whereabouts;
  readonly sidecar: Sidecar;
}

async function purgeAt(root: OpenRoot, doomed: Doomed, budget: Budget): Promise<Purged | StorageProblem> {
  const { place, where, sidecar } = doomed;
  const opened = await openEntry(root, place.fd, place.name);
  if (opened.kind === 'problem') {
    return opened.problem === 'missing' ? { kind: 'purged', remaining: false } : opened;
  }
  await closeDescriptor(opened.fd);
  // A rename that landed late moved another directory than the one the note speaks of; that one is not ours to remove.
  if (opened.facts.ino.toString() !== sidecar.entry.identity) {
    return problem('missing', 'is another directory now than the one that was moved');
  }
  // Under another name from here on: half of it must never be brought back as if it were the whole.
  return inOwn(root, 'trash', async (fd) => {
    const hidden = { fd, name: purgeName(where) };
    if (place.name !== hidden.name) await move(place, hidden);
    return removeTree(root, hidden, budget);
  });
}

/** One slice of the removal of a directory that nobody needs any more. */
export async function removeTree(root: OpenRoot, place: Place, budget: Budget): Promise<Purged> {
  if (await removeIfEmpty(place.fd, place.name)) return { kind: 'purged', remaining: false };
  const top = await enter(root, place.fd, place.name);
  const tree = { root, top, used: 0, budget };
  try {
    const done = await emptyTop(tree);
    if (!done) return { kind: 'purged', remaining: true };
  } finally {
    await closeDescriptor(top);
  }
  return { kind: 'purged', remaining: !(await removeIfEmpty(place.fd, place.name)) };
}

interface Tree {
  readonly root: OpenRoot;
  readonly top: number;
  used: number;
  readonly budget: Budget;
}

const isSpent = (tree: Tree): boolean => tree.used >= tree.budget.operations || tree.budget.expired();

/** True when a look found nothing any more. */
async function emptyTop(tree: Tree): Promise<boolean> {
  for (;;) {
    const names = await namesOf(tree.top);
    if (names.length === 0) return true;
    for (const name of names) {
      if (isSpent(tree)) return false;
      tree.used += 1;
      if (await removed(tree.top, name)) continue;
      await hollow(tree, name);
    }
  }
}

/** Removes a file, or a directory that is empty; false for one that is not. */
async function removed(fd: number, name: Buffer): Promise<boolean> {
  try {
    await removeFile(fd, name);
    return true;
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === 'ENOENT') return true;
    if (errno !== 'EISDIR') throw cause;
  }
  return removeIfEmpty(fd, name);
}

async function removeIfEmpty(fd: number, name: Buffer | string): Promise<boolean> {
  try {
    await removeDirectory(fd, name);
    return true;
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === 'ENOENT') return true;
    if (errno === 'ENOTEMPTY' || errno === 'EEXIST') return false;
    throw cause;
  }
}

/** Removes the files of a directory at the top, moves its subdirectories up beside it, and then removes it. */
async function hollow(tree: Tree, name: Buffer): Promise<void> {
  const fd = await enter(tree.root, tree.top, name);
  try {
    for (const below of await namesOf(fd)) {
      if (isSpent(tree)) return;
      tree.used += 1;
      if (!(await removed(fd, below))) await moveUp(tree, fd, below);
    }
  } finally {
    await closeDescriptor(fd);
  }
  await removeIfEmpty(tree.top, name);
}

/** Under the name of its inode, which no other directory has; a tenant who wrote that very name delays us by a suffix. */
async function moveUp(tree: Tree, fd: number, name: Buffer): Promise<void> {
  if (tree.root.as !== 0) await changeModeAt(fd, name, 0o700); // its `..` changes, which takes write permission on it
  const inode = await factsAt(fd, name);
  for (let round = 0; ; round += 1) {
    try {
      return await move({ fd, name }, { fd: tree.top, name: `${inode.ino}${round === 0 ? '' : `-${round}`}` });
    } catch (cause) {
      const taken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(cause));
      if (!taken || round > 99) throw cause;
    }
  }
}

/** Opens a directory on this filesystem; an ordinary user first makes what is its own accessible. */
async function enter(root: OpenRoot, parent: number, name: Buffer | string): Promise<number> {
  if (root.as !== 0) await changeModeAt(parent, name, 0o700);
  const fd = await openDirectory(parent, name);
  const facts = await factsOf(fd);
  if (facts.dev === root.device) return fd;
  await closeDescriptor(fd);
  throw Object.assign(new Error('another filesystem'), { errno: -18 }); // EXDEV, as a rename across would say
}
