/**
 * Measuring trees slice by slice, in the export's own process: each walk goes on from where its last slice ended. Where
 * the filesystem counts a tree by itself, and a walk has said the same, its answer stands in for the next walks.
 */
import type { Clock } from '../../telemetry/clock.ts';
import { errnoOf, kindOfErrno } from '../directory/problem.ts';
import { type Budget, Walk } from '../directory/walk.ts';
import type { StorageProblem, Usage } from '../storage.ts';
import { type Calls, createCalls } from './calls.ts';
import { Confirmed, type Walked } from './confirmed.ts';
import { look } from './look.ts';
import { Recall } from './recall.ts';
import type { Shelf } from './shelf.ts';
import { type Counted, counted, type Statfs } from './statfs.ts';

export interface MeasureOptions {
  readonly clock: Clock;
  readonly shelf: Pick<Shelf, 'read' | 'write'>;
  /** Processor time of this process so far, ms. */
  readonly cpuMs: () => number;
  readonly statfs: (fd: number) => Promise<Statfs>;
}

export interface Tree {
  /** Its name among all trees of the export. */
  readonly subject: string;
  /** Opens its top; the descriptor belongs to the caller then. */
  readonly open: (calls: Calls) => Promise<number | StorageProblem>;
  /**
   * How long ago a directory may have been read and still count when it looks unchanged, ms; 0: all is read, and
   * remembered. Undefined: all is read and nothing remembered.
   */
  readonly freshMs: number | undefined;
  /** The root of the export, open. */
  readonly root: number;
}

interface Ended {
  /** What `statfs` said before; undefined: nothing of use, or it was not asked. */
  readonly before: Counted | undefined;
  readonly walk: Walked;
}

interface Started extends Ended {
  readonly walk: Walk;
  readonly recall: Recall;
  slices: number;
}

/** Figures without a walk. */
interface Found extends Walked {
  /** Epoch ms: no part of them is older; undefined: they are of this moment. */
  readonly readAt: number | undefined;
  /** System calls, about. */
  readonly operations: number;
}

/** Walks that have begun and wait for their next slice; the oldest is given up for a new one. */
const WALKS = 8;
/** After so many slices a long walk writes down how far it has come. */
const NOTED_EVERY = 8;

export type Measure = (tree: Tree, budget: Budget) => Promise<Usage | StorageProblem>;

export function createMeasure(options: MeasureOptions): Measure {
  const { clock, cpuMs, shelf } = options;
  const calls = createCalls(clock);
  const walks = new Map<string, Started>();
  const confirmed = new Confirmed();

  const begin = async (tree: Tree): Promise<Started | Found | StorageProblem> => {
    const { subject, open, freshMs } = tree;
    const asks = freshMs !== undefined && confirmed.isLarge(subject);
    const before = asks ? await countedOf(tree, options, calls) : undefined;
    const figures = freshMs === 0 ? undefined : confirmed.figures(subject, before, clock.monotonic());
    if (figures) return { ...figures, readAt: undefined, operations: ASKED };
    const memory = freshMs === undefined ? undefined : await shelf.read(subject);
    const recall = new Recall({ before: memory, freshMs: freshMs ?? 0, now: () => clock.now() });
    const top = await open(calls);
    if (typeof top !== 'number') return top;
    const looked = look(top, { memory, recall, calls });
    if (!looked) return { before, walk: await Walk.start(top, recall, calls), recall, slices: 0 };
    await calls.close(top);
    await end(tree, { before, walk: looked });
    return { ...looked, readAt: looked.oldest };
  };

  const end = async (tree: Tree, { before, walk }: Ended): Promise<void> => {
    if (tree.freshMs === undefined) return;
    const after = before && (await countedOf(tree, options, calls));
    confirmed.walked(tree.subject, walk, { before, after }, clock.monotonic());
  };

  const note = async ({ subject, freshMs }: Tree, { recall }: Started, ended: boolean): Promise<void> => {
    const memory = freshMs === undefined ? undefined : recall.memory(ended);
    if (memory) await shelf.write(subject, memory);
  };

  const advance = async (tree: Tree, started: Started, budget: Budget): Promise<boolean> => {
    const { subject } = tree;
    walks.delete(subject);
    let complete = false;
    try {
      complete = await started.walk.advance(budget);
      started.slices += 1;
      if (complete) await end(tree, started);
      if (complete || started.slices % NOTED_EVERY === 0) await note(tree, started, complete);
      if (!complete) walks.set(subject, started);
    } finally {
      if (walks.get(subject) !== started) await started.walk.close();
    }
    await giveUpOldest(walks);
    return complete;
  };

  return async (tree, budget) => {
    const startMs = cpuMs();
    const started = walks.get(tree.subject) ?? (await begin(tree));
    if ('problem' in started) return started;
    const spent = (): number => Math.round(cpuMs() - startMs);
    if (!('walk' in started)) {
      const { operations, readAt } = started;
      return { ...usageOf(started, clock.now(), readAt ?? clock.now()), operations, cpuMs: spent() };
    }
    const { walk, recall, slices } = started;
    const before = slices === 0 ? 0 : walk.operations;
    const complete = await advance(tree, started, budget);
    const usage = usageOf(walk, clock.now(), recall.oldest);
    return { ...usage, complete, operations: walk.operations - before, cpuMs: spent() };
  };
}

/** System calls of a question to `statfs`, about. */
const ASKED = 5;

const usageOf = ({ usedBytes, inodes }: Walked, at: number, readAt: number) =>
  ({ kind: 'usage', usedBytes, inodes, at, readAt, complete: true }) as const;

async function giveUpOldest(walks: Map<string, Started>): Promise<void> {
  const [oldest] = walks;
  if (!oldest || walks.size <= WALKS) return;
  walks.delete(oldest[0]);
  await oldest[1].walk.close();
}

/** What the filesystem itself has counted for the tree; undefined: nothing, or it does not say. */
async function countedOf({ open, root }: Tree, { statfs }: MeasureOptions, calls: Calls): Promise<Counted | undefined> {
  const top = await open(calls);
  if (typeof top !== 'number') return undefined; // the walk says what is wrong with it
  try {
    return counted(await statfs(top), await statfs(root));
  } catch (cause) {
    if (errnoOf(cause) === '' || kindOfErrno(cause) === 'unavailable') throw cause;
    return undefined; // a filesystem that has no answer is walked
  } finally {
    await calls.close(top);
  }
}
