/** Copies of volumes inside the process of an export: begun, carried on in slices, given their name, and cleared away. */
import type { Clock } from '../../telemetry/clock.ts';
import {
  closeDescriptor,
  factsAt,
  isEmpty,
  move,
  openDirectory,
  openDirectoryAgain,
  removeFile,
  withDescriptor,
} from '../directory/descriptor.ts';
import { entering, making, openEntry, splitPath, within } from '../directory/directory.ts';
import { createFile, setTimes, shareBlocks, synchronise, writeAt } from '../directory/file.ts';
import { errnoOf, freeText, kindOfErrno, problem, wording } from '../directory/problem.ts';
import type { Budget } from '../directory/walk.ts';
import type { OpenRoot } from '../export/root.ts';
import type { StorageProblem } from '../storage.ts';
import { removeTree } from '../trash/purge.ts';
import { removeSidecar } from '../trash/sidecar.ts';
import type { CloneRequest, CloneResult } from './clones.ts';
import { Copy, type CopyBudget, type CopyEnds } from './copy.ts';
import { CopyStopped } from './copy-stopped.ts';
import { bury, buryAllOf, inClones, isNote, LINKS, makeStaging, readNote, TREE, uidOf, writeNote } from './staging.ts';

interface Growing {
  /** Of its staging directory, which `staging` is. */
  readonly name: string;
  readonly staging: number;
  readonly copy: Copy;
  /** Mount, source and path: a copy of something else, or to another place, is another copy. */
  readonly what: string;
}

/** More than are ever worked on at a time: what is over belongs to claims that are gone. */
const GROWING = 16;

/**
 * Invariant: `#growing` has the copies that this process can carry on, by the uid of the claim. The caller lets the
 * calls for one uid take turns: a copy is never closed while a slice of it runs.
 */
export class Clone {
  readonly #growing = new Map<string, Growing>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async advance(root: OpenRoot, request: CloneRequest, budget: CopyBudget): Promise<CloneResult> {
    try {
      const known = this.#growing.get(request.uid);
      const same = known?.what === whatOf(root, request) ? known : undefined;
      if (known && !same) await this.#giveUp(root, request.uid, known);
      const growing = same ?? (await this.#begin(root, request));
      if ('kind' in growing) return growing;
      if (!same || !request.sourceSeen) return { kind: 'cloning', fresh: !same, figures: growing.copy.figures };
      return await this.#slice(root, request, growing, budget);
    } catch (cause) {
      const growing = this.#growing.get(request.uid);
      if (growing) await this.#giveUp(root, request.uid, growing).catch(() => undefined); // the first failure is what counts
      if (cause instanceof CopyStopped) return cause.problem;
      throw cause;
    }
  }

  async #slice(root: OpenRoot, request: CloneRequest, growing: Growing, budget: CopyBudget): Promise<CloneResult> {
    this.#growing.delete(request.uid);
    this.#growing.set(request.uid, growing); // the last in the order of use
    await this.#touch(growing);
    const full = await fullOf(root, request, 0n);
    const complete = full ?? (await growing.copy.advance(budget));
    const { figures } = growing.copy;
    if (complete === false) return { kind: 'cloning', fresh: false, figures };
    const finished = complete === true ? await finish(root, request, growing) : complete;
    if (finished.kind === 'problem') {
      await this.#giveUp(root, request.uid, growing);
      return finished;
    }
    this.#growing.delete(request.uid);
    await closeGrowing(growing);
    return { kind: 'cloned', identity: finished.identity, figures };
  }

  /** Others see from it that somebody is at work. */
  #touch({ staging }: Growing): Promise<void> {
    const nowNs = BigInt(this.#clock.now()) * 1_000_000n;
    return setTimes(staging, { atimeNs: nowNs, mtimeNs: nowNs });
  }

  async #begin(root: OpenRoot, request: CloneRequest): Promise<Growing | CloneResult> {
    const { uid } = request;
    const begun = await inClones(root, async (clones): Promise<Growing | CloneResult> => {
      await buryAllOf(clones, uid); // first: after it none of them can get the name any more
      const done = await doneBefore(root, clones, request);
      if (done) return done;
      const name = await makeStaging(clones, uid, this.#clock.now());
      return grow(root, { clones, name }, request);
    });
    if ('kind' in begun) return begun;
    this.#growing.set(uid, begun);
    await this.#closeOldest();
    return begun;
  }

  async #closeOldest(): Promise<void> {
    const [oldest] = this.#growing;
    if (!oldest || this.#growing.size <= GROWING) return;
    this.#growing.delete(oldest[0]);
    await closeGrowing(oldest[1]);
  }

  async #giveUp(root: OpenRoot, uid: string, growing: Growing): Promise<void> {
    if (this.#growing.get(uid) === growing) this.#growing.delete(uid);
    await closeGrowing(growing);
    await inClones(root, (clones) => bury(clones, growing.name));
  }

  /** Idempotent; the entry can become no volume from the first slice on. */
  async remove(
    root: OpenRoot,
    name: string,
    budget: Budget,
  ): Promise<{ readonly kind: 'removed'; readonly remaining: boolean } | StorageProblem> {
    const uid = uidOf(name);
    if (uid === '') return problem('missing', wording.missing);
    const growing = this.#growing.get(uid);
    if (growing?.name === name) await this.#giveUp(root, uid, growing);
    return inClones(root, async (clones) => {
      if (isNote(name)) {
        await removeSidecar(clones, name);
        return { kind: 'removed', remaining: false } as const;
      }
      await bury(clones, name);
      const { remaining } = await removeTree(root, { fd: clones, name }, budget);
      return { kind: 'removed', remaining } as const;
    });
  }
}

const whatOf = ({ device, inode, mount }: OpenRoot, { source, path }: CloneRequest): string =>
  JSON.stringify([`${device} ${inode} ${mount}`, source, path]);

async function closeGrowing({ copy, staging }: Growing): Promise<void> {
  await copy.close();
  await closeDescriptor(staging);
}

/** A copy that had got its name before a crash; a problem when something else has the name. */
async function doneBefore(root: OpenRoot, clones: number, request: CloneRequest): Promise<CloneResult | undefined> {
  const { parents, name } = splitPath(request.path);
  const note = await readNote(clones, request.uid);
  const found = await within(root, parents, entering(root), (parent) => lookAt(root, parent, name));
  if (found.kind === 'problem') return found.problem === 'missing' ? undefined : found;
  if (note && note.identity === found.identity && note.path.join('/') === request.path.join('/')) {
    return { kind: 'cloned', identity: note.identity, figures: note.figures };
  }
  return found.empty ? undefined : occupied;
}

const occupied = problem('not-empty', 'exists and is not empty, and nothing is ever copied over data');

type Target = { readonly kind: 'target'; readonly identity: string; readonly empty: boolean };

async function lookAt(root: OpenRoot, parent: number, name: string): Promise<Target | StorageProblem> {
  const opened = await openEntry(root, parent, name);
  if (opened.kind === 'problem') return opened;
  return withDescriptor(Promise.resolve(opened.fd), async (fd) => {
    const identity = opened.facts.ino.toString();
    return { kind: 'target', identity, empty: await isEmpty(fd) } as const;
  });
}

/** Opens the ends of the copy in a fresh staging directory; what cannot begin leaves it empty. */
async function grow(
  root: OpenRoot,
  at: { readonly clones: number; readonly name: string },
  request: CloneRequest,
): Promise<Growing | StorageProblem> {
  const staging = await openDirectory(at.clones, at.name);
  let copy: Copy | StorageProblem;
  try {
    const sharing = await canShare(staging);
    const full = await fullOf(root, request, sharing ? 0n : request.neededBytes);
    copy = full ?? (await within(root, request.source, entering(root), (fd) => start(root, fd, staging, sharing)));
  } catch (cause) {
    await closeDescriptor(staging);
    throw cause;
  }
  if (copy instanceof Copy) return { name: at.name, staging, copy, what: whatOf(root, request) };
  await closeDescriptor(staging);
  await bury(at.clones, at.name);
  return copy.problem === 'missing' ? { ...copy, detail: 'the directory of the source does not exist' } : copy;
}

async function start(root: OpenRoot, source: number, staging: number, sharing: boolean): Promise<Copy> {
  const opened: number[] = [];
  const opening = async (fd: Promise<number>): Promise<number> => {
    opened.push(await fd);
    return fd;
  };
  let ends: CopyEnds;
  try {
    ends = {
      source: await opening(openDirectoryAgain(source)),
      target: await opening(openDirectory(staging, TREE)),
      links: await opening(openDirectory(staging, LINKS)),
    };
  } catch (cause) {
    for (const fd of opened) await closeDescriptor(fd);
    throw cause;
  }
  return Copy.start(root, ends, { possible: sharing });
}

const SAMPLE = 'sample';
const SHARED = 'shared-sample';

/** Tried on a file of our own, before anything is said about the space that a copy needs. */
async function canShare(staging: number): Promise<boolean> {
  try {
    const from = await createFile(staging, SAMPLE);
    return await withDescriptor(Promise.resolve(from), async () => {
      await writeAt(from, Buffer.alloc(4096, 1), 0);
      return withDescriptor(createFile(staging, SHARED), (to) =>
        shareBlocks(from, to).then(
          () => true,
          (cause: unknown) => {
            if (kindOfErrno(cause) === 'unavailable') throw cause;
            return false;
          },
        ),
      );
    });
  } finally {
    for (const name of [SAMPLE, SHARED]) await removeFile(staging, name).catch(ignoreMissing);
  }
}

function ignoreMissing(cause: unknown): void {
  if (errnoOf(cause) !== 'ENOENT') throw cause;
}

async function fullOf(root: OpenRoot, request: CloneRequest, needed: bigint): Promise<StorageProblem | undefined> {
  const space = await root.space();
  const few = space.totalInodes > 0n && space.freeInodes < request.minFreeInodes;
  if (!few && space.freeBytes >= request.minFreeBytes + needed) return undefined;
  return problem('no-space', `${freeText(space)}${needed === 0n ? '' : `, the copy needs ${needed} bytes`}`);
}

type Finished = { readonly kind: 'finished'; readonly identity: string };

/** The note first: a crash between the two leaves a note that speaks of no directory, which means nothing. */
async function finish(root: OpenRoot, request: CloneRequest, growing: Growing): Promise<Finished | StorageProblem> {
  const { parents, name } = splitPath(request.path);
  const unlimited = (): Promise<undefined> => Promise.resolve(undefined); // the space was looked at before the slice
  return within(root, parents, making(root, unlimited), async (parent) => {
    const target = await lookAt(root, parent, name);
    if (target.kind === 'problem' && target.problem !== 'missing') return target;
    if (target.kind === 'target' && !target.empty) return occupied;
    const identity = (await factsAt(growing.staging, TREE)).ino.toString();
    const note = { path: request.path, identity, figures: growing.copy.figures };
    const noted = await inClones(root, (clones) => writeNote(clones, request.uid, note));
    if (noted) return noted;
    try {
      await move({ fd: growing.staging, name: TREE }, { fd: parent, name });
    } catch (cause) {
      const taken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(cause));
      if (taken) return occupied;
      throw cause;
    }
    await synchronise(parent);
    return { kind: 'finished', identity } as const;
  });
}
