import {
  closeSync,
  existsSync,
  fsync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFiles } from '../../ledger/sync-files.ts';
import { syncFolder } from '../../ledger/sync-folder.ts';
import type { OutputFile } from '../../nomad/output/output-tree.ts';
import { NomadError } from '../../nomad/registry.ts';
import { MARKER } from '../../nomad/source/input-name.ts';
import { makeFolder } from '../make-folder.ts';
import { type Journal, journal, type Move } from './journal.ts';
import { contentOf, hashAt, isThere, type Output, type OutputPlan, type Placed, planOutput } from './output-files.ts';

/** Beside the output's files while they are written; a run that was ended leaves it, and the next run finishes its work. */
const STAGE = '.larder-nomad.next';
const JOURNAL = 'journal.json';

/** Called before each step that changes the disk; a test ends the run there. */
export type Step = (what: string) => void;

const onward: Step = () => undefined;

/**
 * Writes an output whole or not at all, after `finishEarlier`: each file is written aside as soon as it is made, and all are
 * synced; then a journal says what goes where, then it is moved. Ended before the journal, nothing has happened; ended after
 * it, the next run moves the rest. A module that was not there comes in one rename.
 */
export async function writeOutput(out: string, output: Output, step: Step = onward): Promise<OutputPlan> {
  try {
    makeFolder(out);
    const stage = join(out, STAGE);
    claim(stage);
    try {
      return await write(out, output, step);
    } catch (cause) {
      // what was staged is of no use, and may be what fills the disk; with a journal the next run finishes it
      const ended = cause instanceof NomadError || isOfSystem(cause);
      if (ended && !existsSync(join(stage, JOURNAL))) rmSync(stage, { recursive: true, force: true });
      throw cause;
    }
  } catch (cause) {
    if (!isOfSystem(cause)) throw cause;
    throw new NomadError('LARDER_NOMAD_OUTPUT', `${out} cannot be written: ${cause.message}`, { cause });
  }
}

function isOfSystem(cause: unknown): cause is Error {
  return cause instanceof Error && 'code' in cause && 'syscall' in cause;
}

async function write(out: string, output: Output, step: Step): Promise<OutputPlan> {
  const aside = new Aside(out, step);
  try {
    const plan = planOutput(out, output, (placed, pieces) => aside.place(placed, pieces));
    await commit({ out, plan, aside, step });
    return plan;
  } finally {
    await aside.settled();
  }
}

interface Staged {
  readonly out: string;
  readonly plan: OutputPlan;
  readonly aside: Aside;
  readonly step: Step;
}

async function commit({ out, plan, aside, step }: Staged): Promise<void> {
  const stage = join(out, STAGE);
  step('marker');
  const marker = join(stage, 'marker');
  writeNew(marker, plan.marker);
  const decided: Journal = {
    moves: [...aside.moves.values(), { from: 'marker', to: MARKER }],
    remove: [...plan.remove],
  };
  step('journal');
  const part = join(stage, `${JOURNAL}.part`);
  writeNew(part, JSON.stringify(decided));
  step('sync');
  // all that the journal speaks of, and their names, before it has its own: in which order does not matter
  await Promise.all([...aside.early, syncFiles([...aside.files, marker, part, stage])]);
  step('commit');
  if (contentOf(out, MARKER) !== plan.markerBefore)
    throw new NomadError(
      'LARDER_NOMAD_OUTPUT',
      `another run wrote into ${out} meanwhile: run this again. Nothing was written`,
    );
  renameSync(part, join(stage, JOURNAL));
  syncFolder(stage);
  carryOut(out, decided, step);
}

/** What a run that was ended had decided is done; what it had not is thrown away. */
export function finishEarlier(out: string, step: Step = onward): void {
  const stage = join(out, STAGE);
  const path = join(stage, JOURNAL);
  if (!isThere(out, STAGE, 'folder')) return;
  if (!isThere(out, `${STAGE}/${JOURNAL}`, 'file')) {
    if (!isBusy(stage)) rmSync(stage, { recursive: true, force: true });
    return;
  }
  if (!isBusy(stage)) carryOut(out, journalIn(path), step);
}

function journalIn(path: string): Journal {
  try {
    return journal(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const message = `${path} does not say what an earlier run was about to write: remove ${dirname(path)}. Nothing was written`;
    throw new NomadError('LARDER_NOMAD_OUTPUT', message, { cause });
  }
}

function claim(stage: string): void {
  try {
    mkdirSync(stage);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    throw new NomadError(
      'LARDER_NOMAD_OUTPUT',
      `${stage} is there: another run writes into this folder: wait for it, or remove it when none does`,
      {
        cause,
      },
    );
  }
  // of use while this process lives, and not after a cut of power
  writeNew(join(stage, 'pid'), String(process.pid));
}

/** Signal 0 only asks. A process of another user is one that lives, too. */
function isBusy(stage: string): boolean {
  try {
    const pid = Number(readFileSync(join(stage, 'pid'), 'utf8'));
    return pid !== process.pid && Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}

/** Files that the disk is told of while the next are made. Each stays open until then; the others are synced when all are there. */
const EARLY = 32;

/** Where files stand until all of them are written. A folder that is not there yet is made whole. */
class Aside {
  readonly #out: string;
  readonly #step: Step;
  readonly #fresh = new Map<string, boolean>();
  readonly #folders = new Set<string>();
  /** By the place that each goes to. */
  readonly moves = new Map<string, Move>();
  /** Those that are not synced. */
  readonly files: string[] = [];
  /** Those that are being synced. */
  readonly early: Promise<void>[] = [];

  constructor(out: string, step: Step) {
    this.#out = out;
    this.#step = step;
  }

  place({ path, before }: Placed, pieces: OutputFile['pieces']): void {
    this.#step(`stage ${path}`);
    const to = newFolder(this.#out, path, this.#fresh) ?? path;
    const known = this.moves.get(to);
    const from = known?.from ?? String(this.moves.size);
    if (!known) this.moves.set(to, { from, to, ...(to === path && before !== undefined ? { before } : {}) });
    const file = join(this.#out, STAGE, to === path ? from : join(from, path.slice(to.length + 1)));
    if (!this.#folders.has(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    this.#folders.add(dirname(file));
    const descriptor = openSync(file, 'wx', 0o644);
    if (this.early.length < EARLY) this.early.push(syncedAfter(descriptor, () => writePieces(descriptor, pieces())));
    else {
      try {
        writePieces(descriptor, pieces());
      } finally {
        closeSync(descriptor);
      }
      this.files.push(file);
    }
  }

  /** Nothing is under way any more that this began; whether it went well is asked of `early`. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.early);
  }
}

/** As much as is worth a call. */
const AT_LEAST = 1 << 16;

function writePieces(file: number, pieces: Iterable<string>): void {
  let waiting: string[] = [];
  let length = 0;
  const flush = (): void => {
    writeFileSync(file, waiting.join(''));
    waiting = [];
    length = 0;
  };
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length >= AT_LEAST) flush();
  }
  flush();
}

/** Writes at once, then syncs meanwhile, and closes the file in any case. */
function syncedAfter(file: number, write: () => void): Promise<void> {
  try {
    write();
  } catch (cause) {
    closeSync(file);
    throw cause;
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  fsync(file, (failure) => {
    closeSync(file);
    if (failure) reject(failure);
    else resolve();
  });
  // who waits for it learns of a failure; until then it is nobody's
  promise.catch(() => undefined);
  return promise;
}

/** `modules-k8s/web` of a module that is not there; `fresh` remembers what was looked at. */
function newFolder(out: string, path: string, fresh: Map<string, boolean>): string | undefined {
  const [top, name, ...rest] = path.split('/');
  if (top === undefined || name === undefined || rest.length === 0) return undefined;
  const folder = `${top}/${name}`;
  const isFresh = fresh.get(folder) ?? !existsSync(join(out, folder));
  fresh.set(folder, isFresh);
  return isFresh ? folder : undefined;
}

function carryOut(out: string, { moves, remove }: Journal, step: Step): void {
  const folders = new Set<string>();
  for (const move of moves) {
    step(`move ${move.to}`);
    moveOne(out, move);
    folders.add(dirname(join(out, move.to)));
  }
  for (const { path, hash } of remove) {
    step(`remove ${path}`);
    if (hashAt(out, path) === hash) rmSync(join(out, path));
  }
  for (const folder of folders) syncFolder(folder);
  step('clear');
  rmSync(join(out, STAGE), { recursive: true, force: true });
}

/** Already moved: nothing to do. Somebody edited the place meanwhile: what is new stands beside it. */
function moveOne(out: string, { from, to, before }: Move): void {
  const source = join(out, STAGE, from);
  if (!existsSync(source)) return;
  const target = join(out, to);
  if (statSync(source).isDirectory()) {
    if (isThere(out, to, 'folder')) throw cameMeanwhile(target);
  } else if (to !== MARKER && isEdited(out, to, before)) {
    if (isThere(out, `${to}.new`, 'file')) throw cameMeanwhile(`${target}.new`);
    renameSync(source, `${target}.new`);
    return;
  }
  mkdirSync(dirname(target), { recursive: true });
  renameSync(source, target);
}

function isEdited(out: string, path: string, before: string | undefined): boolean {
  const now = hashAt(out, path);
  return now !== undefined && now !== before;
}

/** Nobody's file is replaced by one that was decided on before it was there. */
function cameMeanwhile(path: string): NomadError {
  return new NomadError('LARDER_NOMAD_OUTPUT', `${path} came there meanwhile: move it away, and run this again`);
}

function writeNew(path: string, text: string): void {
  writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
}
