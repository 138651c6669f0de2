/** What the export's own process does for each request: the dispatch, and the outcome of what failed. */
import type { Clock } from '../../telemetry/clock.ts';
import { Clone } from '../clone/clone.ts';
import type { CloneOperation } from '../clone/clones.ts';
import { cloneEntries, uidOf } from '../clone/staging.ts';
import { openDirectoryAgain, spaceOf } from '../directory/descriptor.ts';
import { ensure, entering, inspect, list, within } from '../directory/directory.ts';
import { kindOfErrno, problem, problemOfErrno } from '../directory/problem.ts';
import type { Budget } from '../directory/walk.ts';
import { createCommand } from '../quota/command.ts';
import { Limiter } from '../quota/limiter.ts';
import type { QuotaOperation } from '../quota/operation.ts';
import type { LimitResult } from '../quota/quota.ts';
import type { StorageProblem } from '../storage.ts';
import { discard } from '../trash/discard.ts';
import { purge } from '../trash/purge.ts';
import { archive, entries, inEntry, restore, trash } from '../trash/trash.ts';
import { createMeasure, type Tree } from '../usage/measure.ts';
import { openTop } from '../usage/open-top.ts';
import { createShelf } from '../usage/shelf.ts';
import { changes, type Operation, type Result } from './protocol.ts';
import { type OpenRoot, Root } from './root.ts';

export type Perform = (operation: Operation) => Promise<Result>;

/** A slice of a long walk ends after this time whatever its budget, far from the deadline of its request. */
const SLICE_MS = 1_500;

type Measured = Extract<Operation, { kind: 'usage' | 'weigh' }>;
type Mutation = Extract<Operation, { kind: 'ensure' | 'discard' | 'trash' | 'archive' | 'restore' | 'purge' }>;

type Cloning = Exclude<CloneOperation, { kind: 'clones' }>;
type Limit = Extract<QuotaOperation, { kind: 'quota-limit' }>;

/** Never rejects for anything that the filesystem says. `cpuMs`: processor time of this process so far; default: not known. */
export function createOperations(clock: Clock, cpuMs: () => number = () => 0): Perform {
  const root = new Root(clock);
  const lanes = new Map<string, Promise<unknown>>();
  const clone = new Clone(clock);
  const limiter = new Limiter({ clock, run: createCommand(clock) });
  let shelf = createShelf({ folder: '', name: '', clock });
  let measure = createMeasure({ clock, shelf, cpuMs, statfs: spaceOf });
  const budgetOf = (operations: number): Budget => {
    const end = clock.monotonic() + SLICE_MS;
    return { operations, expired: () => clock.monotonic() >= end };
  };

  const mutate = (opened: OpenRoot, operation: Mutation): Promise<Result> => {
    switch (operation.kind) {
      case 'ensure':
        return ensure(opened, operation);
      case 'discard':
        return discard(opened, operation.path, clock.now());
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
        if (operation.usageFolder !== undefined && !shelf.isFor(operation.usageFolder)) {
          shelf = createShelf({ folder: operation.usageFolder, name: operation.root, clock });
          measure = createMeasure({ clock, shelf, cpuMs, statfs: spaceOf });
        }
        return root.open(operation, operation.probe);
      case 'probe':
        return root.check();
      case 'entries':
        return root.use((opened) => entries(opened, operation.after));
      case 'clones':
        return root.use(cloneEntries);
      case 'clone':
      case 'unclone':
        return inLane(lanes, laneOf(operation), () =>
          root.change((opened) => cloneIn(clone, opened, operation, budgetOf(operation.maxOperations))),
        );
      case 'inspect':
        return root.use((opened) => inspect(opened, operation.path));
      case 'usage':
      case 'weigh':
        return inLane(lanes, laneOf(operation), () =>
          root.use((opened) => measure(treeOf(opened, operation), budgetOf(operation.maxOperations))),
        );
      case 'space':
        return root.use((opened) => opened.space());
      case 'quota-support':
        return root.use((opened) => limiter.support(opened));
      case 'quota-report':
        return root.use((opened) => limiter.report(opened));
      case 'quota-lift':
        return root.use((opened) => limiter.lift(opened, operation));
      case 'quota-limit':
        return inLane(lanes, laneOf(operation), () =>
          root.change((opened) => limitIn(limiter, opened, operation, budgetOf(operation.maxOperations))),
        );
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
function laneOf(operation: Mutation | Measured | Limit | Cloning): string {
  if (operation.kind === 'clone') return `clone ${operation.uid}`;
  if (operation.kind === 'unclone') return `clone ${uidOf(operation.name)}`;
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

const cloneIn = (clone: Clone, root: OpenRoot, operation: Cloning, budget: Budget): Promise<Result> =>
  operation.kind === 'clone'
    ? clone.advance(root, operation, { ...budget, bytes: operation.maxBytes })
    : clone.remove(root, operation.name, budget);

const limitIn = (limiter: Limiter, root: OpenRoot, operation: Limit, budget: Budget): Promise<LimitResult> =>
  within(root, operation.path, entering(root), (fd) => limiter.limit(root, fd, operation, budget));

function treeOf(root: OpenRoot, operation: Measured): Tree {
  if (operation.kind === 'usage') {
    const { path, freshMs } = operation;
    return { subject: path.join('/'), freshMs, root: root.fd, open: (calls) => openTop(root, path, calls) };
  }
  const { entry } = operation;
  const subject = `.larder/${entry}`; // no volume has such a path
  return { subject, freshMs: undefined, root: root.fd, open: () => inEntry(root, entry, openDirectoryAgain) };
}

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
  clone: 'copying into',
  clones: 'reading the copies',
  unclone: 'removing a copy',
  inspect: 'reading',
  usage: 'measuring',
  weigh: 'measuring',
  space: 'measuring',
  list: 'listing',
  'quota-support': 'asking for quotas of',
  'quota-limit': 'limiting',
  'quota-lift': 'unlimiting',
  'quota-report': 'reading quotas of',
};

/** A server that did not answer may have done it, or do it yet. */
function asMaybe(operation: Operation, result: Result): Result {
  const uncertain = result.kind === 'problem' && result.problem === 'unavailable' && changes(operation);
  return uncertain ? { ...result, landed: 'maybe' } : result;
}
