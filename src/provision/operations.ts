/** What the export's own process does for each request: the dispatch, and the outcome of what failed. */
import type { Clock } from '../telemetry/clock.ts';
import { openDirectoryAgain } from './descriptor.ts';
import { discard, ensure, entering, inspect, list, within } from './directory.ts';
import { kindOfErrno, problem, problemOfErrno } from './problem.ts';
import { changes, type Operation, type Result } from './protocol.ts';
import { purge } from './purge.ts';
import { type OpenRoot, Root } from './root.ts';
import type { DirectoryPath, StorageProblem, Usage } from './storage.ts';
import { archive, entries, restore, trash } from './trash.ts';
import { type Budget, Walk } from './walk.ts';

export type Perform = (operation: Operation) => Promise<Result>;

/** A slice of a long walk ends after this time whatever its budget, far from the deadline of its request. */
const SLICE_MS = 1_500;
/** Walks that have begun and wait for their next slice; the oldest is given up for a new one. */
const WALKS = 8;

type Mutation = Extract<Operation, { kind: 'ensure' | 'discard' | 'trash' | 'archive' | 'restore' | 'purge' }>;

/** Never rejects for anything that the filesystem says. */
export function createOperations(clock: Clock): Perform {
  const root = new Root(clock);
  const lanes = new Map<string, Promise<unknown>>();
  const walks = new Map<string, Walk>();
  const budgetOf = (operations: number): Budget => {
    const end = clock.monotonic() + SLICE_MS;
    return { operations, expired: () => clock.monotonic() >= end };
  };

  const mutate = (opened: OpenRoot, operation: Mutation): Promise<Result> => {
    switch (operation.kind) {
      case 'ensure':
        return ensure(opened, operation);
      case 'discard':
        return discard(opened, operation.path);
      case 'trash':
        return trash(opened, operation);
      case 'archive':
        return archive(opened, operation);
      case 'restore':
        return restore(opened, operation);
      case 'purge':
        return purge(opened, operation.entry, budgetOf(operation.maxOperations));
      default:
        return operation satisfies never;
    }
  };

  const run = (operation: Operation): Promise<Result> => {
    switch (operation.kind) {
      case 'open':
        return root.open(operation, operation.probe);
      case 'probe':
        return root.check();
      case 'entries':
        return root.use((opened) => entries(opened, operation.after));
      case 'inspect':
        return root.use((opened) => inspect(opened, operation.path));
      case 'usage': {
        const budget = budgetOf(operation.maxOperations);
        return inLane(lanes, laneOf(operation), () =>
          root.use((opened) => measure({ root: opened, walks, clock }, operation.path, budget)),
        );
      }
      case 'space':
        return root.use((opened) => opened.space());
      case 'list':
        return root.use((opened) => list(opened, operation.path));
      default:
        return inLane(lanes, laneOf(operation), () => root.change((opened) => mutate(opened, operation)));
    }
  };

  return async (operation) => {
    try {
      return asMaybe(operation, await run(operation));
    } catch (cause) {
      return asMaybe(operation, await failureOf(root, operation, cause));
    }
  };
}

/** Operations on one directory, or on one entry, take turns: two claims at once then see each other's whole work. */
function laneOf(operation: Mutation | Extract<Operation, { kind: 'usage' }>): string {
  if ('entry' in operation) return `entry ${operation.entry}`;
  return `${operation.kind === 'usage' ? 'walk' : 'path'} ${operation.path.join('/')}`;
}

async function inLane<T>(lanes: Map<string, Promise<unknown>>, key: string, work: () => Promise<T>): Promise<T> {
  const before = lanes.get(key);
  const mine = before ? before.then(work, work) : work();
  lanes.set(key, mine);
  try {
    return await mine;
  } finally {
    if (lanes.get(key) === mine) lanes.delete(key);
  }
}

interface Measuring {
  readonly root: OpenRoot;
  readonly walks: Map<string, Walk>;
  readonly clock: Clock;
}

/** One slice of the walk of this directory, which goes on from where the last one ended. */
async function measure(
  { root, walks, clock }: Measuring,
  path: DirectoryPath,
  budget: Budget,
): Promise<Usage | StorageProblem> {
  const key = path.join('/');
  const started = walks.get(key) ?? (await within(root, path, entering(root), begin));
  if (!(started instanceof Walk)) return started;
  walks.delete(key);
  let complete = false;
  try {
    complete = await started.advance(budget);
    if (!complete) walks.set(key, started);
  } finally {
    if (walks.get(key) !== started) await started.close();
  }
  const [oldest] = walks;
  if (oldest && walks.size > WALKS) {
    walks.delete(oldest[0]);
    await oldest[1].close();
  }
  return { kind: 'usage', usedBytes: started.usedBytes, inodes: started.inodes, at: clock.now(), complete };
}

const begin = async (fd: number): Promise<Walk> => Walk.start(await openDirectoryAgain(fd));

async function failureOf(root: Root, operation: Operation, cause: unknown): Promise<StorageProblem> {
  const path = 'path' in operation && operation.path ? operation.path.join('/') : '';
  const doing = verbs[operation.kind];
  const space =
    kindOfErrno(cause) === 'no-space' ? await root.use((opened) => opened.space()).catch(() => undefined) : undefined; // the first failure is what counts
  const attempt = { doing, path, as: process.geteuid?.() ?? 0, space: space?.kind === 'space' ? space : undefined };
  return problemOfErrno(cause, attempt) ?? problem('unexpected', `failed: ${String(cause)}`);
}

const verbs: Readonly<Record<Operation['kind'], string>> = {
  open: 'opening',
  probe: 'probing',
  ensure: 'creating',
  discard: 'removing',
  trash: 'moving',
  archive: 'moving',
  entries: 'reading the trash',
  restore: 'restoring',
  purge: 'purging',
  inspect: 'reading',
  usage: 'measuring',
  space: 'measuring',
  list: 'listing',
};

/** A server that did not answer may have done it, or do it yet. */
function asMaybe(operation: Operation, result: Result): Result {
  const uncertain = result.kind === 'problem' && result.problem === 'unavailable' && changes(operation);
  return uncertain ? { ...result, landed: 'maybe' } : result;
}
