/** One export as the provisioner sees it, worked on by a process of its own. This process never touches the mount. */
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { problem } from '../directory/problem.ts';
import { quotaOver } from '../quota/operation.ts';
import type { DirectoryPath, ExportDescription, Storage, StorageProblem, TrashEntry, Usage } from '../storage.ts';
import type { Operation, Result } from './protocol.ts';
import { type ChildFactory, spawnChild } from './spawn.ts';
import { Supervisor } from './supervisor.ts';

export interface ExportOptions {
  readonly description: ExportDescription;
  /** Accept a root that is not a mount: for a local disk. */
  readonly allowLocal: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default: a process that runs child.ts. */
  readonly childFactory?: ChildFactory;
  /** Pause between two probes while the export is down, growing; default 5 to 30 s. While it is up: `maxMs`. */
  readonly probe?: { readonly minMs: number; readonly maxMs: number };
  /** Where its process keeps what it remembers of measurements, on a disk of this machine; absent: in memory. */
  readonly usageFolder?: string;
  /** Requests that the process works on at a time; default 64. */
  readonly inFlight?: number;
}

const PROBE = { minMs: 5_000, maxMs: 30_000 } as const;
const IN_FLIGHT = 64;

export function createExport(options: ExportOptions): Storage {
  const { description, clock, random } = options;
  const log = options.log.child({ export: `${description.server || 'local'}:${description.path}` });
  const supervisor = new Supervisor({
    open: () => ({
      kind: 'open',
      root: description.root,
      allowLocal: options.allowLocal,
      probe: random.uuid(),
      ...(options.usageFolder === undefined ? {} : { usageFolder: options.usageFolder }),
    }),
    childFactory: options.childFactory ?? spawnChild(log),
    clock,
    random,
    log,
    probe: options.probe ?? PROBE,
    inFlight: options.inFlight ?? IN_FLIGHT,
  });
  const measured = new Measured();
  const ask = <const Kind extends Result['kind']>(
    operation: Operation,
    kinds: readonly Kind[],
    signal: AbortSignal | undefined,
  ): Promise<Extract<Result, { kind: Kind }> | StorageProblem> =>
    supervisor.request(operation, signal).then((result) => expected(result, kinds));

  return {
    description,
    health: () => supervisor.health(),
    onHealthy: (listener) => supervisor.onHealthy(listener),
    run: (signal) => supervisor.run(signal),
    ensure: (request, signal) => ask({ kind: 'ensure', ...request }, ['created', 'existed'], signal),
    discard: (path, signal) => ask({ kind: 'discard', path }, ['discarded'], signal),
    trash: (request, signal) => {
      measured.forget(request.path);
      return ask({ kind: 'trash', ...request }, ['moved'], signal);
    },
    archive: (request, signal) => {
      measured.forget(request.path);
      return ask({ kind: 'archive', ...request }, ['moved'], signal);
    },
    entries: async (signal) => {
      const all: TrashEntry[] = [];
      for (let after = ''; ; ) {
        const page = await ask({ kind: 'entries', after }, ['entries'], signal);
        if (page.kind === 'problem') return page;
        all.push(...page.entries);
        after = page.next;
        if (after === '') return { kind: 'entries', entries: all.sort((a, b) => a.trashedAt - b.trashedAt) };
      }
    },
    restore: (request, signal) => ask({ kind: 'restore', ...request }, ['restored'], signal),
    purge: (request, signal) => ask({ kind: 'purge', ...request }, ['purged'], signal),
    clones: {
      advance: (request, signal) => ask({ kind: 'clone', ...request }, ['cloning', 'cloned'], signal),
      list: (signal) => ask({ kind: 'clones' }, ['clones'], signal),
      remove: (request, signal) => ask({ kind: 'unclone', ...request }, ['removed'], signal),
    },
    inspect: (path, signal) => ask({ kind: 'inspect', path }, ['directory'], signal),
    usage: async (request, signal) => {
      const result = await ask({ kind: 'usage', freshMs: 0, ...request }, ['usage'], signal);
      return result.kind === 'usage' ? measured.latest(request.path, result) : result;
    },
    weigh: (request, signal) => ask({ kind: 'weigh', ...request }, ['usage'], signal),
    space: (signal) => ask({ kind: 'space' }, ['space'], signal),
    quota: quotaOver(ask),
    list: (path, signal) => ask({ kind: 'list', path }, ['list'], signal),
  };
}

function expected<Kind extends Result['kind']>(
  result: Result,
  kinds: readonly Kind[],
): Extract<Result, { kind: Kind }> | StorageProblem {
  if (result.kind === 'problem' || isOneOf(result, kinds)) return result;
  return problem('unexpected', `failed: the process of the export answered ${result.kind}, not ${kinds.join(' or ')}`);
}

const isOneOf = <Kind extends Result['kind']>(
  result: Result,
  kinds: readonly Kind[],
): result is Extract<Result, { kind: Kind }> => kinds.some((kind) => kind === result.kind);

/** Invariant: holds complete measurements only, at most REMEMBERED of them, the first that were made leave first. */
class Measured {
  readonly #complete = new Map<string, Usage>();

  /** The measurement to give out: an incomplete one would look as if the directory had shrunk. */
  latest(path: DirectoryPath, usage: Usage): Usage {
    const key = path.join('/');
    const before = this.#complete.get(key);
    const { operations, cpuMs } = usage;
    if (!usage.complete) return before ? { ...before, complete: false, operations, cpuMs } : usage;
    this.#complete.set(key, usage);
    const [oldest] = this.#complete.keys();
    if (oldest !== undefined && this.#complete.size > REMEMBERED) this.#complete.delete(oldest);
    return usage;
  }

  forget(path: DirectoryPath): void {
    this.#complete.delete(path.join('/'));
  }
}

const REMEMBERED = 200_000;
