/** Measuring trees slice by slice, in the export's own process: each walk goes on from where its last slice ended. */
import type { Clock } from '../../telemetry/clock.ts';
import { type Budget, Walk } from '../directory/walk.ts';
import type { StorageProblem, Usage } from '../storage.ts';
import { type Calls, createCalls } from './calls.ts';
import { Recall } from './recall.ts';
import type { Shelf } from './shelf.ts';

export interface MeasureOptions {
  readonly clock: Clock;
  readonly shelf: Pick<Shelf, 'read' | 'write'>;
  /** Processor time of this process so far, ms. */
  readonly cpuMs: () => number;
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
}

interface Started {
  readonly walk: Walk;
  readonly recall: Recall;
  slices: number;
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

  const begin = async ({ subject, open, freshMs }: Tree): Promise<Started | StorageProblem> => {
    const before = freshMs === undefined ? undefined : await shelf.read(subject);
    const recall = new Recall({ before, freshMs: freshMs ?? 0, now: () => clock.now() });
    const top = await open(calls);
    return typeof top === 'number' ? { walk: await Walk.start(top, recall, calls), recall, slices: 0 } : top;
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
      if (complete || started.slices % NOTED_EVERY === 0) await note(tree, started, complete);
      if (!complete) walks.set(subject, started);
    } finally {
      if (walks.get(subject) !== started) await started.walk.close();
    }
    const [oldest] = walks;
    if (oldest && walks.size > WALKS) {
      walks.delete(oldest[0]);
      await oldest[1].walk.close();
    }
    return complete;
  };

  return async (tree, budget) => {
    const startMs = cpuMs();
    const started = walks.get(tree.subject) ?? (await begin(tree));
    if ('problem' in started) return started;
    const before = started.slices === 0 ? 0 : started.walk.operations;
    const complete = await advance(tree, started, budget);
    const { usedBytes, inodes, operations } = started.walk;
    return {
      kind: 'usage',
      usedBytes,
      inodes,
      at: clock.now(),
      readAt: started.recall.oldest,
      complete,
      operations: operations - before,
      cpuMs: Math.round(cpuMs() - startMs),
    };
  };
}
