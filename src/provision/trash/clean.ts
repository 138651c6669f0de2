/** Making room on exports by removing what may go from trash and archives (`cleaning` says what may). */
import type { EventRecorder } from '../../kube/events.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Catalog } from '../catalog.ts';
import { ownerOf } from '../directory/owner.ts';
import { askEach, onceEach, type Unasked, unaskedOf, unavailable } from '../export/roots.ts';
import { type metrics as declared, events, ProvisionError } from '../registry.ts';
import type { Storage, StorageProblem, TrashEntry } from '../storage.ts';
import { addressOf } from '../volume.ts';
import {
  type Candidate,
  type CleaningInput,
  cleaningOf,
  type Early,
  type Judged,
  neededOf,
  type Room,
} from './cleaning.ts';

export interface CleanRequest {
  readonly early: Early;
  /** What shall be free; undefined: all that may go goes. */
  readonly room: Room | undefined;
}

export interface CleanPlan {
  readonly kind: 'plan';
  readonly export: string;
  readonly freeBytes: bigint;
  /** Undefined: no amount was named. */
  readonly neededBytes: bigint | undefined;
  /** What goes first, in its order; then what stays. */
  readonly judged: readonly Judged[];
}

/** Of the exports that answered, and which did not: nothing is known of what could go there. */
export interface CleanPlans {
  readonly plans: readonly CleanPlan[];
  readonly problems: readonly Unasked[];
}

export interface CleanStepRequest extends CleanRequest {
  /** Only these may go. */
  readonly entries: readonly string[];
  /** Only from these: another may have an archive of the same name, which no plan has shown. Undefined: from all. */
  readonly exports: readonly string[] | undefined;
}

/** `nothing`: there is nothing (more) that may go, or enough is free. */
export type CleanStep =
  | { readonly kind: 'removed'; readonly export: string; readonly entry: TrashEntry; readonly remaining: boolean }
  | { readonly kind: 'nothing' };

export interface Cleaner {
  /** Changes nothing. */
  plan(request: CleanRequest, signal: AbortSignal): Promise<CleanPlans>;
  /**
   * One portion of the removal of the first of these entries that may go now; asks anew each time what may. Throws
   * ProvisionError LARDER_CLEAN_REFUSED, and LARDER_EXPORT_UNAVAILABLE where the exports that answer have none of them.
   */
  step(request: CleanStepRequest, signal: AbortSignal): Promise<CleanStep>;
}

export interface CleanerOptions {
  readonly catalog: Catalog;
  readonly storages: readonly Storage[];
  readonly recorder: EventRecorder;
  readonly metrics: Metrics<typeof declared>;
  /** True when this process is, by a renewal just now, the only one that may remove anything. */
  readonly fence: () => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a plan weighs what it would remove, ms; what is left is of unknown size. */
const WEIGH_MS = 10_000;
const WEIGH_OPERATIONS = 2_000;
const PORTION = 2_000;
/** How long one step goes on with one entry, ms. */
const STEP_MS = 2_000;

export function createCleaner(options: CleanerOptions): Cleaner {
  return {
    async plan(request, signal) {
      const untilMs = options.clock.monotonic() + WEIGH_MS;
      const { answers, unasked } = await askEach(options.storages, (storage) =>
        planOf(options, storage, { request, untilMs }, signal),
      );
      return { plans: answers.map(({ answer }) => answer), problems: unasked };
    },
    async step(request, signal) {
      if (!(await options.fence())) {
        const message = 'nothing was removed: this process does not lead: ask the one that holds the lease';
        throw new ProvisionError('LARDER_CLEAN_REFUSED', message);
      }
      return stepOf(options, request, signal);
    },
  };
}

async function stepOf(options: CleanerOptions, request: CleanStepRequest, signal: AbortSignal): Promise<CleanStep> {
  const { early, entries, exports, room } = request;
  const unasked: Unasked[] = [];
  for (const storage of onceEach(options.storages)) {
    const address = addressOf(storage.description);
    if (exports?.includes(address) === false) continue;
    const survey = await surveyOf(options, storage, signal);
    if (survey.kind === 'problem') {
      unasked.push(unaskedOf(address, survey.detail));
      continue;
    }
    const { candidates, space } = survey;
    const named = candidates.filter(({ entry }) => entries.includes(entry.entry));
    const neededBytes = room && neededOf(space, room);
    const [first] = removable({ candidates: named, early, neededBytes, now: options.clock.now() });
    if (!first) continue;
    const result = await remove(options, storage, first, signal);
    if (result.kind !== 'stuck') return result;
    const message = `${first.candidate.entry.entry} was not removed: it ${result.detail}: mend that, or remove it by hand`;
    throw new ProvisionError('LARDER_CLEAN_REFUSED', message);
  }
  if (unasked.length > 0) throw unavailable(unasked);
  return { kind: 'nothing' };
}

const removable = (input: CleaningInput): readonly Judged[] =>
  cleaningOf(input).filter(({ verdict }) => verdict.kind === 'remove');

/**
 * One portion of what has to go by itself on an export with too little room; true when there was any. Of what follows
 * the first nothing is decided: only the export knows what each has freed.
 */
export async function relieve(
  options: Omit<CleanerOptions, 'storages'> & { readonly cleaning?: CleanRequest | undefined },
  storage: Storage,
  entries: readonly TrashEntry[],
  signal: AbortSignal,
): Promise<boolean> {
  const { cleaning, catalog, clock, fence, log } = options;
  const space = cleaning?.room ? await storage.space(signal) : undefined;
  if (!cleaning?.room || space?.kind !== 'space') return false; // an export that ails is looked at again when it is healthy
  const neededBytes = neededOf(space, cleaning.room);
  const candidates = entries.map((entry) => candidateOf(catalog, storage, entry));
  const some = removable({ candidates, early: cleaning.early, neededBytes, now: clock.now() });
  if (neededBytes === 0n || some.length === 0 || !(await fence())) return false;
  for (const each of some) {
    const result = await remove(options, storage, each, signal);
    if (result.kind === 'removed') return true;
    // One stubborn entry must not keep the others.
    log.warn({ entry: each.candidate.entry.entry, detail: result.detail }, 'entry not removed to make room');
  }
  return false;
}

async function surveyOf(options: CleanerOptions, storage: Storage, signal: AbortSignal) {
  const [listed, space] = [await storage.entries(signal), await storage.space(signal)];
  if (listed.kind === 'problem') return listed;
  if (space.kind === 'problem') return space;
  const candidates = listed.entries.map((entry) => candidateOf(options.catalog, storage, entry));
  return { kind: 'survey', space, candidates } as const;
}

const candidateOf = (catalog: Catalog, storage: Storage, entry: TrashEntry): Candidate => ({
  entry,
  owned: ownerOf(catalog, storage, entry) !== undefined,
  bytes: undefined,
});

async function planOf(
  options: CleanerOptions,
  storage: Storage,
  { request, untilMs }: { readonly request: CleanRequest; readonly untilMs: number },
  signal: AbortSignal,
): Promise<CleanPlan | StorageProblem> {
  const survey = await surveyOf(options, storage, signal);
  if (survey.kind === 'problem') return survey;
  const { candidates, space } = survey;
  const neededBytes = request.room && neededOf(space, request.room);
  const now = options.clock.now();
  const { early } = request;
  const weights = new Map<Candidate, bigint>();
  let found = 0n;
  for (const { candidate, verdict } of cleaningOf({ candidates, early, neededBytes, now })) {
    if (verdict.kind === 'keep' || (neededBytes !== undefined && found >= neededBytes)) break;
    const bytes = await weigh(options, storage, { candidate, untilMs }, signal);
    if (bytes === undefined) break;
    weights.set(candidate, bytes);
    found += bytes;
  }
  const weighed = candidates.map((candidate) => ({ ...candidate, bytes: weights.get(candidate) }));
  const judged = cleaningOf({ candidates: weighed, early, neededBytes, now });
  const address = addressOf(storage.description);
  return { kind: 'plan', export: address, freeBytes: space.freeBytes, neededBytes, judged };
}

async function weigh(
  { clock }: CleanerOptions,
  storage: Storage,
  { candidate, untilMs }: { readonly candidate: Candidate; readonly untilMs: number },
  signal: AbortSignal,
): Promise<bigint | undefined> {
  while (clock.monotonic() < untilMs) {
    const request = { entry: candidate.entry.entry, maxOperations: WEIGH_OPERATIONS };
    const usage = await storage.weigh(request, signal);
    if (usage.kind === 'problem') return undefined;
    if (usage.complete) return usage.usedBytes;
  }
  return undefined;
}

interface Stuck {
  readonly kind: 'stuck';
  /** Read after the entry's name. */
  readonly detail: string;
}

/** Goes on for a while, or until the entry is gone. The caller holds the fence. */
async function remove(
  options: Omit<CleanerOptions, 'storages'>,
  storage: Storage,
  { candidate, verdict }: Judged,
  signal: AbortSignal,
): Promise<(CleanStep & { kind: 'removed' }) | Stuck> {
  const { clock } = options;
  const { entry } = candidate;
  const untilMs = clock.monotonic() + STEP_MS;
  const address = addressOf(storage.description);
  for (;;) {
    const result = await storage.purge({ entry: entry.entry, maxOperations: PORTION }, signal);
    if (result.kind === 'problem') return { kind: 'stuck', detail: result.detail };
    if (!result.remaining) tell(options, address, entry, verdict.reason === 'early' ? 'early' : 'ended');
    if (!result.remaining || clock.monotonic() >= untilMs) {
      return { kind: 'removed', export: address, entry, remaining: result.remaining };
    }
  }
}

/** A line in the log, a count, and an event where the owner of the claim looks: the claim itself is long gone. */
function tell(
  { log, metrics, recorder }: Omit<CleanerOptions, 'storages'>,
  address: string,
  entry: TrashEntry,
  reason: 'ended' | 'early',
): void {
  const { kind, claim, volumeName } = entry;
  metrics.count('larder_trash_removed_total', { export: address, kind, reason });
  log.warn({ export: address, entry: entry.entry, kind, claim, volume: volumeName, reason }, 'removed to make room');
  const [namespace = '', name = ''] = claim.split('/');
  if (name === '') return;
  const subject = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace, name } };
  const since = new Date(entry.trashedAt).toISOString();
  const message = `${entry.entry} on ${address} was removed to make room, ${reason === 'early' ? 'before' : 'after'} its retention ended; it lay there since ${since}`;
  recorder.record(subject, events.VolumeCleaned.type, 'VolumeCleaned', message);
}
