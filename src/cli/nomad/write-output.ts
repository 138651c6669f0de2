import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { NomadError } from '../../nomad/registry.ts';
import { makeFolder } from '../make-folder.ts';
import { contentOf, hashOf, isThere, MARKER, type OutputPlan, outputPath, type Placed } from './output-files.ts';

/** Beside the output's files while they are written; a run that was ended leaves it, and the next run finishes its work. */
const STAGE = '.larder-nomad.next';
const JOURNAL = 'journal.json';

const journalSchema = z.object({
  moves: z.array(z.object({ from: outputPath, to: outputPath, before: z.string().optional() })),
  remove: z.array(z.object({ path: outputPath, hash: z.string() })),
});
type Journal = z.infer<typeof journalSchema>;
type Move = Journal['moves'][number];

/** Called before each step that changes the disk; a test ends the run there. */
export type Step = (what: string) => void;

const onward: Step = () => undefined;

/**
 * Writes a plan whole or not at all (after `finishEarlier`, before which no plan may be made): everything is written and synced aside, then a journal says what goes where, then it is
 * moved. Ended before the journal, nothing has happened; ended after it, the next run moves the rest. A module that was not
 * there comes in one rename.
 */
export async function writeOutput(out: string, plan: OutputPlan, step: Step = onward): Promise<void> {
  try {
    await write(out, plan, step);
  } catch (cause) {
    if (!isOfSystem(cause)) throw cause;
    // what was staged is of no use, and may be what fills the disk; with a journal the next run finishes it
    const stage = join(out, STAGE);
    if (!existsSync(join(stage, JOURNAL)) && !isBusy(stage)) rmSync(stage, { recursive: true, force: true });
    throw new NomadError('LARDER_NOMAD_OUTPUT', `${out} cannot be written: ${cause.message}`, { cause });
  }
}

function isOfSystem(cause: unknown): cause is Error {
  return cause instanceof Error && 'code' in cause && 'syscall' in cause;
}

async function write(out: string, plan: OutputPlan, step: Step): Promise<void> {
  makeFolder(out);
  const stage = join(out, STAGE);
  claim(stage);
  if (contentOf(out, MARKER) !== plan.markerBefore) {
    rmSync(stage, { recursive: true });
    throw new NomadError(
      'LARDER_NOMAD_OUTPUT',
      `another run wrote into ${out} meanwhile: run this again. Nothing was written`,
    );
  }
  const moves = await stageAll(out, plan, step);
  step('marker');
  writeSynced(join(stage, 'marker'), plan.marker);
  const journal: Journal = {
    moves: [...moves, { from: 'marker', to: MARKER }],
    remove: plan.remove.map((path) => ({ path, hash: hashOf(readFileSync(join(out, path), 'utf8')) })),
  };
  step('journal');
  writeSynced(join(stage, `${JOURNAL}.part`), JSON.stringify(journal));
  syncFolder(stage);
  step('commit');
  renameSync(join(stage, `${JOURNAL}.part`), join(stage, JOURNAL));
  syncFolder(stage);
  carryOut(out, journal, step);
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
    return journalSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
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
  writeSynced(join(stage, 'pid'), String(process.pid));
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

/** A folder that is not there yet is made whole aside. */
async function stageAll(out: string, { place }: OutputPlan, step: Step): Promise<readonly Move[]> {
  const fresh = new Map<string, boolean>();
  const groups = Map.groupBy(place, ({ path }) => newFolder(out, path, fresh) ?? path);
  const files: string[] = [];
  const folders = new Set<string>();
  const moves = [...groups].map(([to, placed], index): Move => {
    const from = String(index);
    const [first] = placed;
    for (const each of placed) {
      step(`stage ${each.path}`);
      const rest = each.path === to ? from : join(from, each.path.slice(to.length + 1));
      const file = join(out, STAGE, rest);
      if (!folders.has(dirname(file))) mkdirSync(dirname(file), { recursive: true });
      folders.add(dirname(file));
      writeFileSync(file, each.text, { flag: 'wx', mode: 0o644 });
      files.push(file);
    }
    return { from, to, ...beforeOf(first, to) };
  });
  step('sync');
  await syncAll(files);
  return moves;
}

const AT_ONCE = 64;

/** Several at once share what the disk does for each: one after the other takes ten times as long. */
async function syncAll(files: readonly string[]): Promise<void> {
  const left = files.values();
  const worker = async (): Promise<void> => {
    for (const path of left) {
      const file = await open(path, 'r');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function beforeOf(placed: Placed | undefined, to: string): { readonly before?: string } {
  return placed?.path === to && placed.before !== undefined ? { before: placed.before } : {};
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
    const there = contentOf(out, path);
    if (there !== undefined && hashOf(there) === hash) rmSync(join(out, path));
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
  } else if (to !== MARKER && contentOf(out, to) !== undefined && hashOf(contentOf(out, to) ?? '') !== before) {
    if (contentOf(out, `${to}.new`) !== undefined) throw cameMeanwhile(`${target}.new`);
    renameSync(source, `${target}.new`);
    return;
  }
  mkdirSync(dirname(target), { recursive: true });
  renameSync(source, target);
}

/** Nobody's file is replaced by one that was decided on before it was there. */
function cameMeanwhile(path: string): NomadError {
  return new NomadError('LARDER_NOMAD_OUTPUT', `${path} came there meanwhile: move it away, and run this again`);
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o644);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
